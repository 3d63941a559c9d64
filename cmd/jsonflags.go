package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect/transcode"
)

// jsonFlags say how a message looks as JSON.
type jsonFlags struct {
	unknown string
	int64s  string
	bytes   string
	names   string
	enums   string

	defaults, sort, lossless bool
}

func (j *jsonFlags) add(c *cobra.Command) {
	*j = jsonFlags{unknown: "keep", int64s: "string", bytes: "base64", names: "json", enums: "name"}
	addEnum(c, &j.unknown, "unknown", []string{"keep", "drop", "error"}, "fields that the schema does not know")
	addEnum(c, &j.int64s, "int64", []string{"string", "number"}, "64-bit integers in JSON")
	addEnum(c, &j.bytes, "bytes", []string{"base64", "hex"}, "bytes in JSON")
	addEnum(c, &j.names, "names", []string{"json", "proto"}, "field names in JSON")
	addEnum(c, &j.enums, "enums", []string{"name", "number"}, "enum values in JSON")
	f := c.Flags()
	f.BoolVar(&j.defaults, "defaults", false, "print absent fields without presence, lists and maps too")
	f.BoolVar(&j.sort, "sort", false, "order keys as the schema does, not as the wire does")
	f.BoolVar(&j.lossless, "lossless", false, "keep the bytes of every message that encode would write differently (@wire)")
}

func (j *jsonFlags) transcode(maxDepth int) (transcode.Options, error) {
	o := transcode.Options{
		Int64Numbers: j.int64s == "number",
		BytesHex:     j.bytes == "hex",
		ProtoNames:   j.names == "proto",
		EnumNumbers:  j.enums == "number",
		Defaults:     j.defaults,
		Sort:         j.sort,
		Lossless:     j.lossless,
		MaxDepth:     maxDepth,
	}
	switch j.unknown {
	case "drop":
		o.Unknown = transcode.DropUnknown
	case "error":
		o.Unknown = transcode.RefuseUnknown
	}
	if j.lossless && j.unknown == "drop" {
		return o, usagef("--lossless and --unknown drop exclude each other", "")
	}
	return o, nil
}

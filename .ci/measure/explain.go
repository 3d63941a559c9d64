package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
)

// explainFile runs the explaining engine over a file and prints nothing, so
// that what the engine takes can be told from what printing its tree takes.
// The arguments are a descriptor set, a type, raw or delimited, and the file.
func explainFile(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("-explain has %d arguments, want SET TYPE FORM FILE", len(args))
	}
	schema, err := descriptors.Open(descriptors.Sources{DescriptorSets: args[:1], Types: args[1:2]})
	if err != nil {
		return err
	}
	d, err := schema.Message(args[1])
	if err != nil {
		return err
	}
	m := plan.NewSet(schema).Message(d)
	data, err := os.ReadFile(args[3])
	if err != nil {
		return err
	}
	explain := func(payload []byte) { message.Explain(m, payload, message.Options{}) }
	if args[2] == "raw" {
		explain(data)
		return nil
	}
	return payloads(bytes.NewReader(data), explain)
}

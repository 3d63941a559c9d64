package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// encodeOptions is what the flags of encode say.
type encodeOptions struct {
	schema schemaFlags
	input  inputFlags
	report reportFlags
	from   string
	to     string
	bytes  string
	output string

	direction     string
	nullText      bool
	envelope      bool
	bare          bool
	ignoreUnknown bool
	limit, skip   int64
}

func newEncode(a *app) *cobra.Command {
	o := &encodeOptions{from: "json", to: "raw", bytes: "base64"}
	c := &cobra.Command{
		Use:     "encode [FILE…]",
		GroupID: "bytes",
		Short:   "Turn JSON or text format into bytes in any framing",
		Long: `encode is the inverse of decode: it reads JSON (one document a line, indented,
or several one after another) or text format and writes each message's bytes
in the form that --to names. It takes back all that decode prints, the keys
that begin with @ and error records too.

Envelopes are read with --envelope, and when the form that is written carries
metadata. A document that cannot be read is reported and skipped; the exit code
is then 1.`,
		Example: `  echo '{"symbol":"TSLA","price":254.5}' | pbscope encode -p trades.proto -t trades.v1.Trade > trade.bin
  pbscope encode --to delimited -I protos -t trades.v1.Trade trades.jsonl > trades.pb
  pbscope decode --from kafka-segment … | jq -c 'select(.kafka.offset > 5)' | pbscope encode --to kafka-segment …
  pbscope encode --from text --to hex -p trades.proto -t trades.v1.Trade trade.txtpb`,
		RunE: func(c *cobra.Command, args []string) error { return runEncode(c.Context(), a, o, args) },
	}
	o.schema.add(c)
	addEnum(c, &o.from, "from", []string{"json", "text"}, "form of the input")
	addEnum(c, &o.to, "to", writableForms(), "form of the output")
	addEnum(c, &o.bytes, "bytes", []string{"base64", "hex"}, "bytes fields in the JSON")
	addEnum(c, &o.direction, "direction", []string{"client", "server"}, "sender of a TWS stream")
	f := c.Flags()
	f.BoolVar(&o.nullText, "null-text", false, "kcat-r: write NULL after the length of null and empty values (kcat -Z)")
	f.BoolVar(&o.envelope, "envelope", false, "each document is an envelope as decode prints it")
	f.BoolVar(&o.bare, "bare", false, "each document is a message, also for forms with metadata")
	f.BoolVar(&o.ignoreUnknown, "ignore-unknown-keys", false, "pass over keys that are no fields")
	f.Var(&countFlag{&o.skip, 0}, "skip", "leave out the first `N` messages")
	f.Var(&countFlag{&o.limit, 0}, "limit", "stop after `N` messages (0: no limit)")
	o.input.addLimits(c)
	addOutputFlags(c, &o.output, nil)
	o.report.add(c)
	return c
}

func runEncode(ctx context.Context, a *app, o *encodeOptions, args []string) error {
	form, _ := inspect.FormNamed(o.to)
	work, err := o.work(a, form)
	if err != nil {
		return err
	}
	if err := a.refuseTerminal(form, o.output); err != nil {
		return err
	}
	report := &reporter{app: a, flags: &o.report}
	out, err := a.openOutput(o.output)
	if err != nil {
		return err
	}
	options := &frame.Options{MaxSize: o.input.maxSize, Direction: o.direction, NullText: o.nullText, Note: a.tell}
	s := &sink{out: out, framing: form.Write(options)}
	pipeline := &inspect.Pipeline{
		Sources:   o.input.sources(a, args),
		Reader:    o.reader(options),
		NewWorker: func() inspect.Worker { return inspect.NewEncoder(*work) },
		Sink:      s,
		Report:    report,
		Skip:      o.skip,
		Limit:     o.limit,
		Strict:    o.report.strict,
	}
	return runPipeline(ctx, pipeline, s, report)
}

// work settles how documents are read.
func (o *encodeOptions) work(a *app, form frame.Form) (*inspect.EncodeOptions, error) {
	if o.envelope && o.bare {
		return nil, usagef("--envelope and --bare exclude each other", "")
	}
	work := &inspect.EncodeOptions{
		FromText: o.from == "text",
		Envelope: (o.envelope || form.Meta) && !o.bare,
		Options: transcode.EncodeOptions{
			BytesHex:          o.bytes == "hex",
			IgnoreUnknownKeys: o.ignoreUnknown,
			MaxDepth:          o.input.maxDepth,
		},
		Text: transcode.TextOptions{MaxDepth: o.input.maxDepth},
	}
	schema, err := o.schema.open(a)
	if err != nil || schema == nil {
		return work, err
	}
	work.Set = plan.NewSet(schema)
	work.Type, err = o.schema.message(schema, work.Set)
	if err != nil && o.schema.typeName == "" && work.Envelope {
		// Envelopes name their type.
		err = nil
	}
	return work, err
}

func (o *encodeOptions) reader(options *frame.Options) func(*frame.Input, *inspect.Source) (frame.Reader, error) {
	return func(in *frame.Input, _ *inspect.Source) (frame.Reader, error) {
		if o.from == "text" {
			return frame.NewTextDocs(in, options), nil
		}
		return frame.NewJSONDocs(in, options), nil
	}
}

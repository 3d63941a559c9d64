package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/render"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// inspectOptions is what the flags of inspect say; it shares those that
// decode has too.
type inspectOptions struct {
	decodeOptions
	unknown       string
	full, decimal bool
}

func newInspect(a *app) *cobra.Command {
	o := new(inspectOptions)
	c := &cobra.Command{
		Use:     "inspect [FILE…]",
		GroupID: "bytes",
		Short:   "Explain every byte of messages, with or without a schema",
		Long: `inspect prints each message as a tree that covers all its bytes: the offset in
the input, the bytes (tag and length before the bar), the field, its wire type,
its value and its type. What the schema does not know and what is broken stands
in its place, with what is wrong under it.

Without a schema, length-delimited fields have several readings: message,
string, bytes, packed numbers. The likeliest one is shown first with its score,
the others under it; none is certain. Varints and fixed numbers show what they
would be as other types.

An input without a sure sign of its form is taken as one raw message.`,
		Example: `  pbscope inspect -p trades.proto -t trades.v1.Trade trade.bin
  pbscope inspect --from delimited --skip 2 --limit 1 unknown.pb
  pbscope inspect --from hex <<< '08 96 01 12 02 68 69'
  pbscope inspect --to json trade.bin | jq '.nodes[] | {field, offset, length}'`,
		RunE: func(c *cobra.Command, args []string) error { return runInspect(c.Context(), a, o, args) },
	}
	o.schema.add(c)
	o.routes.add(c, &o.schema)
	o.input.add(c, readableForms(), "auto")
	o.to = "text"
	addEnum(c, &o.to, "to", []string{"text", "json"}, "form of the output")
	f := c.Flags()
	addEnum(c, &o.unknown, "unknown", []string{"keep", "error"}, "fields that the type does not know")
	f.BoolVar(&o.full, "full", false, "text: show all bytes and whole values, however long")
	f.BoolVar(&o.decimal, "decimal", false, "text: offsets in decimal")
	f.IntVar(&o.indent, "indent", -1, "json: indent by `N` spaces; 0 is one line a message (default: 2 on a terminal)")
	f.BoolVar(&o.envelope, "envelope", false, "print what the form carries beside each message")
	f.BoolVar(&o.bare, "bare", false, "leave that out")
	f.Var(&countFlag{&o.skip, 0}, "skip", "leave out the first `N` records of the output")
	f.Var(&countFlag{&o.limit, 0}, "limit", "stop after `N` records of the output (0: no limit)")
	addOutputFlags(c, &o.output, &o.color)
	o.report.add(c)
	return c
}

func runInspect(ctx context.Context, a *app, o *inspectOptions, args []string) error {
	j, err := newDecodeJob(a, &o.decodeOptions, args)
	if err != nil {
		return err
	}
	return (&inspectJob{*j}).run(ctx, o)
}

// inspectJob is one run of inspect.
type inspectJob struct{ decodeJob }

func (j *inspectJob) run(ctx context.Context, o *inspectOptions) error {
	report := &reporter{app: j.app, flags: &o.report}
	work := &inspect.ExplainOptions{
		Decode: inspect.DecodeOptions{Set: j.set, Type: j.typ, Envelope: o.envelope},
		JSON:   o.to == "json",
		Tree: render.TreeOptions{
			Color:   o.output == "" && j.color(o.color, j.stdout),
			Decimal: o.decimal,
			Full:    o.full,
		},
	}
	work.Decode.Options.MaxDepth = o.input.maxDepth
	if o.unknown == "error" {
		work.Decode.Options.Unknown = transcode.RefuseUnknown
	}
	if work.JSON {
		work.Decode.Finish = j.finish()
	}
	out, err := j.openOutput(o.output)
	if err != nil {
		return err
	}
	s := &sink{out: out}
	if !work.JSON {
		s.separator = "\n"
	}
	pipeline := &inspect.Pipeline{
		Sources:   j.sources,
		Reader:    j.reader(report),
		NewWorker: func() inspect.Worker { return inspect.NewExplainer(*work) },
		Sink:      suggestSink{s, j.suggest},
		Report:    report,
		Skip:      o.skip,
		Limit:     o.limit,
		Strict:    o.report.strict,
	}
	err = runPipeline(ctx, pipeline, s, report)
	j.suggest.afterwards(err)
	return err
}

// reader is that of decode, but for an input whose form cannot be told: people
// inspect what is damaged or unknown, and one raw message is the reading that
// shows all of it.
func (j *inspectJob) reader(report *reporter) func(*frame.Input, *inspect.Source) (frame.Reader, error) {
	read := j.decodeJob.reader(report)
	return func(in *frame.Input, s *inspect.Source) (frame.Reader, error) {
		r, err := read(in, s)
		var ambiguous *inspect.AmbiguousError
		if !errors.As(err, &ambiguous) || len(ambiguous.Candidates) > 0 {
			return r, err
		}
		raw, _ := inspect.FormNamed("raw")
		j.tell(inspect.DetectNote(s.Name, raw))
		return raw.Read(in, j.o.input.frameOptions(j.app, report)), nil
	}
}

package cmd

import (
	"context"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/sample"
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

type schemaSampleOptions struct {
	schema schemaFlags
	decode decodeOptions
	report reportFlags
	oneof  string
	random bool
	seed   uint64
	count  int64
	depth  int64
	holds  []string
}

func newSchemaSample(a *app) *cobra.Command {
	o := &schemaSampleOptions{oneof: "first", count: 1, depth: sample.DefaultDepth}
	c := &cobra.Command{
		Use:   "sample [TYPE]",
		Short: "Make example and random messages of a type",
		Long: `sample prints an example message of a type in which every field is set: lists and
maps have one element, oneofs their first member (--oneof all: one message after
another until each member has been shown), and a type within itself is left
empty. Only an enum field that cannot be anything but 0 stays out.

--random makes test data: fields absent and present, numbers of all sizes and at
the edges of their ranges, text in many scripts. The same seed gives the same
messages.

Every sample encodes: what is printed is what decode prints for its bytes, which
--to writes in any form. TYPE is a full name, of a message or of a method, whose
request is meant; it may be left out where the schema declares one message.`,
		Example: `  pbscope schema sample -I protos trades.v1.Trade
  pbscope schema sample -I protos trades.v1.Trade --oneof all
  pbscope schema sample -I protos trades.v1.Trade --random --seed 7 --count 1000 --to delimited -o trades.pb
  pbscope schema sample -I protos user.v1.UserService.GetUser`,
		Args:              arguments(cobra.MaximumNArgs(1)),
		RunE:              func(c *cobra.Command, args []string) error { return runSchemaSample(c.Context(), a, o, args) },
		ValidArgsFunction: o.schema.completeName("message", "method"),
	}
	o.schema.add(c)
	addEnum(c, &o.oneof, "oneof", []string{"first", "all"}, "which members of oneofs examples show")
	f := c.Flags()
	f.BoolVar(&o.random, "random", false, "make random messages")
	f.Uint64Var(&o.seed, "seed", 0, "random messages of series `N`")
	f.Var(&countFlag{&o.count, 0}, "count", "make `N` random messages (0: without end)")
	f.Var(&countFlag{&o.depth, 1}, "depth", "set fields down to `N` levels of messages")
	f.StringArrayVar(&o.holds, "any", nil, "`TYPE` that an Any holds (repeatable; default types of google.protobuf)")
	_ = c.RegisterFlagCompletionFunc("any", o.schema.completeType)
	o.decode.addSampleOutput(c)
	return c
}

// addSampleOutput adds those flags of decode that say how messages look.
func (o *decodeOptions) addSampleOutput(c *cobra.Command) {
	addEnum(c, &o.to, "to", append([]string{"json", "jsonl", "text"}, writableForms()...), `form of the output (default "json")`)
	o.json = jsonFlags{unknown: "keep", int64s: "string", bytes: "base64", names: "json", enums: "name"}
	addEnum(c, &o.json.int64s, "int64", []string{"string", "number"}, "64-bit integers in JSON")
	addEnum(c, &o.json.bytes, "bytes", []string{"base64", "hex"}, "bytes in JSON")
	addEnum(c, &o.json.names, "names", []string{"json", "proto"}, "field names in JSON")
	addEnum(c, &o.json.enums, "enums", []string{"name", "number"}, "enum values in JSON")
	f := c.Flags()
	f.BoolVar(&o.json.sort, "sort", false, "order keys as the schema does, not by field number")
	f.IntVar(&o.indent, "indent", -1, "indent JSON by `N` spaces; 0 is one line a message (default 2 on a terminal, else 0)")
	f.Lookup("indent").DefValue = "0"
	addOutputFlags(c, &o.output, &o.color)
	o.input.maxDepth = transcode.DefaultMaxDepth
}

func runSchemaSample(ctx context.Context, a *app, o *schemaSampleOptions, args []string) error {
	if len(args) > 0 {
		if o.schema.typeName != "" && o.schema.typeName != args[0] {
			return usagef("two types are given: "+args[0]+", and "+o.schema.typeName+" with -t", "give one of them")
		}
		o.schema.typeName = args[0]
	}
	schema, err := o.schema.openAll(a, o.schema.typeName == "", false)
	if err != nil {
		return err
	}
	set := plan.NewSet(schema)
	m, err := o.message(schema, set)
	if err != nil {
		return err
	}
	r, err := o.reader(schema, m)
	if err != nil {
		return err
	}
	return o.write(ctx, a, set, m, r)
}

// message is the plan of the wanted type; of a method its request's.
func (o *schemaSampleOptions) message(schema *descriptors.Schema, set *plan.Set) (*plan.Message, error) {
	if name := o.schema.typeName; name != "" {
		d, err := schema.Descriptor(name)
		if err != nil {
			return nil, err
		}
		if method, ok := d.(protoreflect.MethodDescriptor); ok {
			return set.Message(method.Input()), nil
		}
	}
	return o.schema.message(schema, set)
}

// reader makes the samples, one a frame.
func (o *schemaSampleOptions) reader(schema *descriptors.Schema, m *plan.Message) (*sampleReader, error) {
	options := sample.Options{Depth: int(min(o.depth, math.MaxInt32)), Extensions: schema.ExtensionNumbers}
	for _, name := range o.holds {
		d, err := schema.Message(name)
		if err != nil {
			return nil, err
		}
		options.Any = append(options.Any, d.FullName())
	}
	if err := sample.Possible(m); err != nil {
		return nil, usagef(err.Error(), "a required field on the way must become optional")
	}
	r := new(sampleReader)
	if o.random {
		index := uint64(0)
		r.next = func() ([]byte, bool, error) {
			raw, err := sample.Random(nil, m, sample.Source(o.seed, index), options)
			index++
			return raw, o.count == 0 || index < uint64(o.count), err
		}
		return r, nil
	}
	examples := sample.NewExamples(m, options)
	r.next = func() ([]byte, bool, error) {
		raw, more, err := examples.Next(nil)
		return raw, more && o.oneof == "all", err
	}
	return r, nil
}

// sampleReader is a frame.Reader that makes what it reads.
type sampleReader struct {
	next func() (raw []byte, more bool, err error)
	done bool
}

// Next implements frame.Reader.
func (r *sampleReader) Next(f *frame.Frame) error {
	if r.done {
		return io.EOF
	}
	raw, more, err := r.next()
	f.Payload, r.done = raw, !more
	return err
}

// write decodes the samples, as decode does with what it reads.
func (o *schemaSampleOptions) write(ctx context.Context, a *app, set *plan.Set, m *plan.Message, r *sampleReader) error {
	j := &decodeJob{app: a, o: &o.decode, set: set, typ: m}
	work, separator, framing, err := j.outputForm()
	if err != nil {
		return err
	}
	out, err := a.openOutput(o.decode.output)
	if err != nil {
		return err
	}
	s := &sink{out: out, separator: separator}
	if framing != nil {
		s.framing = framing(&frame.Options{Note: a.tell})
	}
	o.report.showErrors = 20
	report := &reporter{app: a, flags: &o.report}
	return runPipeline(ctx, &inspect.Pipeline{
		Sources:   []inspect.Source{{Name: "the sample", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }}},
		Reader:    func(*frame.Input, *inspect.Source) (frame.Reader, error) { return r, nil },
		NewWorker: func() inspect.Worker { return inspect.NewDecoder(*work) },
		Sink:      s,
		Report:    report,
	}, s, report)
}

package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/render"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// decodeOptions is what the flags of decode say.
type decodeOptions struct {
	schema schemaFlags
	routes routeFlags
	input  inputFlags
	json   jsonFlags
	report reportFlags
	to     string
	indent int
	color  string
	output string

	envelope, bare bool
	verify         bool
	skip, limit    int64
}

func newDecode(a *app) *cobra.Command {
	o := new(decodeOptions)
	c := &cobra.Command{
		Use:     "decode [FILE…]",
		GroupID: "bytes",
		Short:   "Turn bytes in any framing into JSON",
		Long: `decode reads messages from files, or from standard input, and prints each as
JSON: one line a message, or indented and coloured on a terminal. What the
schema cannot express is kept under keys that begin with @, so that encode
gives the same bytes back (see ` + "`pbscope help json`" + `).

A message that does not decode becomes an error record in its place; the rest
goes on, and the exit code is 1. Plain framings print the bare message, forms
with metadata (Kafka, TWS) an envelope around it.

With --verify each message is read a second time by the engine of inspect, and
what both say of it is compared byte for byte; with --lossless the JSON is
encoded too and must give the same bytes. A difference is an engines-differ
error in the record's place.`,
		Example: `  pbscope decode -p trades.proto -t trades.v1.Trade trade.bin
  pbscope decode --from delimited -I protos -t trades.v1.MessageWrapper trades.pb | jq -c .trade
  kcat -C -b broker -t trades -J | pbscope decode --from kcat-json -d schema.binpb -t trades.v1.Trade
  pbscope decode --from kafka-segment -I protos -t trades.v1.Trade trades-0/*.log
  pbscope decode --from hex <<< '08 96 01'`,
		RunE: func(c *cobra.Command, args []string) error { return runDecode(c.Context(), a, o, args) },
	}
	o.schema.add(c)
	o.routes.add(c, &o.schema)
	o.input.add(c, readableForms(), "auto")
	addEnum(c, &o.to, "to", append([]string{"json", "jsonl", "text"}, writableForms()...), `form of the output (default "json")`)
	o.json.add(c)
	f := c.Flags()
	addIndent(c, &o.indent)
	f.BoolVar(&o.envelope, "envelope", false, "print each message in an envelope with its metadata")
	f.BoolVar(&o.bare, "bare", false, "print the bare message, without metadata")
	f.BoolVar(&o.verify, "verify", false, "read every message with both engines, and fail where they differ: slower, and proof")
	f.Var(&countFlag{&o.skip, 0}, "skip", "leave out the first `N` records of the output")
	f.Var(&countFlag{&o.limit, 0}, "limit", "stop after `N` records of the output (0: no limit)")
	addOutputFlags(c, &o.output, &o.color)
	o.report.add(c)
	return c
}

// addIndent adds --indent.
func addIndent(c *cobra.Command, indent *int) {
	c.Flags().IntVar(indent, "indent", -1, "indent JSON by `N` spaces; 0 is one line a message (default 2 on a terminal, else 0)")
	c.Flags().Lookup("indent").DefValue = "0"
}

// addOutputFlags adds -o and --color.
func addOutputFlags(c *cobra.Command, path, color *string) {
	c.Flags().StringVarP(path, "output", "o", "", "write to `FILE`, whole or not at all")
	if color != nil {
		*color = "auto"
		addEnum(c, color, "color", colorModes, "colour the output")
	}
}

func runDecode(ctx context.Context, a *app, o *decodeOptions, args []string) error {
	j, err := newDecodeJob(a, o, args)
	if err != nil {
		return err
	}
	return j.run(ctx)
}

// newDecodeJob checks the flags and loads the schema.
func newDecodeJob(a *app, o *decodeOptions, args []string) (*decodeJob, error) {
	if o.envelope && o.bare {
		return nil, usagef("--envelope and --bare exclude each other", "")
	}
	if err := o.input.tws.load(); err != nil {
		return nil, err
	}
	j := &decodeJob{app: a, o: o, sources: o.input.sources(a, args)}
	var err error
	if j.routes, err = o.routes.routes(&o.schema); err != nil {
		return nil, err
	}
	schema, err := o.schema.open(a)
	if err == nil && schema == nil && j.routes.any() {
		schema, err = o.schema.openAll(a, false, false)
	}
	if err != nil || schema == nil {
		return j, err
	}
	j.set = plan.NewSet(schema)
	if err := j.routes.use(schema); err != nil {
		return nil, err
	}
	if j.routes.any() && o.schema.typeName == "" {
		j.typeError = usagef("no type is given for these messages", "-t NAME, --topic-type PATTERN=NAME, or types in "+config.FileName)
		return j, nil
	}
	j.typ, j.typeError = o.schema.message(schema, j.set)
	if o.schema.typeName != "" && j.typeError != nil {
		return nil, j.typeError
	}
	return j, nil
}

// decodeJob is one run of decode.
type decodeJob struct {
	*app
	o       *decodeOptions
	sources []inspect.Source
	set     *plan.Set
	typ     *plan.Message
	routes  *routes
	// typeError says why there is no type although there is a schema. Forms
	// whose frames name their type can do without.
	typeError error
	suggest   *suggester
}

func (j *decodeJob) run(ctx context.Context) error {
	report := &reporter{app: j.app, flags: &j.o.report}
	work, separator, framing, err := j.outputForm()
	if err != nil {
		return err
	}
	out, err := j.openOutput(j.o.output)
	if err != nil {
		return err
	}
	s := &sink{out: out, separator: separator}
	if framing != nil {
		s.framing = framing(&frame.Options{Direction: j.o.input.direction, Note: j.tell})
	}
	pipeline := &inspect.Pipeline{
		Sources:   j.sources,
		Reader:    j.reader(report),
		NewWorker: func() inspect.Worker { return inspect.NewDecoder(*work) },
		Sink:      suggestSink{s, j.suggest},
		Report:    report,
		Skip:      j.o.skip,
		Limit:     j.o.limit,
		Strict:    j.o.report.strict,
	}
	err = runPipeline(ctx, pipeline, s, report)
	j.suggest.afterwards(err)
	return err
}

// runPipeline runs p to its end and finishes the output, of a run that was cut
// short too: a record that counts as written is in it. A file of -o appears
// unless the run was cut short.
func runPipeline(ctx context.Context, p *inspect.Pipeline, s *sink, report *reporter) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	counts, err := p.Run(ctx)
	if finishErr := s.finish(); err == nil {
		err = finishErr
	}
	if closeErr := s.out.close(err == nil); err == nil {
		err = closeErr
	}
	ended := report.end(counts)
	if err != nil {
		return err
	}
	return ended
}

// outputForm settles what the workers print and what stands between records.
func (j *decodeJob) outputForm() (work *inspect.DecodeOptions, separator string, framing func(*frame.Options) frame.Writer, err error) {
	work = &inspect.DecodeOptions{Set: j.set, Type: j.typ, Envelope: j.o.envelope, Verify: j.o.verify}
	work.Options, err = j.o.json.transcode(j.o.input.maxDepth)
	if err != nil {
		return nil, "", nil, err
	}
	work.Text = transcode.TextOptions{MaxDepth: j.o.input.maxDepth, Unknown: work.Options.Unknown}
	switch j.o.to {
	case "", "json", "jsonl":
		work.Finish = j.finish()
	case "text":
		work.Output, separator = inspect.OutputText, textSeparator
	default:
		form, _ := inspect.FormNamed(j.o.to)
		if err := j.refuseTerminal(form, j.o.output); err != nil {
			return nil, "", nil, err
		}
		work.Output, framing = inspect.OutputFrames, form.Write
	}
	return work, separator, framing, nil
}

// textSeparator stands between messages in text format, a comment to every
// other reader; encode --from text splits at it.
const textSeparator = frame.TextSeparator + "\n"

// finish is how a record's JSON is laid out; nil for one plain line.
func (j *decodeJob) finish() func(dst, compact []byte) []byte {
	style := render.JSONStyle{Indent: max(j.o.indent, 0)}
	terminal := j.o.output == "" && isTerminal(j.stdout)
	if j.o.indent < 0 && terminal && j.o.to != "jsonl" {
		style.Indent = 2
	}
	if j.o.to == "jsonl" {
		style.Indent = 0
	}
	style.Color = j.o.output == "" && j.color(j.o.color, j.stdout)
	if style.Indent == 0 && !style.Color {
		return nil
	}
	return func(dst, compact []byte) []byte { return render.AppendIndented(dst, compact, style) }
}

// reader takes an opened source apart; in auto it finds the form first.
func (j *decodeJob) reader(report *reporter) func(*frame.Input, *inspect.Source) (frame.Reader, error) {
	j.suggest = newSuggester(j)
	return func(in *frame.Input, s *inspect.Source) (frame.Reader, error) {
		file, err := j.routes.ofFile(s.Name)
		if err != nil {
			return nil, err
		}
		typ := j.typ
		if file != "" {
			typ = j.set.Named(file)
		}
		form, found := inspect.FormNamed(j.o.input.from)
		if !found {
			if form, err = inspect.Detect(in, typ); err != nil {
				var ambiguous *inspect.AmbiguousError
				if errors.As(err, &ambiguous) && ambiguous.Untyped && j.typeError != nil {
					return nil, j.suggest.beforehand(j.typeError, in, form)
				}
				return nil, err
			}
			j.tell(inspect.DetectNote(s.Name, form))
		}
		if j.typeError != nil && !form.Typed && file == "" && !j.routes.fit(form) {
			return nil, j.suggest.beforehand(j.typeError, in, form)
		}
		s.Envelope, s.Form = form.Meta && !j.o.bare, form.Name
		r := j.routes.read(j.o.input.read(form, in, s, j.app, report), file, j.tell)
		if j.set != nil && form.Meta {
			r = inspect.Candidates(r, j.set, j.typ, j.suggest.table)
		}
		return r, nil
	}
}

package cmd

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/identify"
)

type schemaIdentifyOptions struct {
	schema   schemaFlags
	input    inputFlags
	samples  int64
	limit    int64
	packages []string
	patterns []string
	asJSON   bool
}

func newSchemaIdentify(a *app) *cobra.Command {
	o := &schemaIdentifyOptions{samples: 100, limit: 10}
	c := &cobra.Command{
		Use:   "identify [FILE…]",
		Short: "Tell which types of a schema fit given bytes",
		Long: `identify reads messages in any form and lists the types of the schema that fit
them, best first: those of the files that are named and of what they import, of
descriptor sets, or of all files under the import paths. Sources are read without
compiling them.

The score is 0 to 1: of what a type made for these bytes would explain about
them, the share that this one does. Against a type speak fields that it does not
know, bytes that do not decode, numbers out of the range of a kind or an enum,
text that is none, values that no serializer writes, and fields that never are
there. Types that the samples cannot tell apart have the same rank: 1= is first
with others. None of this is proof: more samples tell more.

Forms with topics (Kafka) or message ids (TWS) are compared group by group. The
first records of each are looked at. The exit code is 1 where some group has no
type that fits: that decodes all its samples without unknown fields.`,
		Example: `  pbscope schema identify -I protos unknown.bin
  pbscope schema identify -d schema.binpb --from delimited --samples 1000 dump.pb
  kcat -C -b broker -t trades -c 100 -J | pbscope schema identify -I protos --from kcat-json
  pbscope schema identify -I protos --package trades.v1 --json unknown.bin | jq -r .type`,
		RunE: func(c *cobra.Command, args []string) error { return runSchemaIdentify(c.Context(), a, o, args) },
	}
	o.schema.addSources(c)
	o.input.add(c, readableForms(), "auto")
	f := c.Flags()
	f.Var(&countFlag{&o.samples, 1}, "samples", "look at the first `N` records, of each topic or id")
	f.Var(&countFlag{&o.limit, 1}, "limit", "list at most `N` types, of each topic or id")
	f.StringArrayVar(&o.packages, "package", nil, "only types in `PACKAGE` and those below it (repeatable)")
	f.StringArrayVar(&o.patterns, "pattern", nil, "only types whose name fits `PATTERN`: a part of it, or with * and ? the whole name (repeatable)")
	_ = c.RegisterFlagCompletionFunc("package", o.schema.completePackage)
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line: type, score, unknown, samples, failed, …")
	return c
}

func runSchemaIdentify(ctx context.Context, a *app, o *schemaIdentifyOptions, args []string) error {
	if err := o.schema.reflect.check(); err != nil {
		return err
	}
	if !o.schema.given() {
		return usagef("no schema given", "say where it is with -I DIR, -p FILE, -d FILE or --reflect HOST:PORT")
	}
	if err := o.input.tws.load(); err != nil {
		return err
	}
	table, err := descriptors.Types(o.schema.sources(a))
	if err != nil {
		return err
	}
	g := &identifyJob{app: a, o: o, table: table, gather: inspect.Gatherer{Samples: int(o.samples)}}
	g.report = &reporter{app: a, flags: &reportFlags{summary: "none"}}
	readErr := g.read(ctx, o.input.sources(a, args))
	if readErr != nil && !errors.Is(readErr, context.Canceled) {
		return readErr
	}
	fits, err := g.print()
	switch {
	case err != nil:
		return err
	case readErr != nil:
		return readErr
	case g.unreadable:
		return &unreadableError{}
	case !fits:
		return failedError{}
	}
	return nil
}

// identifyJob is one run of identify.
type identifyJob struct {
	*app
	o      *schemaIdentifyOptions
	table  *identify.Table
	report *reporter

	mu         sync.Mutex
	gather     inspect.Gatherer
	unreadable bool
}

// read gathers samples until there are enough of them or the input ends. An
// interrupt ends it too, with what there is by then.
func (g *identifyJob) read(ctx context.Context, sources []inspect.Source) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- g.readAll(sources) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		// The reader may wait for input for ever; from here on it adds nothing.
		g.mu.Lock()
		return ctx.Err()
	}
}

// identifyRecords is how many records of forms with topics or ids are read for
// each wanted sample: a topic may come late.
const identifyRecords = 100

func (g *identifyJob) readAll(sources []inspect.Source) error {
	left := int64(identifyRecords) * g.o.samples
	for i := range sources {
		s := &sources[i]
		switch more, err := g.readSource(s, &left); {
		case err != nil:
			var ambiguous *inspect.AmbiguousError
			if usage := g.report.usage; usage != nil || errors.As(err, &ambiguous) {
				return errors.Join(usage, err)
			}
			g.report.Unreadable(s.Name, err)
			g.unreadable = true
		case !more:
			return nil
		}
	}
	return g.report.usage
}

// readSource is false when there are samples enough.
func (g *identifyJob) readSource(s *inspect.Source, left *int64) (more bool, err error) {
	file, err := s.Open()
	if err != nil {
		return true, err
	}
	defer file.Close()
	in := frame.NewInput(file)
	form, found := inspect.FormNamed(g.o.input.from)
	if !found {
		if form, err = inspect.DetectAmong(in, g.table); err != nil {
			return true, err
		}
		g.tell(inspect.DetectNote(s.Name, form))
	}
	reader := g.o.input.read(form, in, s, g.app, g.report)
	for ; *left > 0; *left-- {
		var f frame.Frame
		if err := reader.Next(&f); err == io.EOF {
			return true, nil
		} else if err != nil {
			return true, err
		}
		g.mu.Lock()
		g.gather.Add(&f)
		full := g.gather.Full()
		g.mu.Unlock()
		if full {
			return false, nil
		}
	}
	return false, nil
}

// keep is the filter of types; nil for none.
func (o *schemaIdentifyOptions) keep() func(name string) bool {
	if len(o.packages)+len(o.patterns) == 0 {
		return nil
	}
	return func(name string) bool {
		in := len(o.packages) == 0
		for _, p := range o.packages {
			in = in || strings.HasPrefix(name, strings.TrimSuffix(p, ".")+".")
		}
		fits := len(o.patterns) == 0
		for _, p := range o.patterns {
			fits = fits || matchesName(p, name)
		}
		return in && fits
	}
}

// print writes the result of each group; fits is false where some group has no
// type that fits.
func (g *identifyJob) print() (fits bool, err error) {
	fits = true
	var text []byte
	if len(g.gather.Groups) == 0 {
		if !g.unreadable {
			g.tell("there are no messages to look at")
		}
		return true, nil
	}
	for i, group := range g.gather.Groups {
		r := g.table.Rank(group.Samples, identify.Options{Limit: int(g.o.limit), Keep: g.o.keep()})
		if r.Compared == 0 {
			return false, usagef("the schema has no message types to compare", "pbscope schema list shows what there is; --package and --pattern narrow it down")
		}
		if g.o.asJSON {
			text = appendIdentified(text, group, r)
		} else {
			if i > 0 {
				text = append(text, '\n')
			}
			text = append(text, identifiedText(group, r)...)
		}
		fits = g.tellMisfit(group, r) && fits
	}
	if _, err := g.stdout.Write(text); err != nil {
		return false, writeError(err)
	}
	return fits, nil
}

// tellMisfit says on standard error what is amiss with a group; it is true where
// a type fits all of it.
func (g *identifyJob) tellMisfit(group *inspect.Group, r *identify.Result) bool {
	name := ""
	if group.Name() != "" {
		name = group.Name() + ": "
	}
	switch {
	case r.Samples == 0:
		g.tell(name + "all records are damaged")
		return false
	case r.Damaged == r.Samples:
		g.tell(name + "no sample is a protobuf message")
		g.hint("is it another form? `pbscope help forms` lists them, --from says which one it is")
		if looksPrefixed(group.Samples) {
			g.hint("all begin like values with the header of a schema registry: a zero byte and a number")
		}
		return false
	case r.Damaged > 0:
		g.tell(name + strconv.Itoa(r.Damaged) + " of " + count(int64(r.Samples), "sample") + " are no protobuf messages")
	case r.Empty == r.Samples:
		g.tell(name + "all samples are empty, which fits every type without required fields")
	}
	if len(r.Fitting()) > 0 || r.Empty == r.Samples {
		return r.Damaged == 0
	}
	g.tell(name + "no type fits; the nearest are listed")
	return false
}

// looksPrefixed says that all samples begin as values with a Confluent header
// do: a zero byte and the four bytes of a schema's id.
func looksPrefixed(samples [][]byte) bool {
	for _, s := range samples {
		if len(s) < 6 || s[0] != 0 {
			return false
		}
	}
	return true
}

package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/nearest"
	"github.com/pbscope/pbscope/inspect/stats"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// statsOptions is what the flags of stats say; it shares those of decode that
// are about the input.
type statsOptions struct {
	decodeOptions
	unknown string
	by      stats.By
	byNames []string
	format  string
	asJSON  bool
	compare bool
	sort    string
	units   string
	rows    int64
	maxRows int64
	records int64
	every   time.Duration
	noTime  bool
}

func newStats(a *app) *cobra.Command {
	o := new(statsOptions)
	c := &cobra.Command{
		Use:     "stats [FILE…]",
		GroupID: "bytes",
		Short:   "Count messages by type: sizes, decode times, times to answers",
		Long: `stats reads what decode reads, in any form, and prints a row for each message
type and encoding: how many there are, their bytes and their share of all, the
least, the median and the greatest size, and how long decoding one took here.

Of a capture of TWS connections it also says how long the server took from each
kind of request to the first answer that bears its id, and sets messages that
came as text and as protobuf side by side.

Records that fail are rows of their own, with the error's tag; what the rows do
not hold of the input is said below the table. Memory is bounded: the input may
be endless, Ctrl-C prints what has been counted, and --every does so at intervals.

` + "`pbscope help statistics`" + ` explains every number and the keys of JSON and CSV.`,
		Example: `  pbscope stats --from delimited -I protos -t trades.v1.MessageWrapper trades.pb
  pbscope stats --from pcap -I tws-proto session.pcap
  sudo tcpdump -U -i lo -w - port 7497 | pbscope stats --from pcap -I tws-proto --every 5s
  pbscope stats --from pcap --by type,connection --json session.pcap | jq 'select(.error)'
  pbscope stats --from pcap --compare --format csv session.pcap > text-against-protobuf.csv
  pbscope stats --from kafka-segment --by topic,type --topic-type 'trades*=trades.v1.Trade' -I protos trades-0 trades-1`,
		RunE: func(c *cobra.Command, args []string) error { return runStats(c.Context(), a, o, args) },
	}
	o.schema.add(c)
	o.routes.add(c, &o.schema)
	o.input.add(c, readableForms(), "auto")
	f := c.Flags()
	addEnum(c, &o.unknown, "unknown", []string{"keep", "error"}, "fields that the type does not know")
	o.setBy("type,encoding")
	f.Var(&byFlag{o: o}, "by", "tell rows apart by `NAMES`, with commas between them: "+strings.Join(byNames(), ", "))
	_ = c.RegisterFlagCompletionFunc("by", completeBy)
	o.format = "table"
	addEnum(c, &o.format, "format", []string{"table", "json", "csv"}, "form of the output")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a row: --format json")
	f.BoolVar(&o.compare, "compare", false, "json, csv: the messages that came both as text and as protobuf, in place of the rows")
	o.sort = "bytes"
	addEnum(c, &o.sort, "sort", sortNames(), "order of the rows, the greatest first")
	f.Var(&countFlag{&o.rows, 0}, "limit", "print the first `N` rows and put the others into one (0: no limit)")
	o.maxRows = 4096
	f.Var(&countFlag{&o.maxRows, 1}, "max-rows", "tell at most `N` kinds apart while counting; further ones share a row")
	f.Var(&countFlag{&o.records, 0}, "records", "stop after `N` records of the input (0: no limit)")
	f.DurationVar(&o.every, "every", 0, "print what has been counted so far every `TIME`, such as 5s")
	f.BoolVar(&o.noTime, "no-time", false, "do not measure how long decoding takes")
	o.units = "auto"
	addEnum(c, &o.units, "units", []string{"auto", "human", "exact"}, "table: 12.3 KiB and 1.5 ms, or whole bytes and nanoseconds (auto: human on a terminal)")
	addOutputFlags(c, &o.output, &o.color)
	o.report.add(c)
	return c
}

// dimension is what rows can be told apart by.
type dimension struct {
	name string
	set  func(*stats.By) *bool
}

func dimensions() []dimension {
	return []dimension{
		{"type", func(b *stats.By) *bool { return &b.Type }},
		{"encoding", func(b *stats.By) *bool { return &b.Encoding }},
		{"direction", func(b *stats.By) *bool { return &b.Direction }},
		{"topic", func(b *stats.By) *bool { return &b.Topic }},
		{"partition", func(b *stats.By) *bool { return &b.Partition }},
		{"connection", func(b *stats.By) *bool { return &b.Connection }},
		{"source", func(b *stats.By) *bool { return &b.Source }},
	}
}

func byNames() []string {
	var names []string
	for _, d := range dimensions() {
		names = append(names, d.name)
	}
	return names
}

// setBy takes names with commas between them.
func (o *statsOptions) setBy(text string) error {
	var by stats.By
	var names []string
next:
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		for _, d := range dimensions() {
			if d.name == name {
				*d.set(&by) = true
				names = append(names, name)
				continue next
			}
		}
		message := "must be some of " + strings.Join(byNames(), ", ")
		if near := nearest.Name(name, byNames()); near != "" {
			message += "; did you mean " + near + "?"
		}
		return errors.New(message)
	}
	o.by, o.byNames = by, names
	return nil
}

// byFlag is --by.
type byFlag struct{ o *statsOptions }

func (f *byFlag) Type() string { return "NAMES" }

func (f *byFlag) String() string {
	if f.o == nil {
		return ""
	}
	return strings.Join(f.o.byNames, ",")
}

// Set implements pflag.Value.
func (f *byFlag) Set(text string) error { return f.o.setBy(text) }

// completeBy completes the last of several names.
func completeBy(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := ""
	if i := strings.LastIndexByte(typed, ','); i >= 0 {
		before = typed[:i+1]
	}
	var all []string
	for _, name := range byNames() {
		if !strings.Contains(","+before, ","+name+",") {
			all = append(all, before+name)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func runStats(ctx context.Context, a *app, o *statsOptions, args []string) error {
	if o.asJSON {
		o.format = "json"
	}
	if o.compare && o.format == "table" {
		return usagef("--compare is for --format json and csv", "the table has the comparison below the rows")
	}
	if o.every < 0 {
		return usagef("--every must be above zero", "")
	}
	if o.every > 0 && o.output != "" {
		return usagef("--every is for standard output, and -o writes a file once", "")
	}
	decode, err := newDecodeJob(a, &o.decodeOptions, args)
	if err != nil {
		return err
	}
	out, err := a.openOutput(o.output)
	if err != nil {
		return err
	}
	j := &statsJob{decodeJob: *decode, o: o, table: stats.NewTable(o.by, int(min(o.maxRows, 1<<24)))}
	j.sink = &sink{out: out}
	return j.run(ctx)
}

// statsJob is one run of stats.
type statsJob struct {
	decodeJob
	o     *statsOptions
	table *stats.Table
	sink  *sink
	input atomic.Int64 // bytes read of all inputs

	// mu is for table and what follows, where --every prints while others count.
	mu      sync.Mutex
	printed int
	failed  error // of printing
}

func (j *statsJob) run(ctx context.Context) error {
	report := &reporter{app: j.app, flags: &j.o.report}
	work := inspect.DecodeOptions{Set: j.set, Type: j.typ}
	work.Options.MaxDepth = j.o.input.maxDepth
	if j.o.unknown == "error" {
		work.Options.Unknown = transcode.RefuseUnknown
	}
	read := j.reader(report)
	pipeline := &inspect.Pipeline{
		Sources: j.sources,
		Reader: func(in *frame.Input, s *inspect.Source) (frame.Reader, error) {
			r, err := read(in, s)
			if err != nil {
				return nil, err
			}
			return stats.Counted(in, r, s.Form == capture.Name, &j.input), nil
		},
		NewWorker: func() inspect.Worker { return inspect.NewMeter(work, !j.o.noTime) },
		Sink:      suggestSink{statsSink{j}, j.suggest},
		Report:    report,
		Limit:     j.o.records,
		Strict:    j.o.report.strict,
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	stopRepeating := j.repeat()
	counts, err := pipeline.Run(ctx)
	stopRepeating()
	empty := counts.Unreadable > 0 && len(j.table.Rows()) == 0
	if !empty && (err == nil || errors.Is(err, context.Canceled) || errors.Is(err, inspect.ErrStrict)) {
		// What was counted up to an interrupt is worth as much.
		err = cmp.Or(j.print(true), err)
	}
	kept := err == nil || errors.Is(err, context.Canceled)
	if closeErr := j.sink.out.close(kept); err == nil {
		err = closeErr
	}
	ended := report.end(counts)
	if err == nil {
		err = ended
	}
	j.suggest.afterwards(err)
	return err
}

// repeat prints what has been counted at the intervals of --every, until the
// function that it returns is called.
func (j *statsJob) repeat() (stop func()) {
	if j.o.every == 0 {
		return func() {}
	}
	ended, stopped := make(chan struct{}), make(chan struct{})
	ticker := time.NewTicker(j.o.every)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
				j.mu.Lock()
				if j.failed == nil {
					j.failed = j.printLocked(false)
				}
				j.mu.Unlock()
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(ended)
		<-stopped // a report that is being printed is printed whole
	}
}

// statsSink counts the records; it takes turns with what prints the counts.
type statsSink struct{ j *statsJob }

// Put implements inspect.Sink.
func (s statsSink) Put(f *frame.Frame, rec *inspect.Record, out []byte) error {
	if s.j.o.every == 0 {
		s.j.table.Add(rec.Source.Name, f, rec, out)
		return nil
	}
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	s.j.table.Add(rec.Source.Name, f, rec, out)
	return s.j.failed
}

// Flush implements inspect.Sink: there is nothing to hand on before the end.
func (s statsSink) Flush() error { return nil }

// Joins implements inspect.Joining: each record counts.
func (s statsSink) Joins() bool { return false }

// PutAll implements inspect.Joining.
func (s statsSink) PutAll([]byte) error { return nil }

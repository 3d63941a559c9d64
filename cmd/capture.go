package cmd

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// captureListOptions is what the flags of capture say.
type captureListOptions struct {
	input  inputFlags
	filter captureFlags
	tws    twsFlags
	report reportFlags
	asJSON bool
	output string
}

func newCapture(a *app) *cobra.Command {
	o := new(captureListOptions)
	c := &cobra.Command{
		Use:     "capture [FILE…]",
		GroupID: "bytes",
		Short:   "List the TCP connections of a capture, and what runs on each",
		Long: `capture reads pcap and pcapng files, or a capture from standard input, and lists
their TCP connections in the order of their first packets: the two ends, the
protocol as the first bytes of either direction show it, the packets, the bytes
of both streams (each once), the first and the last time, the places where the
capture has lost bytes, and the command that decodes the connection.

A table comes out when a capture has ended, --json as soon as a connection and
those before it are over.

The client is the end that sent the SYN; where none was captured, a ? stands
behind the connection's number, and the ports decide.`,
		Example: `  pbscope capture trading.pcap
  sudo tcpdump -i lo -w - port 7497 | pbscope capture
  pbscope capture --json trading.pcapng | jq 'select(.gaps > 0)'
  pbscope capture --port 4002 --after +10s trading.pcap.gz`,
		RunE: func(c *cobra.Command, args []string) error { return runCapture(c.Context(), a, o, args) },
	}
	o.filter.add(c)
	o.tws.addMessages(c)
	c.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object a connection")
	addOutputFlags(c, &o.output, nil)
	o.report.add(c)
	return c
}

func runCapture(ctx context.Context, a *app, o *captureListOptions, args []string) error {
	o.input.from = capture.Name
	if err := o.tws.load(); err != nil {
		return err
	}
	report := &reporter{app: a, flags: &o.report}
	out, err := a.openOutput(o.output)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	sources := o.input.sources(a, args)
	var counts inspect.Counts
	to := &listing{sink: sink{out: out}, asJSON: o.asJSON, many: len(sources) > 1}
	for i := range sources {
		s := &sources[i]
		to.begin(s.Name)
		err := o.list(ctx, a, s, to, report, &counts)
		if err == nil || to.rows != nil {
			to.end()
		}
		if err != nil && to.failed == nil {
			counts.Unreadable++
			report.Unreadable(s.Name, err)
		}
		if ctx.Err() != nil || to.failed != nil {
			break
		}
	}
	err = cmp.Or(to.failed, to.sink.Flush())
	if closeErr := out.close(err == nil); err == nil {
		err = closeErr
	}
	if o.report.summary == "" {
		o.report.summary = "none"
	}
	if ended := report.end(counts); err == nil {
		err = ended
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// list lists the connections of a source. An interrupt ends it with those that
// were found by then.
func (o *captureListOptions) list(ctx context.Context, a *app, s *inspect.Source, to *listing, report *reporter, counts *inspect.Counts) error {
	file, err := s.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	in := frame.NewInput(&interruptedReader{ctx: ctx, source: file, waits: to.waits})
	options := &frame.Options{Capture: &o.filter.options, TWS: &o.tws.options, Note: a.tell}
	err = capture.List(in, options, inspect.Protocols(), func(p *span.Problem) {
		report.Problem(s.Name, p)
		if p.Tag != span.Truncated {
			counts.Failed++
		}
	}, to.add)
	if ctx.Err() != nil {
		err = nil
	}
	return err
}

// interruptedReader ends with its context, also while it waits for input.
type interruptedReader struct {
	ctx    context.Context
	source io.Reader
	waits  func() // called before input is waited for
	reads  chan read
	buffer []byte
	wants  chan struct{}
}

type read struct {
	data []byte
	err  error
}

func (r *interruptedReader) Read(p []byte) (int, error) {
	if r.reads == nil {
		r.reads, r.wants = make(chan read), make(chan struct{})
		go r.run(make([]byte, 256<<10))
	}
	if len(r.buffer) == 0 {
		select {
		case r.wants <- struct{}{}:
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
		r.waits()
		select {
		case got := <-r.reads:
			if len(got.data) == 0 {
				return 0, got.err
			}
			r.buffer = got.data
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
	n := copy(p, r.buffer)
	r.buffer = r.buffer[n:]
	return n, nil
}

// run reads when it is asked to, for as long as the process lives.
func (r *interruptedReader) run(buffer []byte) {
	for range r.wants {
		n, err := r.source.Read(buffer)
		r.reads <- read{buffer[:n], err}
	}
}

// shellWord is a file's name as a shell takes it; standard input is -.
func shellWord(name string) string {
	switch {
	case name == "":
		return "-"
	case strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,") == "" && name[0] != '-':
		return name
	case name[0] == '-':
		name = "./" + name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// appendStringMember appends a member, unless it is empty.
func appendStringMember(dst []byte, key, value string) []byte {
	if value == "" {
		return dst
	}
	return span.AppendQuoted(append(span.AppendQuoted(append(dst, ','), key), ':'), value)
}

package cmd

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/tws"
)

// reportFlags say how much is told on standard error.
type reportFlags struct {
	strict     bool
	showErrors int64
	summary    string
}

func (r *reportFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&r.strict, "strict", false, "stop at the first error, with exit code 1")
	r.showErrors = 20
	f.Var(&countFlag{&r.showErrors, 0}, "show-errors", "print at most `N` problems on standard error, then their count")
	addEnum(c, &r.summary, "summary", []string{"text", "json", "none"}, "summary on standard error at the end (text when something failed or was hidden)")
}

// reporter is the inspect.Report that prints to standard error.
type reporter struct {
	*app
	flags  *reportFlags
	shown  int64
	more   int64
	hidden atomic.Int64
	// usage is an input that cannot be read as the command line has it.
	usage error
}

// Problem implements inspect.Report.
func (r *reporter) Problem(source string, p *span.Problem) {
	if r.shown >= r.flags.showErrors {
		r.more++
		return
	}
	r.shown++
	r.tell(place(source, p) + ": " + describe(p))
	r.hint(p.Hint)
}

// place is FILE:offset, or FILE:line:column of text.
func place(source string, p *span.Problem) string {
	if source == "" {
		source = "<stdin>"
	}
	switch {
	case p.Line > 0:
		return source + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
	case p.InputOffset >= 0:
		return source + ":" + strconv.FormatInt(p.InputOffset, 10)
	}
	return source
}

func describe(p *span.Problem) string {
	text := p.Message
	if p.Path != "" {
		text = p.Path + ": " + text
	}
	if p.InputOffset < 0 && p.Offset >= 0 && p.Line == 0 {
		text += " (at byte " + strconv.FormatInt(p.Offset, 10) + " of the message)"
	}
	return text
}

// Unreadable implements inspect.Report.
func (r *reporter) Unreadable(source string, err error) {
	if source == "" {
		source = "standard input"
	}
	if errors.Is(err, tws.ErrDirection) || schemaErrors(err) != nil {
		r.usage = err
		return
	}
	var p *span.Problem
	if errors.As(err, &p) {
		r.tell(source + ": " + describe(p))
		r.hint(p.Hint)
		return
	}
	if errors.Is(err, syscall.EISDIR) {
		r.tell(source + " is a directory")
		r.hint("name the files in it")
		return
	}
	r.tell("cannot read " + plainError(source, err))
}

// plainError is an error of the system with the file's name once.
func plainError(source string, err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return source + ": " + number.Error()
	}
	return source + ": " + err.Error()
}

func writeError(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return syscall.EPIPE
	}
	return &unreadableError{message: "cannot write " + plainError("the output", err)}
}

// end prints the summary and is the error that the counts amount to.
func (r *reporter) end(counts inspect.Counts) error {
	counts.Hidden += r.hidden.Load()
	if r.more > 0 {
		r.tell(fmt.Sprintf("… and %d more problem%s (--show-errors N shows more)", r.more, plural(r.more)))
	}
	r.printSummary(counts)
	switch {
	case r.usage != nil:
		return r.usage
	case counts.Unreadable > 0:
		return &unreadableError{}
	case counts.Failed > 0:
		return failedError{}
	}
	return nil
}

func plural(n int64) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func (r *reporter) printSummary(c inspect.Counts) {
	mode := r.flags.summary
	if mode == "" && (c.Failed > 0 || c.Hidden > 0 || c.Gaps > 0 || c.SkippedBytes > 0) {
		mode = "text"
	}
	switch mode {
	case "text":
		r.tell(fmt.Sprintf("%d read, %d written, %d failed, %d hidden, %d gaps, %d bytes skipped",
			c.Read, c.Written, c.Failed, c.Hidden, c.Gaps, c.SkippedBytes))
	case "json":
		fmt.Fprintf(io.Writer(r.stderr), `{"read":%d,"written":%d,"failed":%d,"hidden":%d,"gaps":%d,"skippedBytes":%d}`+"\n",
			c.Read, c.Written, c.Failed, c.Hidden, c.Gaps, c.SkippedBytes)
	}
}

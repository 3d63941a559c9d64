package cmd

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress shows on a terminal how much of a file has been read.
type progress struct {
	out   io.Writer
	name  string
	total int64
	read  int64
	last  time.Time
	shown bool
}

// progressEvery is how often the line is renewed.
const progressEvery = 200 * time.Millisecond

// watch counts what is read from a file of known size; where standard error
// is no terminal, or standard output is one and would be mixed with it, the
// file comes back as it is.
func (a *app) watch(file *os.File, name string) io.ReadCloser {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || !isTerminal(a.stderr) || isTerminal(a.stdout) {
		return file
	}
	return &watched{file, &progress{out: a.stderr, name: name, total: info.Size(), last: time.Now()}}
}

type watched struct {
	*os.File
	p *progress
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.File.Read(b)
	w.p.add(n, err != nil)
	return n, err
}

// add counts n bytes; at the end the line is wiped off.
func (p *progress) add(n int, end bool) {
	p.read += int64(n)
	switch {
	case end && p.shown:
		io.WriteString(p.out, "\r\x1b[K")
		p.shown = false
	case !end && time.Since(p.last) >= progressEvery:
		p.last, p.shown = time.Now(), true
		fmt.Fprintf(p.out, "\r\x1b[K%s: %d of %d MiB (%d %%)", p.name, p.read>>20, p.total>>20, 100*p.read/max(p.total, 1))
	}
}

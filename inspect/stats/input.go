package stats

import (
	"sync/atomic"

	"github.com/pbscope/pbscope/inspect/frame"
)

// Counted is a reader whose frames say how long they are: in the input, where
// they do not say it themselves. What it has read of the input is added to
// total.
func Counted(in *frame.Input, r frame.Reader, total *atomic.Int64) frame.Reader {
	return &counted{Reader: r, in: in, total: total}
}

type counted struct {
	frame.Reader
	in    *frame.Input
	at    int64
	total *atomic.Int64
}

// Next implements frame.Reader.
func (c *counted) Next(f *frame.Frame) error {
	err := c.Reader.Next(f)
	read := c.in.Offset() - c.at
	c.at += read
	c.total.Add(read)
	if err == nil && f.Length == 0 && (f.Meta == nil || f.Meta.TCP == nil) {
		f.Length = read
	}
	return err
}

package stats

import (
	"sync/atomic"

	"github.com/pbscope/pbscope/inspect/frame"
)

// Counted is a reader whose frames say how long they are: what was read of the
// input for them, unless that is a capture, whose messages lie in its streams.
// All that has been read is added to total.
func Counted(in *frame.Input, r frame.Reader, captured bool, total *atomic.Int64) frame.Reader {
	return &counted{Reader: r, in: in, captured: captured, total: total}
}

type counted struct {
	frame.Reader
	in       *frame.Input
	captured bool
	at       int64
	total    *atomic.Int64
}

// Next implements frame.Reader.
func (c *counted) Next(f *frame.Frame) error {
	err := c.Reader.Next(f)
	read := c.in.Offset() - c.at
	c.at += read
	c.total.Add(read)
	switch {
	case err != nil:
	case !c.captured:
		f.Length = read
	case f.Length == 0 && f.Problem != nil:
		// Damage of the capture itself.
		f.Length = max(f.Problem.Length, int64(len(f.Payload)))
	}
	return err
}

package frame

import (
	"io"
	"sync"
	"sync/atomic"

	"github.com/pbscope/pbscope/inspect/hugepage"
)

// blockSize is how much is read at once, in bytes: large enough that a batch
// of one block keeps a worker busy, small enough that a few of them in flight
// stay far below 64 MiB.
const blockSize = 256 << 10

// Block is a piece of memory that frames point into. Whoever works on frames
// while the input goes on holds their block and releases it afterwards.
type Block struct {
	data []byte
	refs atomic.Int32
}

var blocks = sync.Pool{New: func() any { return &Block{data: make([]byte, blockSize)} }}

func newBlock(size int) *Block {
	if size <= blockSize {
		b := blocks.Get().(*Block)
		b.refs.Store(1)
		return b
	}
	b := &Block{data: make([]byte, size)}
	hugepage.Advise(b.data)
	b.refs.Store(1)
	return b
}

// Release gives the block back; its frames must not be used any more.
func (b *Block) Release() {
	if b.refs.Add(-1) == 0 && len(b.data) == blockSize {
		blocks.Put(b)
	}
}

// Input is a buffered reader that hands its buffers on: a payload is a slice
// of the block it was read into, and reading goes on in another block as long
// as somebody holds the first. Its memory grows with the bytes that were
// really read, never with a number that the input claims.
type Input struct {
	// BeforeRead, when set, is called before each read of the underlying
	// reader, which may block: the moment to hand on what has been read.
	BeforeRead func()

	source   io.Reader
	block    *Block
	pos, end int   // the unread bytes are block.data[pos:end]
	base     int64 // offset in the input of block.data[0]
	size     int64 // of the whole input, where that is known, else 0
	err      error // sticky: io.EOF or the read error

	// Of an input that is fed; see NewFed.
	owned  bool  // block.data is the input's own
	wanted int64 // the first offset that was asked for in vain, 0 if none was
	mark   int64 // where the attempt to read a frame began
}

// NewInput is an Input over r, whose first byte has offset 0.
func NewInput(r io.Reader) *Input {
	return &Input{source: r, block: newBlock(blockSize)}
}

// Expect says how many bytes the input has in all, as a regular file knows. It
// saves memory and copying for frames that are larger than a block; an input
// that turns out longer or shorter is read all the same.
func (in *Input) Expect(size int64) { in.size = size }

// Offset is the offset in the input of the first unread byte.
func (in *Input) Offset() int64 { return in.base + int64(in.pos) }

// Buffered is the unread bytes that are in memory already.
func (in *Input) Buffered() []byte { return in.block.data[in.pos:in.end:in.end] }

// Need is the unread bytes, at least n of them if the input has as many; it
// reads only when fewer are in memory. Fewer than n come with io.EOF, or with
// the read error.
func (in *Input) Need(n int) ([]byte, error) {
	for in.end-in.pos < n {
		if in.err != nil {
			if in.wanted == 0 {
				in.wanted = in.Offset() + int64(n)
			}
			return in.Buffered(), in.err
		}
		in.fill(n)
	}
	return in.Buffered(), nil
}

// More reads once and is all unread bytes afterwards: for forms that look for
// a separator. At the end it returns io.EOF, or the read error.
func (in *Input) More() ([]byte, error) {
	had := in.end - in.pos
	for in.end-in.pos == had && in.err == nil {
		in.fill(0)
	}
	if in.end-in.pos > had {
		return in.Buffered(), nil
	}
	return in.Buffered(), in.err
}

// Advance marks n of the unread bytes as read. n must not be above their
// number.
func (in *Input) Advance(n int) {
	if n < 0 || n > in.end-in.pos {
		panic("frame: advance beyond the buffered bytes")
	}
	in.pos += n
}

// Hold is the block that the frames since the last read lie in, held until
// its Release.
func (in *Input) Hold() *Block {
	in.block.refs.Add(1)
	return in.block
}

// fill reads once; n is the number of unread bytes that are wanted, 0 if that
// is not known.
func (in *Input) fill(n int) {
	if in.BeforeRead != nil {
		in.BeforeRead()
	}
	if len(in.block.data)-in.end < minRead || in.pos == in.end && in.block.refs.Load() == 1 {
		in.move(n)
	}
	for range 100 {
		got, err := in.source.Read(in.block.data[in.end:])
		in.end += got
		if err != nil {
			in.err = err
			return
		}
		if got > 0 {
			return
		}
	}
	in.err = io.ErrNoProgress
}

// maxExpected is up to how many bytes a block is made for at once: beyond, an
// input may be too large for the reader's limit, and doubling costs little.
const maxExpected = 256 << 20

// minRead is the least room in bytes that a read is worth.
const minRead = 16 << 10

// move puts the unread bytes at the start of a block with room for more. A
// frame larger than a block doubles the block each time it is full, so that
// memory follows what has arrived; where it is known how much is still to come,
// it is large enough at once. n makes the last step smaller, but never so small
// that moving the same bytes again and again would cost more than reading.
func (in *Input) move(n int) {
	unread := in.end - in.pos
	size := blockSize
	if unread+minRead > size {
		size = 2 * unread
		rest := in.size - in.base - int64(in.pos)
		if n > 0 {
			rest = min(rest, int64(n))
		}
		switch {
		case rest > int64(size) && rest <= maxExpected:
			size = int(rest) + minRead
		case n > unread && n < size:
			size = max(n, unread+unread/4+minRead)
		}
	}
	if in.block.refs.Load() == 1 && size <= len(in.block.data) {
		copy(in.block.data, in.block.data[in.pos:in.end])
	} else {
		next := newBlock(size)
		copy(next.data, in.block.data[in.pos:in.end])
		in.block.Release()
		in.block = next
	}
	in.base += int64(in.pos)
	in.pos, in.end = 0, unread
}

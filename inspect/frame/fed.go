package frame

import (
	"errors"
	"io"
)

// ErrStarved is what an Input without a reader returns for bytes that it has
// not been given yet. A Reader that meets it gives up the frame and begins it
// again, from the same place, when more bytes have come.
var ErrStarved = errors.New("the rest of the stream has not come yet")

// NewFed is an Input whose bytes are given to it with Feed: one direction of a
// captured connection, say. Where an Input would read, this one fails with
// ErrStarved, and after End with io.EOF. It cannot be held: what is fed must
// stay unchanged as long as frames of it are used.
func NewFed() *Input {
	return &Input{block: new(Block), err: ErrStarved}
}

// Feed gives a fed input its next bytes. It uses data itself until Keep.
func (in *Input) Feed(data []byte) {
	unread := in.end - in.pos
	if unread == 0 {
		in.base += int64(in.end)
		in.block.data, in.pos, in.end, in.owned = data, 0, len(data), false
		return
	}
	in.Keep()
	if cap(in.block.data)-in.end < len(data) {
		in.own(2*unread + len(data))
	}
	in.block.data = append(in.block.data[:in.end], data...)
	in.end += len(data)
}

// Keep copies the unread bytes where they are still those of Feed's caller,
// who may then use his memory again.
func (in *Input) Keep() {
	switch {
	case in.end == in.pos:
		in.base += int64(in.end)
		in.block.data, in.pos, in.end, in.owned = nil, 0, 0, false
	case !in.owned:
		in.own(in.end - in.pos + 256)
	}
}

// own moves the unread bytes to memory of the input's own with some room.
// Frames that point into the former memory keep it.
func (in *Input) own(size int) {
	data := make([]byte, in.end-in.pos, size)
	copy(data, in.block.data[in.pos:in.end])
	in.base += int64(in.pos)
	in.block.data, in.pos, in.end, in.owned = data, 0, len(data), true
}

// End says that no more bytes come: reading beyond the last fails with io.EOF.
func (in *Input) End() { in.err = io.EOF }

// Ended says that End was called.
func (in *Input) Ended() bool { return in.err == io.EOF }

// Restart makes a fed input one that goes on at an offset, without bytes.
func (in *Input) Restart(offset int64) {
	in.block.data, in.pos, in.end, in.owned = nil, 0, 0, false
	in.base, in.err, in.wanted = offset, ErrStarved, 0
}

// Held is the number of bytes of memory that keeps what is unread.
func (in *Input) Held() int {
	if in.owned {
		return cap(in.block.data)
	}
	return in.end - in.pos
}

// Wanted is the offset up to which bytes were asked for in vain since Begin,
// 0 if none were: less than that cannot change what was found.
func (in *Input) Wanted() int64 { return in.wanted }

// Starved says that bytes were asked for since Begin which may still come.
func (in *Input) Starved() bool { return in.wanted > 0 && in.err == ErrStarved }

// Begin marks the start of an attempt to read a frame, for Starved and Back.
func (in *Input) Begin() { in.wanted, in.mark = 0, in.Offset() }

// Back takes a fed input to where it was at Begin.
func (in *Input) Back() { in.pos -= int(in.Offset() - in.mark) }

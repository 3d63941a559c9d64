package kafka

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// batch is what the scanner finds: a record batch, an older message, or
// damage. Its bytes are those of the input's buffer until the next read.
type batch struct {
	header
	data   []byte // whole, from the base offset on; nil where damage was too long to keep
	offset int64  // of data in the input
	// problem is set for damage: data is then the damaged bytes.
	problem *span.Problem
	state   txnState
}

// maxKept is the longest damage whose bytes are kept, in bytes.
const maxKept = 1 << 20

// Checksums cost work by the length that a header claims. Each byte of input
// earns a few bytes of that work, up to the size limit, and what a checksum
// covers is spent: so a scan is linear in its input, whatever lengths it claims.
const earnedByte = 16

// scanner takes a log segment apart into batches. What is no batch becomes
// damage, after which it goes on at the next batch whose checksum is right.
type scanner struct {
	in     *frame.Input
	o      *frame.Options
	credit int64
	quiet  bool // makes no notes
}

func newScanner(in *frame.Input, o *frame.Options) *scanner {
	return &scanner{in: in, o: o, credit: o.Limit()}
}

// earn adds the credit of n bytes that are done with.
func (s *scanner) earn(n int) { s.credit = min(s.credit+earnedByte*int64(n), s.o.Limit()) }

// spend takes the credit for a checksum over size bytes, if there is enough.
func (s *scanner) spend(size int64) bool {
	if size > s.credit {
		return false
	}
	s.credit -= size
	return true
}

// advance marks n bytes of a good batch as read.
func (s *scanner) advance(n int) {
	s.in.Advance(n)
	s.earn(n)
}

// next fills b. At the end of the input it returns io.EOF; another error is
// the input's own. What was read before such an error comes first: the input
// gives its error again at the next read.
func (s *scanner) next(b *batch) error {
	for {
		head, err := s.in.Need(minPlausible)
		if len(head) == 0 {
			return err
		}
		*b = batch{offset: s.in.Offset()}
		switch {
		case allZero(head[:min(len(head), minPlausible)]):
			done, err := s.zeros(b)
			if done {
				return err
			}
			continue
		case len(head) < minPlausible:
			return s.resync(b, span.Truncated, "the input ends within the header of a record batch")
		case head[magicAt] == 2:
			return s.batchV2(b, total(head))
		case head[magicAt] < 2:
			return s.message(b, total(head), head[magicAt])
		}
		return s.resync(b, span.InvalidFrame, "no record batch: the magic byte is "+strconv.Itoa(int(head[magicAt]))+", not 0, 1 or 2")
	}
}

func (s *scanner) batchV2(b *batch, size int64) error {
	if size < headerSize {
		return s.resync(b, span.InvalidFrame, "a record batch of "+strconv.FormatInt(size, 10)+" bytes is shorter than its header")
	}
	head, _ := s.in.Need(headerSize)
	if len(head) < headerSize {
		return s.resync(b, span.Truncated, "the input ends within the header of a record batch")
	}
	h := parseHeader(head)
	if size > s.o.Limit() {
		return s.tooLarge(b, size)
	}
	if !h.plausible() && size > maxKept || !s.spend(size) {
		return s.resync(b, span.InvalidFrame, "no record batch: its header has impossible values")
	}
	data, _ := s.in.Need(int(size))
	if int64(len(data)) < size {
		return s.cut(b, size)
	}
	data = data[:size:size]
	if crc32c(data[crcFrom:]) != h.crc {
		return s.badSum(b, size, h.plausible())
	}
	b.header, b.data = h, data
	s.advance(int(size))
	return nil
}

// tooLarge is a batch above the size limit. Its length may be true or damaged:
// what lies after it, or within it, is found by its checksum.
func (s *scanner) tooLarge(b *batch, size int64) error {
	err := s.resync(b, span.TooLarge, "a record batch of "+strconv.FormatInt(size, 10)+" bytes is above the size limit")
	if b.problem != nil {
		b.problem.Hint = "--max-size sets the limit"
	}
	return err
}

// cut is a batch that reaches beyond the end of the input: a file that was
// copied while it was written, or a damaged length.
func (s *scanner) cut(b *batch, size int64) error {
	have := len(s.in.Buffered())
	err := s.resync(b, span.Truncated, "the input ends within a record batch: "+
		strconv.Itoa(have)+" of "+strconv.FormatInt(size, 10)+" bytes are there")
	if b.problem != nil && b.problem.Length < int64(have) {
		b.problem.Tag = span.InvalidFrame
		b.problem.Message = "the record batch's length, " + strconv.FormatInt(size, 10) + " bytes, reaches beyond the end of the input"
	}
	return err
}

// badSum is a batch with a wrong checksum. Where its length leads to the next
// batch, and none lies within, only its contents are damaged; else nothing in
// its header is believed.
func (s *scanner) badSum(b *batch, size int64, plausible bool) error {
	message := "the checksum (CRC-32C) of the record batch is wrong"
	tag := span.InvalidChecksum
	if !plausible {
		message = "no record batch: its header has impossible values and its checksum is wrong"
		tag = span.InvalidFrame
	}
	s.in.Need(int(size) + headerSize)
	inside := s.inside(size)
	after := s.in.Buffered()
	if inside == size && !(plausible && plausibleStart(after[size:])) {
		return s.resync(b, tag, message)
	}
	b.problem = span.InInput(tag, b.offset, message)
	b.problem.Length = inside
	if inside == size {
		b.header = parseHeader(after)
	}
	if inside <= maxKept {
		b.data = after[:inside:inside]
	}
	s.advance(int(inside))
	return nil
}

// inside is where within the next size bytes, behind the first, a sound batch
// begins; size if there is none.
func (s *scanner) inside(size int64) int64 {
	for from := 1; ; from++ {
		buf := s.in.Buffered()
		at, n := candidate(buf[from:])
		if from += at; int64(from) >= size || n == 0 {
			return size
		}
		if int64(from)+n <= s.o.Limit() && s.found(from, n) {
			return int64(from)
		}
	}
}

// message is an entry of a message set of format 0 or 1.
func (s *scanner) message(b *batch, size int64, magic byte) error {
	if size < legacyMin(magic) {
		return s.resync(b, span.InvalidFrame, "a message of "+strconv.FormatInt(size, 10)+" bytes is shorter than its header")
	}
	if size > s.o.Limit() {
		return s.tooLarge(b, size)
	}
	if !s.spend(size) {
		return s.resync(b, span.InvalidFrame, "no message here: the ones before it were damaged, and this one is too long to be looked into")
	}
	data, _ := s.in.Need(int(size))
	if int64(len(data)) < size {
		return s.cut(b, size)
	}
	data = data[:size:size]
	if !legacySum(data) {
		return s.resync(b, span.InvalidChecksum, "the checksum (CRC-32) of the message is wrong")
	}
	b.header, b.data = legacyHeader(data), data
	s.advance(int(size))
	return nil
}

// zeros passes over zeros. Up to the end of the input they are the rest of a
// preallocated file, of which a note is made; otherwise they are damage.
func (s *scanner) zeros(b *batch) (done bool, err error) {
	var keep keeper
	for {
		buf := s.in.Buffered()
		n := len(buf) - len(bytes.TrimLeft(buf, "\x00"))
		if n < len(buf) {
			// The last of them may begin the offset and length of the next batch.
			back := min(n, prefixSize)
			keep.take(s.in, n-back)
			return true, s.search(b, &keep, span.Skipped, "zeros where a record batch should be")
		}
		if len(buf) > minPlausible {
			keep.take(s.in, len(buf)-minPlausible)
			continue
		}
		more, err := s.in.More()
		if len(more) > len(buf) {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return true, err
		}
		keep.take(s.in, len(buf))
		if !s.quiet {
			s.o.Tell("the last " + strconv.FormatInt(keep.length, 10) + " bytes are zeros: a segment that is preallocated or still being written")
		}
		return true, io.EOF
	}
}

// resync makes damage of the bytes up to the next batch, at least one of them.
func (s *scanner) resync(b *batch, tag span.Tag, message string) error {
	return s.search(b, &keeper{}, tag, message)
}

func (s *scanner) search(b *batch, keep *keeper, tag span.Tag, message string) error {
	s.pass(keep, 1)
	for {
		buf, _ := s.in.Need(headerSize)
		if len(buf) < minPlausible {
			s.pass(keep, len(buf))
			break
		}
		at, size := candidate(buf)
		s.pass(keep, at)
		if size == 0 {
			continue
		}
		if s.found(0, size) {
			break
		}
		s.pass(keep, 1)
	}
	b.data = keep.bytes()
	b.problem = span.InInput(tag, b.offset, message)
	b.problem.Length = keep.length
	return nil
}

// found says whether the unread bytes, behind the first so many, are a whole
// batch of the given size.
func (s *scanner) found(from int, size int64) bool {
	if size > s.credit {
		return false
	}
	end := int64(from) + size
	data, _ := s.in.Need(int(end))
	return int64(len(data)) >= end && s.spend(size) && sound(data[from:end])
}

// pass puts n bytes by as damage.
func (s *scanner) pass(keep *keeper, n int) {
	keep.take(s.in, n)
	s.earn(n)
}

// candidate is the place in buf of the first bytes that look like a batch, and
// the batch's size. Without one size is 0 and the place is how many bytes
// cannot begin one; more must be read to judge the others.
func candidate(buf []byte) (at int, size int64) {
	for ; at+minPlausible <= len(buf); at++ {
		b := buf[at:]
		if b[magicAt] > 2 {
			continue
		}
		if len(b) < headerSize && at > 0 {
			return at, 0
		}
		n := total(b)
		switch {
		case b[magicAt] < 2:
			if n >= legacyMin(b[magicAt]) && legacyPlausible(b, n) {
				return at, n
			}
		case len(b) >= headerSize:
			if h := parseHeader(b); h.plausible() {
				return at, n
			}
		}
	}
	return at, 0
}

// sound says whether a whole candidate has the right checksum.
func sound(data []byte) bool {
	if data[magicAt] < 2 {
		return legacySum(data)
	}
	h := parseHeader(data)
	return crc32c(data[crcFrom:]) == h.crc
}

// legacySum checks the CRC-32 of a message of format 0 or 1.
func legacySum(data []byte) bool {
	return crc32.ChecksumIEEE(data[magicAt:]) == uint32(data[12])<<24|uint32(data[13])<<16|uint32(data[14])<<8|uint32(data[15])
}

// keeper counts the bytes that are passed over and keeps them while they are
// few.
type keeper struct {
	kept   []byte
	length int64
}

func (k *keeper) take(in *frame.Input, n int) {
	if k.length+int64(n) <= maxKept {
		k.kept = append(k.kept, in.Buffered()[:n]...)
	} else {
		k.kept = nil
	}
	k.length += int64(n)
	in.Advance(n)
}

// bytes is what was passed over, or nil if it was too much.
func (k *keeper) bytes() []byte {
	if k.length > maxKept {
		return nil
	}
	return k.kept
}

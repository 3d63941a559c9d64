// Package kafka reads and writes what Kafka and its programs leave behind:
// log segment files with all codecs, and the output of kcat as JSON lines or
// with binary lengths. It knows records, not the protobuf in them, nor what
// schema registries put before it.
//
// Format facts: Kafka's protocol guide and its RecordBatch, KIP-32, KIP-98 and
// KIP-101; the exact bytes of the programs are those of Kafka 4.1, kcat 1.7.1
// and their clients.
package kafka

import (
	"github.com/pbscope/pbscope/inspect/frame"
)

// Segment is the form of a log segment file (00000000000000000000.log): record
// batches of format 2, or messages of format 0 and 1.
//
// Control records, and records of aborted transactions, are passed over and
// counted (Options.Hidden) unless Options.Control and Options.Uncommitted let
// them through. Whether a transaction was aborted stands behind its records.
// With Options.Again the reader looks there, in the same input and the segment
// files after it. Without (a pipe) it holds up to 16 MiB of batches back. What
// is not decided then, or lies before damage that may have held the decision,
// is shown with Undecided set.
//
// A batch with a wrong checksum is a frame with a Problem; reading goes on at
// the next batch. A damaged length is overcome by looking for the next batch
// whose checksum is right. Zeros at the end, as in a preallocated file, are a
// note and not a problem. An empty batch (compaction leaves them) is no frame.
func Segment() frame.Form {
	return frame.Form{
		Name:    SegmentName,
		Summary: "a Kafka log segment file (.log): record batches",
		Meta:    true,
		Read:    func(in *frame.Input, o *frame.Options) frame.Reader { return newSegmentReader(in, o) },
		Write:   func(o *frame.Options) frame.Writer { return newSegmentWriter(o) },
		Sure:    sureSegment,
	}
}

// sureSegment wants a header whose every value is possible, and the right
// checksum where the first batch is there whole.
func sureSegment(head []byte, _ bool) bool {
	if len(head) < minPlausible {
		return false
	}
	size := total(head)
	switch {
	case head[magicAt] == 2 && len(head) >= headerSize:
		h := parseHeader(head)
		return h.plausible() && (size > int64(len(head)) || sound(head[:size]))
	case head[magicAt] < 2:
		return size >= legacyMin(head[magicAt]) && size <= int64(len(head)) && legacySum(head[:size])
	}
	return false
}

// segmentReader turns batches into frames.
type segmentReader struct {
	o       *frame.Options
	scan    *scanner
	wait    waiter    // decides transactions without Options.Again
	ahead   lookahead // decides them with it
	codecs  decompressor
	records records // of the current batch
	messages
	rows  []row
	heads []frame.Header
}

func newSegmentReader(in *frame.Input, o *frame.Options) *segmentReader {
	if o == nil {
		o = &frame.Options{}
	}
	r := &segmentReader{o: o, scan: newScanner(in, o)}
	r.wait.scan = r.scan
	r.ahead.o = o
	r.codecs.limit = o.Limit()
	return r
}

// Next implements frame.Reader.
func (r *segmentReader) Next(f *frame.Frame) error {
	for {
		if r.records.next(r, f) || r.messages.next(r, f) {
			return nil
		}
		var b batch
		if err := r.batch(&b); err != nil {
			r.ahead.close()
			return err
		}
		if b.problem != nil {
			r.damaged(f, &b)
			return nil
		}
		if r.start(&b, f) {
			return nil
		}
	}
}

// batch is the next batch with its transaction decided.
func (r *segmentReader) batch(b *batch) error {
	if r.o.Again == nil {
		return r.wait.next(b)
	}
	err := r.scan.next(b)
	if err == nil && b.transactionalData() {
		b.state = r.ahead.decide(b.producerID, b.offset)
	}
	return err
}

// start opens a batch, or passes over it. It is true where f holds the reason
// why the batch cannot be opened.
func (r *segmentReader) start(b *batch, f *frame.Frame) bool {
	if b.control() && !r.o.Control || b.state == aborted && !r.o.Uncommitted {
		if r.o.Hidden != nil && b.count > 0 {
			r.o.Hidden(int(b.count))
		}
		return false
	}
	if b.magic < 2 {
		return r.startLegacy(b, f)
	}
	body, base := b.data[headerSize:], b.offset+headerSize
	if codec := b.codec(); codec != codecNone {
		plain, err := r.codecs.decompress(codec, b.magic, body)
		if err != nil {
			b.problem = codecProblem(err, codec, b.offset, r.o.Limit())
			r.damaged(f, b)
			return true
		}
		body, base = plain, -1
	}
	r.records.open(b, body, base)
	return false
}

// damaged fills f with a batch that cannot be read.
func (r *segmentReader) damaged(f *frame.Frame, b *batch) {
	f.Offset, f.PayloadOffset = b.offset, b.offset
	f.Problem = b.problem
	f.Payload = b.data
	if len(b.data) > maxKept {
		f.Payload = nil
		f.Problem.Length = int64(len(b.data))
	}
	if b.magic == 2 && len(b.data) > 0 {
		base := b.baseOffset
		f.Meta = &frame.Meta{Kafka: &frame.Kafka{Batch: &base}}
	}
}

var _ frame.Reader = (*segmentReader)(nil)

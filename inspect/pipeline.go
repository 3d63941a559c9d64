package inspect

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// Source is one input of a pipeline.
type Source struct {
	// Name is the file's name as the user wrote it; "" is standard input.
	Name string
	// Open begins to read it. What it returns may tell by Size() int64 how many
	// bytes there are.
	Open func() (io.ReadCloser, error)
	// Envelope says that its form carries metadata, which is to be printed;
	// Pipeline.Reader may set it, before the first frame.
	Envelope bool
	// Form is the name of its form, where Pipeline.Reader says it.
	Form string
}

// Worker does the work of one record; each goroutine has its own.
type Worker interface {
	// Work appends what becomes of f, a frame of s, to dst and says in rec how
	// it went. It may change f, which a framed output writes afterwards with
	// the appended bytes as its payload.
	Work(dst []byte, s *Source, f *frame.Frame, rec *Record) []byte
}

// Record is the outcome of one frame.
type Record struct {
	// Source is where the frame came from.
	Source *Source
	// Problem is why the record failed, or nil.
	Problem *span.Problem
	// Failed is how many values inside a record that was written failed.
	Failed int
	// Drop says that nothing is to be written: Work appended nothing and
	// there is no record in the output.
	Drop bool

	document origin // of what was encoded
	end      int    // of the record's bytes in the batch's output
}

// origin is where a document begins in a text input; line is 0 for none.
type origin struct {
	offset       int64
	line, column int
}

// Sink takes the records in input order, from one goroutine.
type Sink interface {
	// Put writes one record; out is what Work appended. A *span.Problem is of
	// this record alone, of which nothing is written then.
	Put(f *frame.Frame, rec *Record, out []byte) error
	// Flush hands on what Put has gathered; it is called whenever the input
	// runs dry, and at the end.
	Flush() error
}

// Joining is a Sink that can take the output of many records in one piece.
type Joining interface {
	Sink
	// Joins says whether it can now: whether nothing is to be written around or
	// between records, and nobody wants to see them one by one.
	Joins() bool
	// PutAll writes what Work appended for several records.
	PutAll(out []byte) error
}

// Report is told what the records of a pipeline came to, in input order and
// from the goroutine that runs it.
type Report interface {
	// Problem is a problem of a record or of a frame.
	Problem(source string, p *span.Problem)
	// Unreadable is an input that cannot be opened or read on.
	Unreadable(source string, err error)
}

// Pipeline takes frames from its sources through workers to a sink, on all
// cores, in order, and in bounded memory: a fixed number of batches is under
// way, each of about one input block.
type Pipeline struct {
	Sources []Source
	// Reader begins to take an opened source apart. An error ends the run.
	Reader func(in *frame.Input, s *Source) (frame.Reader, error)
	// NewWorker makes a worker for a goroutine.
	NewWorker func() Worker
	Sink      Sink
	Report    Report
	// Workers is the number of goroutines; 0 is one for each core.
	Workers int
	// Skip and Limit count records of the output over all sources; Limit 0 is
	// none.
	Skip, Limit int64
	// Strict ends the run with ErrStrict at the first problem.
	Strict bool
}

// Counts is what a run came to, for its summary.
type Counts struct {
	Read         int64 // records found in the inputs
	Written      int64
	Failed       int64
	Hidden       int64 // passed over by the form (control records, say)
	Gaps         int64
	SkippedBytes int64
	Unreadable   int64 // inputs that could not be opened or read to their end
}

// ErrStrict is the end of a strict run at its first problem.
var ErrStrict = errors.New("stopped at the first error (--strict)")

// What a batch holds at most. A block of small messages makes one batch; the
// limits are for frames out of larger memory, the record batches of Kafka: with
// their metadata and their JSON half a dozen batches under way have to fit into
// 64 MiB.
const (
	batchFrames = 2048
	batchBytes  = 256 << 10
)

type batch struct {
	source  *Source
	frames  []frame.Frame
	records []Record
	bytes   int
	counted int // bytes that stand in run.underWay
	out     []byte
	block   *frame.Block
	done    chan struct{}
	readErr error // of the source, after the frames
	fatal   error // ends the run
}

func (b *batch) reset() {
	clear(b.frames)
	clear(b.records)
	b.frames, b.records, b.out = b.frames[:0], b.records[:0], b.out[:0]
	b.bytes, b.counted, b.block, b.readErr, b.fatal, b.source = 0, 0, nil, nil, nil, nil
}

// mostUnderWay is how many bytes of payload are under way for each worker, if
// no single message has more: what is made of a byte may be hundreds.
const mostUnderWay = 4 << 20

// keepOutput is the largest output buffer in bytes that is always used again.
// A larger one waits for the next batch, if that is large too, and no longer:
// one message of 100 MB must not hold its memory to the end of the stream.
const keepOutput = 4 << 20

// run is the state of one Run.
type run struct {
	*Pipeline
	ctx     context.Context
	work    chan *batch
	ordered chan *batch
	free    sync.Pool
	counts  Counts
	joining Joining // nil where records are counted

	underWay atomic.Int64  // bytes of payload that are not written yet
	fewer    chan struct{} // something was written since underWay was looked at
	most     int64

	spare atomic.Pointer[[]byte] // the output buffer of the last batch, where it is large
}

// Run works until the sources end, the context is cancelled (it then returns
// its error after what was under way has been written), or something fails.
func (p *Pipeline) Run(ctx context.Context) (Counts, error) {
	workers := p.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{
		Pipeline: p,
		ctx:      inner,
		work:     make(chan *batch, workers),
		ordered:  make(chan *batch, workers+1),
		fewer:    make(chan struct{}, 1),
		most:     int64(workers) * mostUnderWay,
		free:     sync.Pool{New: func() any { return &batch{done: make(chan struct{}, 1)} }},
	}
	if joining, ok := p.Sink.(Joining); ok && p.Skip == 0 && p.Limit == 0 {
		r.joining = joining
	}
	for range workers {
		go r.worker()
	}
	go r.read()
	err := r.write()
	if err == nil {
		err = ctx.Err()
	}
	return r.counts, err
}

func (r *run) worker() {
	w := r.NewWorker()
	for b := range r.work {
		if spare := r.spare.Load(); spare != nil && b.bytes > keepOutput/4 && r.spare.CompareAndSwap(spare, nil) {
			b.out = (*spare)[:0]
		}
		for i := range b.frames {
			b.records = append(b.records, Record{Source: b.source})
			rec := &b.records[i]
			b.out = w.Work(b.out, b.source, &b.frames[i], rec)
			rec.end = len(b.out)
		}
		b.done <- struct{}{}
	}
}

// read is the goroutine that takes the inputs apart.
func (r *run) read() {
	defer close(r.ordered)
	defer close(r.work)
	for i := range r.Sources {
		if r.ctx.Err() != nil || !r.readSource(&r.Sources[i]) {
			return
		}
	}
}

// readSource is false when the run is over.
func (r *run) readSource(s *Source) bool {
	file, err := s.Open()
	if err != nil {
		return r.send(&batch{source: s, readErr: err, done: make(chan struct{}, 1)})
	}
	defer file.Close()
	in := frame.NewInput(file)
	if sized, ok := file.(interface{ Size() int64 }); ok {
		in.Expect(sized.Size())
	}
	b := r.newBatch(s)
	going := true
	dispatch := func() {
		if going && len(b.frames) > 0 {
			b.block = in.Hold()
			going = r.send(b)
			b = r.newBatch(s)
		}
	}
	reader, err := r.Reader(in, s)
	if err != nil {
		b.fatal = err
		r.send(b)
		return false
	}
	in.BeforeRead = dispatch
	var f frame.Frame
	for going {
		f = frame.Frame{}
		if err := reader.Next(&f); err != nil {
			dispatch()
			if err != io.EOF {
				b.readErr = err
				return going && r.send(b)
			}
			return going
		}
		b.frames = append(b.frames, f)
		b.bytes += len(f.Payload)
		if len(b.frames) >= batchFrames || b.bytes >= batchBytes {
			dispatch()
		}
	}
	return false
}

func (r *run) newBatch(s *Source) *batch {
	b := r.free.Get().(*batch)
	b.source = s
	return b
}

// send queues a batch for a worker and, in order, for the writer. It is false
// when the run is over.
func (r *run) send(b *batch) bool {
	if !r.admit(b) {
		return false
	}
	select {
	case r.ordered <- b:
	case <-r.ctx.Done():
		return false
	}
	select {
	case r.work <- b:
		return true
	case <-r.ctx.Done():
		b.done <- struct{}{}
		return false
	}
}

// admit waits until there is room for a batch, or nothing else under way. The
// batches come in order, so that none waits for one behind it. It is false when
// the run is over.
func (r *run) admit(b *batch) bool {
	size := int64(b.bytes)
	for {
		if n := r.underWay.Load(); n == 0 || n+size <= r.most {
			b.counted = b.bytes
			r.underWay.Add(size)
			return true
		}
		select {
		case <-r.fewer:
		case <-r.ctx.Done():
			return false
		}
	}
}

// written takes note that a batch is no longer under way.
func (r *run) written(b *batch) {
	r.underWay.Add(-int64(b.counted))
	select {
	case r.fewer <- struct{}{}:
	default:
	}
}

// write puts finished batches in order. When the context is cancelled it
// takes what is already queued and does not wait for the reader, which may be
// blocked in a read for ever.
func (r *run) write() error {
	for {
		b, ok := r.next()
		if !ok {
			return r.Sink.Flush()
		}
		<-b.done
		done, err := r.put(b)
		if done || err != nil {
			if flushErr := r.Sink.Flush(); err == nil {
				err = flushErr
			}
			return err
		}
		if len(r.ordered) == 0 {
			if err := r.Sink.Flush(); err != nil {
				return err
			}
		}
		r.recycle(b)
	}
}

func (r *run) next() (*batch, bool) {
	select {
	case b, ok := <-r.ordered:
		return b, ok
	case <-r.ctx.Done():
	}
	select {
	case b, ok := <-r.ordered:
		return b, ok
	default:
		return nil, false
	}
}

func (r *run) recycle(b *batch) {
	if b.block != nil {
		b.block.Release()
	}
	if large := b.out; cap(large) > keepOutput {
		b.out = nil
		r.spare.Store(&large)
	} else {
		r.spare.Store(nil)
	}
	r.written(b)
	b.reset()
	r.free.Put(b)
}

// put is true when nothing more is wanted.
func (r *run) put(b *batch) (done bool, err error) {
	start, i := 0, 0
	if r.joining != nil && r.joining.Joins() {
		if i = b.plain(); i > 0 {
			start = b.records[i-1].end
			r.counts.Read += int64(i)
			r.counts.Written += int64(i)
			if err := r.joining.PutAll(b.out[:start]); err != nil {
				return true, err
			}
		}
	}
	for ; i < len(b.records); i++ {
		rec := &b.records[i]
		out := b.out[start:rec.end]
		start = rec.end
		if done, err := r.putRecord(b, &b.frames[i], rec, out); done || err != nil {
			return done, err
		}
	}
	if b.readErr != nil {
		r.counts.Unreadable++
		r.Report.Unreadable(b.source.Name, b.readErr)
	}
	return false, b.fatal
}

// plain is how many records of the batch, from the first one on, are written
// and nothing more is said of them.
func (b *batch) plain() int {
	for i := range b.records {
		if rec := &b.records[i]; rec.Problem != nil || rec.Failed > 0 || rec.Drop {
			return i
		}
	}
	return len(b.records)
}

func (r *run) putRecord(b *batch, f *frame.Frame, rec *Record, out []byte) (done bool, err error) {
	r.counts.Read++
	if p := rec.Problem; p != nil {
		r.count(f, p)
		r.Report.Problem(b.source.Name, p)
		if r.Strict && !f.Cut {
			return true, ErrStrict
		}
	} else if rec.Failed > 0 {
		r.counts.Failed++
		if r.Strict {
			return true, ErrStrict
		}
	}
	if rec.Drop {
		return false, nil
	}
	if r.Skip > 0 {
		r.Skip--
		return false, nil
	}
	if err := r.Sink.Put(f, rec, out); err != nil {
		var p *span.Problem
		if !errors.As(err, &p) {
			return true, err
		}
		return r.refused(b, f, rec, p)
	}
	r.counts.Written++
	return r.Limit > 0 && r.counts.Written >= r.Limit, nil
}

// refused reports a record that the form of the output cannot hold; the others
// are written all the same.
func (r *run) refused(b *batch, f *frame.Frame, rec *Record, p *span.Problem) (done bool, err error) {
	if at := rec.document; at.line > 0 {
		p.Line, p.Column = 1, 1
		p = inDocument(p, &frame.Frame{Offset: at.offset, Line: at.line, Column: at.column})
	} else {
		p = p.At(f.Offset)
	}
	r.count(f, p)
	r.Report.Problem(b.source.Name, p)
	if r.Strict {
		return true, ErrStrict
	}
	return false, nil
}

func (r *run) count(f *frame.Frame, p *span.Problem) {
	switch p.Tag {
	case span.Gap:
		r.counts.Gaps++
	case span.Skipped:
		r.counts.SkippedBytes += max(p.Length, int64(len(f.Payload)))
	}
	if p.Tag != span.Encrypted && !f.Cut {
		r.counts.Failed++
	}
}

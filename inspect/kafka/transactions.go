package kafka

import (
	"bytes"
	"errors"
	"io"

	"github.com/pbscope/pbscope/inspect/frame"
)

// Whether a transaction was committed or aborted stands in the log behind its
// records, in the next control record of the same producer. So the records of
// a transaction are settled by looking ahead: in a second copy of the input
// where there is one (Options.Again), which is exact; otherwise by holding
// batches back, up to maxWaiting bytes of them.

// txnState is what is known about the transaction of a batch.
type txnState uint8

const (
	noTxn txnState = iota // no transactional data
	open
	committed
	aborted
	undecided
)

// maxWaiting is how many bytes of batches are held back at most; the oldest
// are let go as undecided beyond it.
const maxWaiting = 16 << 20

// maxMarkers is how many control records a look ahead remembers at most.
const maxMarkers = 1 << 20

// transactional says whether b is data of a transaction.
func (b *batch) transactionalData() bool {
	return b.problem == nil && b.transactional() && !b.control()
}

// marker is the type of the control record in b, -1 if b has none.
func (b *batch) marker() int {
	if b.problem != nil || !b.control() || b.codec() != codecNone || b.magic != 2 {
		return -1
	}
	size, prefix := recordLength(b.data[headerSize:])
	var r rawRecord
	if size == 0 || !r.parse(b.data[headerSize:headerSize+size], prefix) {
		return -1
	}
	return controlType(r.key)
}

// outcome is what the marker of b says about its producer's transaction.
func (b *batch) outcome() (txnState, bool) {
	if !b.transactional() {
		return noTxn, false
	}
	switch b.marker() {
	case controlTypeAbort:
		return aborted, true
	case controlTypeCommit:
		return committed, true
	}
	return noTxn, false
}

// transaction is one that batches wait for.
type transaction struct {
	state   txnState
	waiting int // batches
}

type waitingBatch struct {
	batch
	txn *transaction // nil for a batch that only waits for those before it
}

// waiter holds batches back until their transactions are decided, and passes
// them on in their order.
type waiter struct {
	scan  *scanner
	queue []waitingBatch
	size  int // bytes in the queue
	open  map[int64]*transaction
	err   error // of the scanner, once it has one
}

// next fills b with the next batch, its state settled.
func (w *waiter) next(b *batch) error {
	for {
		if len(w.queue) > 0 && w.ready() {
			w.pop(b)
			return nil
		}
		if w.err != nil {
			return w.err
		}
		if w.err = w.scan.next(b); w.err != nil {
			w.settleAll()
			continue
		}
		w.settle(b)
		if len(w.queue) == 0 && !b.transactionalData() {
			return nil
		}
		w.push(b)
	}
}

func (w *waiter) ready() bool {
	head := &w.queue[0]
	return head.txn == nil || head.txn.state != open || w.size > maxWaiting
}

func (w *waiter) push(b *batch) {
	held := waitingBatch{batch: *b}
	held.data = bytes.Clone(b.data)
	if b.transactionalData() {
		if held.txn = w.open[b.producerID]; held.txn == nil {
			held.txn = &transaction{state: open}
			if w.open == nil {
				w.open = map[int64]*transaction{}
			}
			w.open[b.producerID] = held.txn
		}
		held.txn.waiting++
	}
	w.queue = append(w.queue, held)
	w.size += len(held.data) + headerSize
}

func (w *waiter) pop(b *batch) {
	head := w.queue[0]
	w.queue[0] = waitingBatch{}
	w.queue = w.queue[1:]
	w.size -= len(head.data) + headerSize
	*b = head.batch
	if head.txn == nil {
		return
	}
	b.state = head.txn.state
	if head.txn.waiting--; b.state == open {
		b.state = undecided
		if head.txn.waiting == 0 {
			delete(w.open, b.producerID)
		}
	}
}

// settle applies what b says about the transactions that wait. Behind damage
// nothing is certain: it may have held the marker.
func (w *waiter) settle(b *batch) {
	if b.problem != nil {
		w.settleAll()
		return
	}
	state, ok := b.outcome()
	if txn := w.open[b.producerID]; ok && txn != nil {
		txn.state = state
		delete(w.open, b.producerID)
	}
}

func (w *waiter) settleAll() {
	for _, txn := range w.open {
		txn.state = undecided
	}
	clear(w.open)
}

// lookahead decides by reading a second copy of the input, and what follows it
// in the log, as far as needed.
type lookahead struct {
	o       *frame.Options
	part    int
	source  io.ReadCloser
	scan    *scanner
	base    int64 // bytes of the parts before this one
	markers map[int64][]marker
	damage  []int64 // positions, as in marker
	kept    int     // markers and damage together
	done    bool
}

// marker is a control record that ends a transaction, and where it lies in
// all parts together.
type marker struct {
	position int64
	state    txnState
}

// decide is the state of the transaction of data at position.
func (l *lookahead) decide(producer, position int64) txnState {
	for {
		l.drop(producer, position)
		if found := l.markers[producer]; len(found) > 0 {
			if len(l.damage) > 0 && l.damage[0] < found[0].position {
				return undecided
			}
			return found[0].state
		}
		if l.done || len(l.damage) > 0 {
			return undecided
		}
		l.read(position)
	}
}

// drop forgets what lies before position.
func (l *lookahead) drop(producer, position int64) {
	for len(l.damage) > 0 && l.damage[0] < position {
		l.damage = l.damage[1:]
		l.kept--
	}
	found := l.markers[producer]
	if len(found) == 0 || found[0].position >= position {
		return
	}
	for len(found) > 0 && found[0].position < position {
		found = found[1:]
		l.kept--
	}
	if len(found) == 0 {
		delete(l.markers, producer)
		return
	}
	l.markers[producer] = found
}

// read looks at one more batch. A copy that cannot be read leaves undecided
// what it would have decided.
func (l *lookahead) read(position int64) {
	if l.scan == nil && !l.open() {
		return
	}
	var b batch
	err := l.scan.next(&b)
	switch {
	case errors.Is(err, io.EOF):
		l.base += l.scan.in.Offset()
		l.close()
		l.part++
		return
	case err != nil:
		l.o.Tell("looking ahead for the ends of transactions: " + err.Error())
		l.close()
		l.done = true
		return
	}
	at := l.base + b.offset
	if at < position {
		return
	}
	if b.problem != nil {
		l.damage = append(l.damage, at)
		l.kept++
	} else if state, ok := b.outcome(); ok {
		if l.markers == nil {
			l.markers = map[int64][]marker{}
		}
		l.markers[b.producerID] = append(l.markers[b.producerID], marker{at, state})
		l.kept++
	}
	if l.kept > maxMarkers {
		l.o.Tell("too many transactions lie between a record and the end of its own: the rest is undecided")
		l.close()
		l.done = true
	}
}

func (l *lookahead) open() bool {
	source, err := l.o.Again(l.part)
	if err != nil {
		l.o.Tell("looking ahead for the ends of transactions: " + err.Error())
	}
	if err != nil || source == nil {
		l.done = true
		return false
	}
	l.source = source
	l.scan = newScanner(frame.NewInput(source), l.o)
	l.scan.quiet = true
	return true
}

func (l *lookahead) close() {
	if l.source != nil {
		l.source.Close()
	}
	l.source, l.scan = nil, nil
}

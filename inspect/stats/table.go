package stats

import (
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// By says what rows are told apart by; errors always have rows of their own.
type By struct {
	Type, Encoding, Direction, Topic, Partition, Connection, Source bool
}

// Table is the rows of a run. It is for one goroutine.
type Table struct {
	by      By
	maxRows int
	rows    map[Key]*Row
	order   []*Row
	recent  [64]*Row // rows that were met, by Key.slot
	ends    ends
	pairs   pairs
	// Folded is how many records are in rows of other kinds.
	Folded int64
}

// NewTable is an empty table that tells at most maxRows kinds apart.
func NewTable(by By, maxRows int) *Table {
	t := &Table{by: by, maxRows: maxRows, rows: make(map[Key]*Row)}
	t.pairs.init()
	return t
}

// Rows is the rows in the order of their first messages.
func (t *Table) Rows() []*Row { return t.order }

// Add counts a record of a source, about which a Meter appended out.
func (t *Table) Add(source string, f *frame.Frame, rec *inspect.Record, out []byte) {
	var key Key
	t.key(&key, source, f, rec)
	row := t.row(&key)
	row.Count++
	row.WireBytes += f.Length
	if p := f.Problem; p != nil && p.Tag == span.Gap {
		row.LostBytes += p.Length
		row.WireBytes -= f.Length
	} else {
		size := int64(len(f.Payload))
		if p != nil && f.Payload == nil {
			size = p.Length
		}
		row.Bytes += size
		row.Sizes.Add(size)
	}
	if ns, ok := inspect.Nanoseconds(out); ok {
		row.Times.Add(int64(ns + 0.5))
	}
	if len(f.TypeCandidates) > 0 {
		row.Candidates = f.TypeCandidates
	}
	if f.Meta == nil {
		return
	}
	if k := f.Meta.Kafka; k != nil && k.HasKey {
		row.HasKeys = true
		row.KeyBytes += int64(len(k.Key))
	}
	if m := f.Meta; m.TimeDigits > 0 {
		row.at(m.Time, m.TimeDigits)
		t.pair(source, f, row)
	}
}

// pair takes a record of a capture into account for the times of answers.
func (t *Table) pair(source string, f *frame.Frame, row *Row) {
	switch m := f.Meta; {
	case m.TCP == nil:
	case f.Problem != nil:
		t.pairs.lose(source, m.TCP.Connection)
	case m.TWS != nil && row.Error == "":
		t.pairs.add(source, f, row)
	}
}

// key is that of the row which a record belongs to.
func (t *Table) key(k *Key, source string, f *frame.Frame, rec *inspect.Record) {
	k.Error = rec.ErrorTag()
	if t.by.Source {
		k.Source = source
	}
	if t.by.Type {
		k.Type = string(f.Type)
	}
	if m := f.Meta; m != nil {
		t.meta(k, source, m)
	}
	switch {
	case !t.by.Encoding || f.Problem != nil || f.Meta != nil && f.Meta.TWS != nil:
	case f.Null:
		k.Encoding = "null"
	default:
		k.Encoding = "protobuf"
	}
}

func (t *Table) meta(k *Key, source string, m *frame.Meta) {
	if m.Kafka != nil {
		if t.by.Topic {
			k.Topic = m.Kafka.Topic
		}
		if t.by.Partition && m.Kafka.Partition != nil {
			k.Partition, k.HasPartition = *m.Kafka.Partition, true
		}
	}
	if m.TCP != nil && t.by.Connection {
		k.Connection = m.TCP.Connection
		k.Client, k.Server = t.ends.of(source, m)
	}
	if m.TWS == nil {
		return
	}
	if t.by.Direction || t.by.Type {
		// Ids mean different things in the two directions.
		k.Direction = m.TWS.Direction
	}
	if t.by.Encoding {
		k.Encoding = m.TWS.Encoding
	}
	if !t.by.Type {
		return
	}
	if m.TWS.Kind != "message" {
		k.Kind = m.TWS.Kind
	}
	k.ID, k.HasID, k.Name = m.TWS.ID, m.TWS.HasID, m.TWS.Name
}

// row is the row of a key; beyond the limit one for each error, and one for
// messages of each encoding.
func (t *Table) row(k *Key) *Row {
	slot := k.slot()
	if r := t.recent[slot]; r != nil && *k == r.Key {
		return r
	}
	r := t.rows[*k]
	switch {
	case r != nil:
		t.recent[slot] = r
	case len(t.order) >= t.maxRows && !k.Other:
		return t.other(k)
	default:
		r = &Row{Key: *k}
		t.rows[*k] = r
		t.order = append(t.order, r)
	}
	return r
}

// slot is where a row is looked for first.
func (k *Key) slot() uint32 {
	return (k.ID + uint32(len(k.Type)) + 7*uint32(len(k.Topic)) + 32*uint32(len(k.Encoding)&1) + uint32(k.Partition) + uint32(k.Connection)) % 64
}

func (t *Table) other(k *Key) *Row {
	t.Folded++
	return t.row(&Key{Other: true, Error: k.Error, Encoding: k.Encoding})
}

// ends are the two ends of the connections of the source that is being read.
type ends struct {
	source string
	known  map[int64][2]string
}

// maxEnds is of how many connections the ends are remembered.
const maxEnds = 1 << 16

// of is the client and the server of a message's connection.
func (e *ends) of(source string, m *frame.Meta) (client, server string) {
	if e.known == nil || e.source != source || len(e.known) >= maxEnds {
		e.source, e.known = source, make(map[int64][2]string)
	}
	both, ok := e.known[m.TCP.Connection]
	if !ok {
		both = [2]string{m.TCP.Src, m.TCP.Dst}
		if m.TWS != nil && m.TWS.Direction == "server" {
			both[0], both[1] = both[1], both[0]
		}
		e.known[m.TCP.Connection] = both
	}
	return both[0], both[1]
}

package kafka

import (
	"bytes"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// KcatJSON is the form that kcat -J writes: a JSON object a record, usually a
// line each.
//
// kcat writes the bytes of payload, key and headers as they are and escapes
// only quotes, backslashes and bytes below 0x20, so the text need not be UTF-8:
// it is read byte by byte, and every byte comes back. (\u00XX is one byte below
// 0x80; escapes above, which kcat never writes, are UTF-8 as in any JSON.)
// Members come in any order; those that kcat does not have are kept. What
// stands between the records is free (kcat -D). A record that cannot be read
// costs its line.
func KcatJSON() frame.Form {
	return frame.Form{
		Name:    "kcat-json",
		Summary: "kcat -J: a JSON object a record, payload bytes as they are",
		Meta:    true,
		Read: func(in *frame.Input, o *frame.Options) frame.Reader {
			return &kcatJSONReader{in: in, o: o, line: 1}
		},
		Write: func(*frame.Options) frame.Writer { return kcatJSONWriter{} },
		Sure:  sureKcatJSON,
	}
}

// recordStart begins every record that kcat writes, and cannot stand within
// one: quotes in strings are escaped.
const recordStart = `{"topic"`

// sureKcatJSON wants kcat's own order of members, or a whole record with a
// payload in another: no bytes of another form make such an object.
func sureKcatJSON(head []byte, _ bool) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	if bytes.HasPrefix(head, []byte(recordStart+`:"`)) {
		return true
	}
	var p kcatParser
	return p.parse(head) == parsed && p.has(memberPayload)
}

type kcatJSONReader struct {
	in        *frame.Input
	o         *frame.Options
	line      int    // number of the line that the unread bytes begin in
	lineStart int64  // its offset in the input
	separator []byte // what stands between records, beside white space
	after     bool   // a record came last
	topic     string // of the record before: most records have the same
	parser    kcatParser
	rows      []kcatRow
	heads     []frame.Header
}

// kcatRow is the memory of one frame's metadata.
type kcatRow struct {
	row
	partition, broker int32
}

// Next implements frame.Reader.
func (r *kcatJSONReader) Next(f *frame.Frame) error {
	for {
		b, err := r.skipSpace()
		if err != nil {
			return err
		}
		if b[0] == '{' {
			return r.object(f)
		}
		if !r.isSeparator() {
			return r.damage(f, span.InvalidFrame, 0, "no record of kcat -J begins here")
		}
	}
}

// skipSpace goes on to the first byte that can mean something.
func (r *kcatJSONReader) skipSpace() ([]byte, error) {
	for {
		b, err := r.in.Need(1)
		if len(b) == 0 {
			return nil, err
		}
		n := 0
		for n < len(b) && (b[n] <= ' ' || b[n] == ',') {
			n++
		}
		r.consume(n)
		if n < len(b) {
			return b[n:], nil
		}
	}
}

// maxSeparator is the longest text in bytes that is taken as a separator.
const maxSeparator = 64

// isSeparator passes over what stands between records. The first text between
// two of them is taken as what kcat -D was given, with a note, and is then no
// damage anywhere.
func (r *kcatJSONReader) isSeparator() bool {
	b, _ := r.in.Need(maxSeparator + len(recordStart))
	if len(r.separator) > 0 && bytes.HasPrefix(b, r.separator) {
		r.consume(len(r.separator))
		return true
	}
	end := bytes.IndexAny(b[:min(len(b), maxSeparator+1)], "{\n")
	if !r.after || len(r.separator) > 0 || end < 0 {
		return false
	}
	if rest := bytes.TrimLeft(b[end:], " \t\r\n"); !bytes.HasPrefix(rest, []byte(recordStart)) {
		return false
	}
	r.separator = bytes.Clone(bytes.TrimRight(b[:end], " \t\r"))
	r.o.Tell(strconv.Quote(string(r.separator)) + " stands between the records and is taken as their separator")
	r.consume(len(r.separator))
	return true
}

// consume marks n bytes as read and counts their lines.
func (r *kcatJSONReader) consume(n int) {
	b := r.in.Buffered()[:n]
	if lines := bytes.Count(b, []byte{'\n'}); lines > 0 {
		r.line += lines
		r.lineStart = r.in.Offset() + int64(bytes.LastIndexByte(b, '\n')) + 1
	}
	r.in.Advance(n)
}

// object reads the record whose brace comes next.
func (r *kcatJSONReader) object(f *frame.Frame) error {
	b := r.in.Buffered()
	result := r.parser.parse(b)
	if result == incomplete {
		b = r.whole()
		result = r.parser.parse(b)
	}
	p := &r.parser
	switch {
	case int64(p.at) > r.o.Limit():
		return r.damage(f, span.TooLarge, 0, "the record is longer than the size limit")
	case result == incomplete:
		return r.damage(f, span.Truncated, len(b), "the input ends within the record")
	case result == refused:
		return r.damage(f, span.InvalidFrame, p.at, p.message)
	case !p.has(memberPayload):
		return r.damage(f, span.InvalidFrame, 0, "the record has no payload")
	}
	r.place(f)
	start := r.in.Offset()
	r.consume(p.at) // before escapes are undone: lines are counted here
	r.fill(f, b, start)
	r.after = true
	return nil
}

// whole reads on until the record is whole, or cannot become one, looking at
// each byte once.
func (r *kcatJSONReader) whole() []byte {
	var end objectEnd
	b := r.in.Buffered()
	for !end.scan(b) && int64(len(b)) <= r.o.Limit() {
		more, _ := r.in.More()
		if len(more) == len(b) {
			return more
		}
		b = more
	}
	return b
}

// place sets where the frame begins.
func (r *kcatJSONReader) place(f *frame.Frame) {
	f.Offset = r.in.Offset()
	f.Line, f.Column = r.line, int(f.Offset-r.lineStart)+1
}

// damage makes a problem, at bytes into the record, of everything up to the end
// of the line or the next record.
func (r *kcatJSONReader) damage(f *frame.Frame, tag span.Tag, at int, message string) error {
	r.place(f)
	f.PayloadOffset = f.Offset
	b := r.in.Buffered()
	f.Problem = span.InInput(tag, f.Offset+int64(at), message)
	f.Problem.Line, f.Problem.Column = f.Line, f.Column+at
	if before := b[:min(at, len(b))]; bytes.IndexByte(before, '\n') >= 0 {
		f.Problem.Line += bytes.Count(before, []byte{'\n'})
		f.Problem.Column = len(before) - bytes.LastIndexByte(before, '\n')
	}
	var keep keeper
	r.passDamage(&keep)
	f.Payload, f.Problem.Length = keep.bytes(), keep.length
	r.after = false
	return nil
}

func (r *kcatJSONReader) passDamage(keep *keeper) {
	take := func(n int) {
		offset := r.in.Offset()
		b := r.in.Buffered()[:n]
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			r.line += bytes.Count(b, []byte{'\n'})
			r.lineStart = offset + int64(i) + 1
		}
		keep.take(r.in, n)
	}
	for {
		b, _ := r.in.Need(len(recordStart) + 1)
		if len(b) == 0 {
			return
		}
		skip := 0
		if keep.length == 0 {
			skip = 1 // the damaged record's own start
		}
		next := bytes.Index(b[skip:], []byte(recordStart))
		before := b
		if next >= 0 {
			before = b[:skip+next]
		}
		switch line := bytes.IndexByte(before, '\n'); {
		case line >= 0:
			take(line + 1)
			return
		case next >= 0:
			take(len(before))
			return
		case len(b) <= len(recordStart): // the end
			take(len(b))
		default:
			take(len(b) - len(recordStart) + 1)
		}
	}
}

// fill makes a frame of the parsed record in b, which begins at start.
func (r *kcatJSONReader) fill(f *frame.Frame, b []byte, start int64) {
	p := &r.parser
	if len(r.rows) == 0 {
		r.rows = make([]kcatRow, rowsAtOnce)
	}
	row := &r.rows[0]
	r.rows = r.rows[1:]
	k := &row.kafka
	row.meta.Kafka = k
	k.HasKey, k.HasHeaders = true, true
	if p.has(memberTopic) {
		if topic := p.topic.bytes(b); string(topic) != r.topic {
			r.topic = string(topic)
		}
		k.Topic = r.topic
	}
	if p.has(memberPartition) {
		row.partition = int32(p.partition)
		k.Partition = &row.partition
	}
	if p.has(memberOffset) {
		row.offset = p.offset
		k.Offset = &row.offset
	}
	if p.has(memberBroker) {
		row.broker = int32(p.broker)
		k.Broker = &row.broker
	}
	if p.has(memberTime) {
		row.setTime(p.time)
	}
	k.TimestampType = p.timeType
	k.Key = p.key.bytes(b)
	k.Headers = r.headers(b)
	for _, m := range p.extra {
		k.Extra = append(k.Extra, frame.Member{Key: string(m.key.bytes(b)), Value: b[m.from:m.to:m.to]})
	}
	f.PayloadOffset = span.Unknown
	if !p.payload.escaped && !p.payload.null {
		f.PayloadOffset = start + int64(p.payload.from)
	}
	f.Payload, f.Null, f.Meta = p.payload.bytes(b), p.payload.null, &row.meta
}

func (r *kcatJSONReader) headers(b []byte) []frame.Header {
	flat := r.parser.headers
	if len(flat) == 0 {
		return nil
	}
	if cap(r.heads)-len(r.heads) < len(flat)/2 {
		r.heads = make([]frame.Header, 0, max(len(flat)/2, rowsAtOnce))
	}
	from := len(r.heads)
	for i := 0; i+1 < len(flat); i += 2 {
		r.heads = append(r.heads, frame.Header{Name: flat[i].bytes(b), Value: flat[i+1].bytes(b)})
	}
	return r.heads[from:len(r.heads):len(r.heads)]
}

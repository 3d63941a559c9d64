package breaking

import (
	"fmt"
	"strconv"
)

// TrafficLine says in one line what a recording has of the finding; "" where
// none was asked, or messages cannot show it.
func (f *Finding) TrafficLine() string {
	h := f.Traffic
	switch {
	case h == nil:
		return ""
	case h.Hits == 0:
		return "not hit by the recording"
	}
	return "hit " + times(h.Hits) + ", in " + countRecords(h.Records) + "; " + h.Example.where()
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return strconv.FormatInt(n, 10) + " times"
}

func countRecords(n int64) string {
	if n == 1 {
		return "1 record"
	}
	return strconv.FormatInt(n, 10) + " records"
}

// where is the example's place: the record, its source and offset, and the
// field.
func (e *TrafficExample) where() string {
	text := "first record " + strconv.FormatInt(e.Record, 10)
	if e.Source != "" {
		text += " of " + e.Source
	}
	if e.Offset != nil {
		text += " at offset " + strconv.FormatInt(*e.Offset, 10)
	}
	if e.Path != "" {
		text += ", " + e.Path
	}
	return text
}

// traffic prints what a recording has of a finding.
func (p *printer) traffic(f *Finding, writtenBy string) {
	if line := f.TrafficLine(); line != "" {
		p.line("traffic", clean(line))
		p.example(f.Traffic.Example, writtenBy)
	}
}

func (p *printer) example(e *TrafficExample, writtenBy string) {
	if e == nil {
		return
	}
	if e.part != nil && len(e.Written) > p.o.Width/2 {
		p.witness(e.part)
		return
	}
	w := &Witness{Type: e.Type, WrittenBy: writtenBy, Bytes: e.Bytes, Written: e.Written, Read: e.Read, Error: e.Error}
	if e.Length > len(e.Bytes)/2 {
		w.Bytes += fmt.Sprintf("… (%d bytes)", e.Length)
	}
	if e.Read == nil && e.Error == nil {
		w.Error = []byte(`{"message":"it has no such type"}`)
	}
	p.witness(w)
}

// trafficSummary prints what a recording came to.
func (p *printer) trafficSummary(s *TrafficSummary) {
	if s == nil {
		return
	}
	for _, u := range s.Unreported {
		p.line("", p.paint(red, clean(u.Element)+": a difference that no rule reported, a defect of pbscope: "+clean(u.Why)))
		p.line("traffic", fmt.Sprintf("seen %s, in %s; %s", times(u.Hits), countRecords(u.Records), clean(u.Example.where())))
		p.example(u.Example, s.WrittenBy)
	}
	p.line("", s.line())
}

// line is the summary in one line.
func (s *TrafficSummary) line() string {
	other := map[string]string{"old": "new", "new": "old"}[s.WrittenBy]
	text := fmt.Sprintf("traffic written by the %s side: %s, %d read by both sides", s.WrittenBy, countRecords(s.Records), s.Both)
	add := func(n int64, what string) {
		if n > 0 {
			text += fmt.Sprintf(", %d %s", n, what)
		}
	}
	add(s.Writer, "refused by the "+other+" side")
	add(s.Reader, "read by the "+other+" side only")
	add(s.Neither, "read by neither")
	add(s.Gone, "of a type that the "+other+" side lacks")
	add(s.Untyped, "of no type that the "+s.WrittenBy+" side has")
	add(s.Damaged, "damaged")
	add(s.Empty, "without a message")
	add(s.Deep, "compared in part (nested too deep)")
	return text + fmt.Sprintf("; %d of %d findings hit", s.Hit, s.Of)
}

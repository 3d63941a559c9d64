package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// TextOptions say how a report is printed for people.
type TextOptions struct {
	// Color uses terminal colours.
	Color bool
	// Width cuts the lines of witnesses; 0 is 160 characters.
	Width int
}

// maxContents is how many elements of a finding are listed.
const maxContents = 10

// printer writes a report.
type printer struct {
	dst []byte
	o   TextOptions
}

// AppendText appends the report for people: a line for each finding, what it
// means below it, and a verdict at the end.
func (r *Report) AppendText(dst []byte, o TextOptions) []byte {
	if o.Width <= 0 {
		o.Width = 160
	}
	p := &printer{dst, o}
	for _, f := range r.Findings {
		p.finding(f)
	}
	if len(r.Waived) > 0 {
		for _, f := range r.Waived {
			p.line("", place(f)+": "+f.Message+" ["+f.Rule+"] waived: "+f.Reason)
		}
	}
	p.verdict(r)
	return p.dst
}

// The colours, as SGR parameters.
const (
	red, yellow, blue, dim, bold, green = "31", "33", "34", "2", "1", "32"
)

func (p *printer) paint(color, text string) string {
	if !p.o.Color || color == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// line is one line with a label before it.
func (p *printer) line(label, text string) {
	if label != "" {
		label = "    " + p.paint(dim, label+":") + strings.Repeat(" ", max(0, 8-len(label)))
	}
	p.dst = append(append(append(p.dst, label...), text...), '\n')
}

func severityColor(s Severity) string {
	switch s {
	case Break:
		return red
	case Lossy:
		return yellow
	}
	return blue
}

func (p *printer) finding(f *Finding) {
	p.line("", p.paint(bold, place(f))+": "+clean(f.Message)+" "+p.paint(severityColor(f.Severity), "["+f.Rule+"]"))
	why := clean(f.Why)
	if hit := strings.Join(f.Breaks.Words(), ", "); hit != "" {
		why = f.Severity.String() + " " + hit + ": " + why
	} else {
		why = f.Severity.String() + ": " + why
	}
	p.line("why", why)
	if f.Previous != nil && f.Previous.Line > 0 {
		p.line("was", fmt.Sprintf("%s:%d:%d", clean(f.Previous.File), f.Previous.Line, f.Previous.Column))
	}
	p.witness(f.Witness)
	for i, element := range f.Contents {
		if i == maxContents {
			p.line("", "              … and "+strconv.Itoa(len(f.Contents)-i)+" more")
			break
		}
		label := "what"
		if i > 0 {
			p.line("", strings.Repeat(" ", 13)+clean(element))
			continue
		}
		p.line(label, clean(element))
	}
	switch {
	case f.Fix != nil && f.Fix.Line > 0:
		p.line("mend", fmt.Sprintf("insert `%s` at %s:%d", f.Fix.Text, clean(f.Fix.Path), f.Fix.Line))
	case f.Fix != nil:
		p.line("mend", "`"+f.Fix.Text+"`")
	case f.Advice != "":
		p.line("mend", f.Advice)
	}
}

func (p *printer) witness(w *Witness) {
	if w == nil {
		return
	}
	other := map[string]string{"old": "new", "new": "old"}[w.WrittenBy]
	payload := w.Bytes
	if payload == "" {
		payload = "(empty)"
	}
	if w.Text != "" {
		p.line("text", p.cut(w.Text)+" as "+w.Type)
	} else {
		p.line("bytes", p.cut(payload)+" as "+w.Type)
	}
	p.line(w.WrittenBy, "wrote "+p.cut(string(w.Written)))
	if w.Error != nil {
		p.line(other, "refuses it: "+problemText(w.Error))
		return
	}
	p.line(other, "reads "+p.cut(string(w.Read)))
}

// problemText is the message of an error object.
func problemText(object []byte) string {
	var e struct{ Path, Message string }
	if json.Unmarshal(object, &e) != nil {
		return string(object)
	}
	if e.Path != "" {
		return clean(e.Path + ": " + e.Message)
	}
	return clean(e.Message)
}

func (p *printer) cut(text string) string {
	text = clean(text)
	if len(text) <= p.o.Width {
		return text
	}
	return strings.ToValidUTF8(text[:p.o.Width], "") + "…"
}

// clean keeps control characters of schemas and messages off the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, text)
}

// place is file:line:column as editors know it; of what has no line only the
// file.
func place(f *Finding) string {
	file := f.Path
	if file == "" {
		file = f.File
	}
	if f.Line == 0 {
		return clean(file)
	}
	return fmt.Sprintf("%s:%d:%d", clean(file), f.Line, f.Column)
}

func (p *printer) verdict(r *Report) {
	counts := map[Severity]int{}
	back, forth := false, false
	for _, f := range r.Findings {
		counts[f.Severity]++
		back = back || f.Breaks&Backward != 0
		forth = forth || f.Breaks&Forward != 0
	}
	var b bytes.Buffer
	color := green
	switch r.Verdict {
	case Breaking:
		color = red
	case Risky:
		color = yellow
	}
	b.WriteString(p.paint(color, string(r.Verdict)) + " with " + clean(r.Against))
	if len(r.Findings) > 0 {
		b.WriteString(": ")
		for i, s := range []Severity{Break, Lossy, Risk} {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%d %s", counts[s], s)
		}
	}
	if len(r.Waived) > 0 {
		fmt.Fprintf(&b, "; %d waived", len(r.Waived))
	}
	switch {
	case back && !forth:
		b.WriteString("; old readers are safe: only what reads old data with the new schema is hit")
	case forth && !back:
		b.WriteString("; new readers are safe: let readers have the new schema before writers")
	}
	p.line("", b.String())
}

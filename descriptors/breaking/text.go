package breaking

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
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

// AppendText appends the report for people: a line for each finding, or for
// several of one cause, what it means below it, and a verdict at the end.
func (r *Report) AppendText(dst []byte, o TextOptions) []byte {
	if o.Width <= 0 {
		o.Width = 160
	}
	p := &printer{dst, o}
	for _, group := range alikes(r.Findings) {
		p.finding(group)
		if r.Traffic != nil {
			p.traffic(group[0], r.Traffic.WrittenBy)
		}
	}
	for _, f := range r.Waived {
		text := place(f) + ": " + clean(f.Message) + " [" + f.Rule + "] waived: " + clean(f.Reason)
		if f.Waiver != nil && f.Waiver.Expires != "" {
			text += " (until " + f.Waiver.Expires + ")"
		}
		p.line("", text)
	}
	p.trafficSummary(r.Traffic)
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

// finding prints one finding, or several that are alike.
func (p *printer) finding(group []*Finding) {
	f := group[0]
	message := clean(f.Message)
	if more := len(group) - 1; more > 0 {
		message += ", and " + strconv.Itoa(more) + " more like it"
	}
	p.line("", p.paint(bold, place(f))+": "+message+" "+p.paint(severityColor(f.Severity), "["+f.Rule+"]"))
	why := f.Severity.String()
	if hit := strings.Join(f.Breaks.Words(), ", "); hit != "" {
		why += " " + hit
	}
	p.line("why", why+": "+clean(f.Why))
	if len(f.Against) > 0 {
		p.line("with", clean(strings.Join(f.Against, ", ")))
	}
	if f.Previous != nil && f.Previous.Line > 0 && len(group) == 1 {
		p.line("was", f.Previous.place())
	}
	p.witness(f.Witness)
	if f.NoWitness != "" {
		p.line("bytes", clean(f.NoWitness))
	}
	p.contents(group)
	p.mend(group)
}

// place is where the old declaration stands.
func (p *Previous) place() string {
	return clean(fmt.Sprintf("%s:%d:%d", cmp.Or(p.path, p.File), p.Line, p.Column))
}

// contents lists what a finding stands for, or the elements of several.
func (p *printer) contents(group []*Finding) {
	all := group[0].Contents
	if len(group) > 1 {
		all = nil
		for _, f := range group {
			text := f.Element
			if text == group[1].Element && text == group[0].Element {
				text = f.Message
			}
			if f.Previous != nil && f.Previous.Line > 0 && f.Element != f.File {
				text += " (was " + f.Previous.place() + ")"
			}
			all = append(all, text)
		}
	}
	for i, element := range all {
		switch {
		case i == maxContents:
			p.line("", "             … and "+strconv.Itoa(len(all)-i)+" more")
			return
		case i > 0:
			p.line("", strings.Repeat(" ", 13)+clean(element))
		default:
			p.line("what", clean(element))
		}
	}
}

// mend says what to do: several statements that belong in one place as one.
func (p *printer) mend(group []*Finding) {
	f := group[0]
	switch {
	case f.Fix != nil:
		text := "`" + clean(fixText(group)) + "`"
		if f.Fix.Line > 0 {
			text = fmt.Sprintf("insert %s at %s:%d", text, clean(f.Fix.Path), f.Fix.Line)
		}
		p.line("mend", text)
	case f.Advice != "":
		p.line("mend", f.Advice)
	}
}

// fixText is the statement of a fix, or one with the numbers of all.
func fixText(group []*Finding) string {
	var numbers []string
	for _, f := range group {
		text, ok := "", f.Fix != nil
		if ok {
			text, ok = strings.CutPrefix(f.Fix.Text, "reserved ")
		}
		if !ok {
			return group[0].Fix.Text
		}
		numbers = append(numbers, strings.TrimSuffix(text, ";"))
	}
	return "reserved " + JoinReserved(numbers) + ";"
}

// alikes puts findings together that stand at one place, or are about files of
// one directory that are gone, and say the same of their elements: those of one
// cause. What has a witness stands by itself.
func alikes(findings []*Finding) [][]*Finding {
	type key struct {
		rule, place, holder, why, against, traffic string
		severity                                   Severity
		breaks                                     Direction
	}
	var groups [][]*Finding
	known := make(map[key]int)
	for _, f := range findings {
		if f.Witness != nil || f.NoWitness != "" || len(f.Contents) > 0 {
			groups = append(groups, []*Finding{f})
			continue
		}
		k := key{f.Rule, place(f), f.Element[:max(strings.LastIndexByte(f.Element, '.'), 0)], f.Why, strings.Join(f.Against, ","), f.TrafficLine(), f.Severity, f.Breaks}
		if f.Element == f.File {
			directory := path.Dir(f.File)
			k.place, k.holder = directory, directory
		}
		if i, ok := known[k]; ok {
			groups[i] = append(groups[i], f)
			continue
		}
		known[k] = len(groups)
		groups = append(groups, []*Finding{f})
	}
	return groups
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

// clean keeps control characters of schemas and messages off the terminal, and
// those that end lines or turn the direction of writing.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
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
	color := green
	switch r.Verdict {
	case Breaking:
		color = red
	case Risky:
		color = yellow
	}
	if first := r.DeployFirst(); first != "" {
		p.line("", first)
	}
	rest, _ := strings.CutPrefix(clean(r.Conclusion()), string(r.Verdict))
	p.line("", p.paint(color, string(r.Verdict))+rest)
}

// Conclusion is the verdict on one line, with what was found and the step to
// the next version.
func (r *Report) Conclusion() string {
	var counts [Break + 1]int
	for _, f := range r.Findings {
		counts[f.Severity]++
	}
	text := string(r.Verdict) + " with " + r.Against
	if len(r.Findings) > 0 {
		text += fmt.Sprintf(": %d break, %d lossy, %d risk", counts[Break], counts[Lossy], counts[Risk])
	}
	if len(r.Waived) > 0 {
		text += fmt.Sprintf("; %d waived", len(r.Waived))
	}
	return text + "; next version: " + string(r.Semver)
}

// DeployFirst says which side to deploy first where findings hurt only one
// direction; "" where they hurt none or both, or one direction was not checked.
func (r *Report) DeployFirst() string {
	if r.oneWay {
		return ""
	}
	var breaks Direction
	for _, f := range r.Findings {
		breaks |= f.Breaks
	}
	switch breaks & (Backward | Forward) {
	case Backward:
		return "deploy writers first: only new readers are hurt, by old data, what is stored included"
	case Forward:
		return "deploy readers first: only old readers are hurt, by what new writers write"
	}
	return ""
}

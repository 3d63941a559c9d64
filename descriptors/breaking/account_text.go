package breaking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// maxChanges is how many changes of an element are printed for people.
const maxChanges = 40

// AppendJSON appends the account as one indented JSON document and a line's
// end.
func (a *Account) AppendJSON(dst []byte) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(a)
	return b.Bytes(), err
}

// AppendText appends the account for people.
func (a *Account) AppendText(dst []byte, o TextOptions) []byte {
	if o.Width <= 0 {
		o.Width = 160
	}
	p := &printer{dst, o}
	color := green
	switch a.Verdict {
	case Breaking:
		color = red
	case Risky:
		color = yellow
	}
	what := map[Verdict]string{Unchanged: "did not change"}[a.Verdict]
	if what == "" {
		what = "is " + p.paint(color, string(a.Verdict))
	}
	p.line("", fmt.Sprintf("%s (%s) %s, compared with %s", p.paint(bold, clean(a.Element)), a.Kind, what, clean(a.Against)))
	p.places(a.Old, a.New, a.Element)
	for i, c := range a.Changes {
		if i == maxChanges {
			p.line("", "… and "+strconv.Itoa(len(a.Changes)-i)+" more changes that hurt nobody (--format json has them)")
			break
		}
		p.change(a, c)
	}
	for _, group := range alikes(a.Findings) {
		p.finding(group)
	}
	for _, f := range a.Waived {
		p.line("", place(f)+": "+clean(f.Message)+" ["+f.Rule+"] waived: "+clean(f.Reason))
	}
	return p.dst
}

// places prints where the two sides stand.
func (p *printer) places(old, new *Place, element string) {
	for _, side := range []struct {
		label string
		at    *Place
	}{{"old", old}, {"new", new}} {
		switch {
		case side.at == nil:
			p.line(side.label, "not there")
		case side.at.Element != element:
			p.line(side.label, side.at.text()+" as "+clean(side.at.Element))
		default:
			p.line(side.label, side.at.text())
		}
	}
}

// text is file:line:column, as far as it is known.
func (p *Place) text() string {
	name := p.Path
	if name == "" {
		name = p.File
	}
	if p.Line == 0 {
		return clean(name)
	}
	return clean(fmt.Sprintf("%s:%d:%d", name, p.Line, p.Column))
}

func (p *printer) change(a *Account, c Change) {
	at := c.New
	if at == nil {
		at = c.Old
	}
	p.line("", p.paint(bold, at.text())+": "+clean(c.Element+": "+c.What)+" "+p.paint(green, "[ok]"))
	p.line("why", clean(c.Why))
	if c.New != nil && c.Old != nil && c.Element != a.Element {
		p.line("was", c.Old.text())
	}
	if s := c.Shown; s != nil {
		payload := s.Bytes
		if payload == "" {
			payload = "(empty)"
		}
		p.line("bytes", p.cut(payload)+" as "+clean(s.Type)+", written by the "+s.WrittenBy+" schema")
		p.line("old", "reads "+p.cut(strings.TrimSpace(string(s.Old))))
		p.line("new", "reads "+p.cut(strings.TrimSpace(string(s.New))))
	}
}

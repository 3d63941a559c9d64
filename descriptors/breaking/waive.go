package breaking

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
)

// Waiver accepts the findings of rules about an element, as a configuration
// says it; a comment above the element says the same of itself.
type Waiver struct {
	// Element is a full name, as findings have it; * in it is any run of
	// characters.
	Element string
	// Rules are ids.
	Rules  []string
	Reason string
	// Expires is the last day of the waiver; the zero time for one that stays.
	Expires time.Time
	// Path, Line and Column are where it stands.
	Path         string
	Line, Column int
}

// WaiverState says what became of a waiver.
type WaiverState string

// The states.
const (
	WaiverUsed    WaiverState = "used"
	WaiverUnused  WaiverState = "unused"
	WaiverExpired WaiverState = "expired"
	// WaiverUntried: not all that it allows was looked for.
	WaiverUntried WaiverState = "untried"
	// WaiverUnknown: it names no rule that there is.
	WaiverUnknown WaiverState = "unknown"
)

// WaiverUse is a waiver and what became of it.
type WaiverUse struct {
	Rules []string `json:"rules"`
	// Element is "" for a comment, which speaks for what stands below it.
	Element string      `json:"element,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Expires string      `json:"expires,omitempty"` // year-month-day
	State   WaiverState `json:"state"`
	Path    string      `json:"path"`
	Line    int         `json:"line"`
	Column  int         `json:"column,omitempty"`
}

// InSource says that the waiver is a comment.
func (u *WaiverUse) InSource() bool { return u.Element == "" }

// waiverMark begins a waiver in a comment: pbscope:allow RULE reason, or
// pbscope:allow RULE until 2026-12-31 reason. Several rules are separated by
// commas.
const waiverMark = "pbscope:allow"

// waivers are those of the new side's comments, read where they are asked for,
// and of the configuration.
type waivers struct {
	schema *Schema
	today  string // as WaiverUse.Expires, which sorts by time
	at     map[placement][]*WaiverUse
	// comments are those of at by their place: several locations can have one.
	comments map[string]*WaiverUse
	given    []*WaiverUse
}

func newWaivers(s *Schema, given []Waiver, today time.Time) *waivers {
	ws := &waivers{schema: s, at: make(map[placement][]*WaiverUse), comments: make(map[string]*WaiverUse)}
	if !today.IsZero() {
		ws.today = today.Format(time.DateOnly)
	}
	for _, w := range given {
		u := &WaiverUse{Rules: w.Rules, Element: w.Element, Reason: w.Reason, Path: w.Path, Line: w.Line, Column: w.Column}
		if !w.Expires.IsZero() {
			u.Expires = w.Expires.Format(time.DateOnly)
		}
		ws.given = append(ws.given, ws.begin(u))
	}
	return ws
}

// begin is a waiver that nothing has needed yet.
func (ws *waivers) begin(u *WaiverUse) *WaiverUse {
	u.State = WaiverUnused
	if u.Expires != "" && ws.today > u.Expires {
		u.State = WaiverExpired
	}
	return u
}

// waive notes the waiver in f where the comment above it or the configuration
// allows its rule.
func (ws *waivers) waive(f *Finding) bool {
	var all []*WaiverUse
	if f.at.file != nil {
		all = ws.of(f.at)
	}
	for _, u := range slices.Concat(all, ws.given) {
		if u.State == WaiverExpired || !slices.Contains(u.Rules, f.Rule) || u.Element != "" && !speaksFor(u.Element, f) {
			continue
		}
		u.State = WaiverUsed
		f.Reason, f.Waiver = u.Reason, u
		return true
	}
	return false
}

// speaksFor says whether a name or pattern is that of a finding's element, on
// either side.
func speaksFor(pattern string, f *Finding) bool {
	fits := func(name string) bool {
		if name == pattern {
			return true
		}
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	}
	return fits(f.Element) || f.Previous != nil && fits(f.Previous.Element)
}

func (ws *waivers) of(at placement) []*WaiverUse {
	if found, ok := ws.at[at]; ok {
		return found
	}
	var found []*WaiverUse
	for _, l := range ws.schema.locationsOf(at) {
		found = append(found, ws.parse(at.file.Path(), l)...)
	}
	ws.at[at] = found
	return found
}

// locationsOf are the places whose comments speak for a placement: for a file,
// its syntax, edition and package statements.
func (s *Schema) locationsOf(at placement) []protoreflect.SourceLocation {
	locations := s.locations(at.file)
	if at.desc != nil {
		return []protoreflect.SourceLocation{locations.ByPath(bufrules.Path(at.desc))}
	}
	var all []protoreflect.SourceLocation
	for _, tag := range []int32{12, 14, 2} { // syntax, edition, package
		all = append(all, locations.ByPath(protoreflect.SourcePath{tag}))
	}
	return all
}

// parse is the waivers in the comments of a place.
func (ws *waivers) parse(file string, l protoreflect.SourceLocation) []*WaiverUse {
	if l.Path == nil {
		return nil
	}
	var found []*WaiverUse
	for _, comment := range append(slices.Clone(l.LeadingDetachedComments), l.LeadingComments, l.TrailingComments) {
		if !strings.Contains(comment, waiverMark) {
			continue
		}
		for line := range strings.Lines(comment) {
			_, text, ok := strings.Cut(line, waiverMark)
			if ok && (text == "" || text[0] == ' ' || text[0] == '\t' || text[0] == '\n') {
				found = append(found, ws.comment(cmp.Or(ws.schema.paths[file], file), l.StartLine+1, text))
			}
		}
	}
	return found
}

// comment is the waiver in the text of a comment, one and the same for each
// location that has it.
func (ws *waivers) comment(path string, line int, text string) *WaiverUse {
	key := fmt.Sprint(path, ":", line, ":", text)
	if u := ws.comments[key]; u != nil {
		return u
	}
	rules, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
	u := &WaiverUse{Rules: strings.Split(strings.TrimSuffix(rules, ":"), ","), Reason: strings.TrimSpace(reason), Path: path, Line: line}
	if word, rest, _ := strings.Cut(u.Reason, " "); word == "until" {
		day, reason, _ := strings.Cut(rest, " ")
		if _, err := time.Parse(time.DateOnly, strings.TrimSuffix(day, ":")); err == nil {
			u.Expires, u.Reason = strings.TrimSuffix(day, ":"), strings.TrimSpace(reason)
		}
	}
	ws.comments[key] = ws.begin(u)
	return u
}

// uses are all waivers of the compared files and of the configuration, in the
// order of their places.
func (ws *waivers) uses(o Options) []*WaiverUse {
	for _, file := range ws.schema.files {
		if !o.selects(file.Path(), ws.schema.paths[file.Path()]) || !ws.schema.mentions(file, waiverMark) {
			continue
		}
		for _, l := range ws.schema.locations(file).list {
			ws.parse(file.Path(), l)
		}
	}
	all := slices.Clone(ws.given)
	for _, u := range ws.comments {
		all = append(all, u)
	}
	slices.SortStableFunc(all, func(a, b *WaiverUse) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			slices.Compare(a.Rules, b.Rules), cmp.Compare(a.Reason, b.Reason))
	})
	ids := make(map[string]bool)
	for _, r := range Rules() {
		ids[r.ID] = true
	}
	for _, u := range all {
		switch {
		case slices.ContainsFunc(u.Rules, func(id string) bool { return !ids[id] }):
			u.State = WaiverUnknown
		case u.State == WaiverUnused && !u.tried(o):
			u.State = WaiverUntried
		}
	}
	return all
}

// tried says whether all that the waiver allows was looked for.
func (u *WaiverUse) tried(o Options) bool {
	whole := o.Selected == nil && !o.InputFilesOnly || u.InSource()
	return whole && (o.Mode == "" || o.Mode == ModeFull) && !slices.ContainsFunc(u.Rules, func(id string) bool {
		return !slices.ContainsFunc(o.Rules, func(r Rule) bool { return r.ID == id })
	})
}

// waiverNotes tell of the waivers that name no rule, that have expired, and
// that nothing needed.
func waiverNotes(uses []*WaiverUse) []string {
	var ids, notes []string
	for _, r := range Rules() {
		ids = append(ids, r.ID)
	}
	for _, u := range uses {
		if note := u.note(ids); note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// note is what there is to say about a waiver on one line; "" for nothing.
func (u *WaiverUse) note(ids []string) string {
	place := fmt.Sprintf("%s:%d: ", u.Path, u.Line)
	if u.Column > 0 {
		place = fmt.Sprintf("%s:%d:%d: ", u.Path, u.Line, u.Column)
	}
	what := strings.Join(u.Rules, ", ")
	if u.Element != "" {
		what += " for " + u.Element
	}
	switch u.State {
	case WaiverUnknown:
		for _, rule := range u.Rules {
			if !slices.Contains(ids, rule) {
				return place + "a waiver allows " + rule + ": " + unknown(rule, ids).Error()
			}
		}
	case WaiverExpired:
		return place + "the waiver of " + what + " expired on " + u.Expires + " and does not hold any more"
	case WaiverUnused:
		return place + "nothing needs the waiver of " + what + " any more"
	}
	return ""
}

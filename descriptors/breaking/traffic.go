package breaking

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
)

// Recorded is one message of a recording.
type Recorded struct {
	// Source is the input's name, "" for standard input.
	Source string
	// Number counts the records of the source from 1; Offset is in bytes,
	// negative where the record does not lie there in one piece.
	Number, Offset int64
	// Type is the full name of the message type under the writer's schema.
	Type    protoreflect.FullName
	Payload []byte
}

// Hit is what a recording has of a finding.
type Hit struct {
	// Hits counts the places in messages, Records the records that have some.
	Hits    int64           `json:"hits"`
	Records int64           `json:"records"`
	Example *TrafficExample `json:"example,omitempty"`

	last int64 // the record that was counted last
}

// TrafficExample is a place in a recording. Of a long message it shows the
// part that has the place, and of that the beginning.
type TrafficExample struct {
	Source string `json:"source,omitempty"`
	Record int64  `json:"record"`
	Offset *int64 `json:"offset,omitempty"`
	// Path is the field, from the record's message; Type the message that is
	// shown, Bytes its bytes in hex (of a long one the first), Length how many
	// there are.
	Path    string          `json:"path"`
	Type    string          `json:"type"`
	Bytes   string          `json:"bytes"`
	Length  int             `json:"length"`
	Written json.RawMessage `json:"written"`
	Read    json.RawMessage `json:"read,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`

	part *Witness // the field alone, where that can be shown
}

// Unreported is a difference that no finding tells of: a defect of the rules.
type Unreported struct {
	Element string `json:"element"`
	Why     string `json:"why"`
	Hit
}

// TrafficSummary is what a recording came to.
type TrafficSummary struct {
	// WrittenBy is "old" or "new".
	WrittenBy string `json:"writtenBy"`
	// Records are all messages; Both those that both schemas decode, Writer
	// and Reader those that only that one does, Neither those that none does.
	Records int64 `json:"records"`
	Both    int64 `json:"decodedByBoth"`
	Writer  int64 `json:"decodedByWriter"`
	Reader  int64 `json:"decodedByReader"`
	Neither int64 `json:"decodedByNeither"`
	// Gone are those whose type the reader's schema lacks, Untyped those of no
	// type or one that the writer's schema lacks, Damaged those that the
	// framing could not read, Empty those without a message.
	Gone    int64 `json:"typeGone"`
	Untyped int64 `json:"untyped"`
	Damaged int64 `json:"damaged"`
	Empty   int64 `json:"withoutMessage"`
	// Deep are those of which a part was too deep to be compared.
	Deep int64 `json:"tooDeep"`
	// Hit are the findings that the recording has, of all (waived ones too)
	// that messages can show.
	Hit        int           `json:"findingsHit"`
	Of         int           `json:"findings"`
	Unreported []*Unreported `json:"unreported"`
}

// Traffic holds recorded messages against the findings of a report. It is for
// one goroutine.
type Traffic struct {
	c        *comparison
	report   *Report
	backward bool // the old side wrote
	complete bool // DATA was judged whole in this direction
	byName   map[string][]*Finding
	links    map[nodeKey]*link
	ofValues map[valueKey][]*Finding
	summary  *TrafficSummary
	missed   map[string]*Unreported

	record *Recorded // the one at work
	number int64     // of it, over all sources
	deep   bool
	told   bool // something was found in it that its reader refuses
}

// maxUnreported bounds how many differences without a finding are kept.
const maxUnreported = 100

// HoldTraffic begins to hold recorded messages, written by the "old" or the "new"
// side, against the report. What they hit is noted in its findings.
func (r *Report) HoldTraffic(writtenBy string) *Traffic {
	t := &Traffic{
		c: r.comparison, report: r, backward: writtenBy != "new",
		byName:   make(map[string][]*Finding),
		links:    make(map[nodeKey]*link),
		ofValues: make(map[valueKey][]*Finding),
		missed:   make(map[string]*Unreported),
		summary:  &TrafficSummary{WrittenBy: "old", Unreported: []*Unreported{}},
	}
	if !t.backward {
		t.summary.WrittenBy = "new"
	}
	t.complete = t.judgedWhole()
	for _, f := range slices.Concat(r.Findings, r.Waived) {
		if !shownByMessages(f) {
			continue
		}
		f.Traffic = new(Hit)
		t.summary.Of++
		names := append([]string{f.Element}, f.Contents...)
		if f.Previous != nil {
			names = append(names, f.Previous.Element)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			t.byName[name] = append(t.byName[name], f)
		}
	}
	r.Traffic = t.summary
	return t
}

// judgedWhole says whether all rules of DATA judged the direction, so that a
// difference without a finding is a defect.
func (t *Traffic) judgedWhole() bool {
	o := &t.c.options
	if o.Buf != nil || t.backward && o.Mode == ModeForward || !t.backward && o.Mode == ModeBackward {
		return false
	}
	all, _ := Select([]string{Data}, nil)
	for _, want := range all {
		if !slices.ContainsFunc(o.Rules, func(r Rule) bool { return r.ID == want.ID }) {
			return false
		}
	}
	return true
}

// shownByMessages says whether a recorded message can hit a finding: one of
// calls, of code and of buf's rules it cannot.
func shownByMessages(f *Finding) bool {
	if !slices.Contains(f.Categories, Data) && !slices.Contains(f.Categories, jsonCategory) {
		return false
	}
	switch f.Rule {
	case "SERVICE_DELETED":
		return f.lostMessages
	case "RPC_DELETED", "RPC_STREAMING_CHANGED", "RPC_IDEMPOTENCY_CHANGED", "HTTP_RULE_CHANGED":
		return false
	}
	return true
}

// Plan is the plan of the writer's type of that name, nil for none.
func (t *Traffic) Plan(name protoreflect.FullName) *plan.Message {
	if w := t.writer().types[name]; w != nil {
		return w.load().plan
	}
	return nil
}

// TypeNames are the writer's message types, in the order of declaration.
func (t *Traffic) TypeNames() []string {
	var names []string
	for _, w := range t.writer().typeOrder {
		names = append(names, string(w.desc.FullName()))
	}
	return names
}

func (t *Traffic) writer() *Schema {
	if t.backward {
		return t.c.old
	}
	return t.c.new
}

// Damaged counts a frame that is no message: one that the framing could not
// read, or one that holds none (a tombstone, a text message).
func (t *Traffic) Damaged(damaged bool) {
	t.summary.Records++
	if damaged {
		t.summary.Damaged++
	} else {
		t.summary.Empty++
	}
}

// Message holds one message against the findings.
func (t *Traffic) Message(m *Recorded) {
	t.record, t.deep, t.told = m, false, false
	t.number++
	t.summary.Records++
	w := t.writer().types[m.Type]
	if w == nil {
		t.summary.Untyped++
		return
	}
	w.load()
	r := t.c.partner(w)
	if r == nil {
		t.summary.Gone++
		if _, ok := t.c.json(w.plan, m.Payload); ok {
			t.typeGone(w, nil)
		}
		return
	}
	r.load()
	written, writes := t.c.json(w.plan, m.Payload)
	_, reads := t.c.json(r.plan, m.Payload)
	t.summary.count(writes, reads)
	if !writes {
		return
	}
	here := spot{w: w, r: r, payload: m.Payload}
	t.message(here)
	if !reads && !t.told && !bytes.Contains(written, []byte(`"@unknown":[`)) {
		// What the writer itself does not know is none of the rules' business.
		t.differs(here, nil, string(w.desc.FullName()), "the reader refuses the message")
	}
	t.calls(w, m.Payload)
	if t.deep {
		t.summary.Deep++
	}
}

func (s *TrafficSummary) count(writes, reads bool) {
	switch {
	case writes && reads:
		s.Both++
	case writes:
		s.Writer++
	case reads:
		s.Reader++
	default:
		s.Neither++
	}
}

// Finish sums up; Message must not be called any more.
func (t *Traffic) Finish() {
	for _, f := range slices.Concat(t.report.Findings, t.report.Waived) {
		if f.Traffic != nil && f.Traffic.Hits > 0 {
			t.summary.Hit++
		}
	}
	for _, u := range t.missed {
		t.summary.Unreported = append(t.summary.Unreported, u)
	}
	slices.SortFunc(t.summary.Unreported, func(a, b *Unreported) int { return strings.Compare(a.Element+a.Why, b.Element+b.Why) })
}

// WorstHit is the worst severity among the findings that count and are hit; a
// difference that no finding tells of is a break.
func (r *Report) WorstHit() Severity {
	worst := None
	for _, f := range r.Findings {
		if f.Traffic != nil && f.Traffic.Hits > 0 {
			worst = max(worst, f.Severity)
		}
	}
	if r.Traffic != nil && len(r.Traffic.Unreported) > 0 {
		worst = Break
	}
	return worst
}

// spot is a message of the record on both sides.
type spot struct {
	w, r    *typ
	payload []byte
	path    string
	depth   int
	// blame are the findings of the field or method through which types that
	// do not correspond are compared.
	blame []*Finding
	// field is the records of the one that is looked at, nil for none.
	field []byte
}

// hit notes that a record has what a finding is about.
func (t *Traffic) hit(f *Finding, at spot, path string) {
	t.note(f.Traffic, at, path)
}

func (t *Traffic) note(h *Hit, at spot, path string) {
	h.Hits++
	if h.last != t.number {
		h.last = t.number
		h.Records++
	}
	if h.Example == nil {
		h.Example = t.example(at, path)
	}
}

// differs blames the findings that fit for a difference; if there is none, it
// is one that the rules did not tell of.
func (t *Traffic) differs(at spot, blamed []*Finding, element, why string) {
	t.told = true
	path := at.path
	if element != string(at.w.desc.FullName()) {
		path = join(at.path, element[strings.LastIndexByte(element, '.')+1:])
	}
	found := false
	for _, f := range blamed {
		if f.Traffic != nil {
			t.hit(f, at, path)
			found = true
		}
	}
	if found || !t.complete {
		return
	}
	key := element + "\x00" + why
	u := t.missed[key]
	if u == nil {
		if len(t.missed) >= maxUnreported {
			return
		}
		u = &Unreported{Element: element, Why: why}
		t.missed[key] = u
	}
	t.note(&u.Hit, at, path)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Bounds of an example: of its JSON and of its bytes.
const (
	maxExampleText  = 2 << 10
	maxExampleBytes = 256
)

func (t *Traffic) example(at spot, path string) *TrafficExample {
	m, part := t.record, t.part(at)
	e := &TrafficExample{Source: m.Source, Record: m.Number, Path: path, part: part}
	if m.Offset >= 0 {
		offset := m.Offset
		e.Offset = &offset
	}
	whole := spot{w: t.writer().types[m.Type], payload: m.Payload}
	if at.depth > 0 && len(m.Payload) <= maxExampleBytes && whole.w != at.w && t.c.partner(whole.w) != nil {
		whole.r = t.c.partner(whole.w)
		at = whole
	}
	e.Type, e.Length = string(at.w.desc.FullName()), len(at.payload)
	e.Bytes = hex.EncodeToString(at.payload[:min(len(at.payload), maxExampleBytes)])
	written, _ := t.c.json(at.w.plan, at.payload)
	e.Written = excerpt(written)
	if at.r == nil {
		return e
	}
	if read, ok := t.c.json(at.r.plan, at.payload); ok {
		e.Read = excerpt(read)
	} else if p := message.Diagnose(at.r.plan, at.payload, message.Options{}); p != nil {
		e.Error = p.AppendJSON(nil)
	}
	return e
}

// part is the field that is looked at as a message of its own; nil where the
// writer requires others.
func (t *Traffic) part(at spot) *Witness {
	if at.field == nil || at.r == nil {
		return nil
	}
	part := t.c.witness(at.w, at.r, at.field)
	if part != nil {
		part.Bytes = part.Bytes[:min(len(part.Bytes), 2*maxExampleBytes)]
		part.Written, part.Read = excerpt(part.Written), excerptOrNone(part.Read)
	}
	return part
}

func excerptOrNone(text []byte) json.RawMessage {
	if text == nil {
		return nil
	}
	return excerpt(text)
}

// excerpt is a document, or a string with the beginning of a long one.
func excerpt(text []byte) json.RawMessage {
	switch {
	case len(text) == 0:
		return json.RawMessage("null")
	case len(text) <= maxExampleText:
		return text
	}
	quoted, _ := json.Marshal(strings.ToValidUTF8(string(text[:maxExampleText]), "") + "…")
	return quoted
}

package breaking

import (
	"encoding/json"
	"slices"
)

// Severity says how much a finding hurts.
type Severity uint8

// The severities, least first.
const (
	// None: nothing to report.
	None Severity = iota
	// Risk: nothing is hurt yet, and the door stands open.
	Risk
	// Lossy: particular values are refused, lost or read as something else.
	Lossy
	// Break: ordinary values are, or a call can no longer be made.
	Break
)

// String is the word of the output contract: risk, lossy, break.
func (s Severity) String() string {
	switch s {
	case Risk:
		return "risk"
	case Lossy:
		return "lossy"
	case Break:
		return "break"
	}
	return "none"
}

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// SeverityNames are the words of --fail-on, worst first.
func SeverityNames() []string { return []string{"break", "lossy", "risk"} }

// SeverityNamed is the severity of that word, None for another one.
func SeverityNamed(word string) Severity {
	for s := Risk; s <= Break; s++ {
		if s.String() == word {
			return s
		}
	}
	return None
}

// Direction is who is hurt by a change, as a set.
type Direction uint8

// The directions, in the order of the output.
const (
	// Backward: a reader with the new schema of data written with the old.
	Backward Direction = 1 << iota
	// Forward: a reader with the old schema of data written with the new.
	Forward
	// JSON: a reader of JSON text of the other side.
	JSON
	// RPC: a call between a peer of the old and one of the new schema.
	RPC
	// Code: what is written against the generated code, or imports the file.
	Code
)

func directionWords() []string { return []string{"backward", "forward", "json", "rpc", "code"} }

func directionsNamed(words []string) (d Direction) {
	for _, word := range words {
		d |= 1 << slices.Index(directionWords(), word)
	}
	return d
}

// Words are the directions of the set as the output contract spells them.
func (d Direction) Words() []string {
	words := []string{}
	for i, word := range directionWords() {
		if d&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return words
}

// MarshalJSON is the list of words.
func (d Direction) MarshalJSON() ([]byte, error) { return json.Marshal(d.Words()) }

// Range is where a declaration stands in its file: lines and columns count
// from 1, columns in bytes (in a descriptor set, as its compiler counted), and
// the end column is the one after the last character. All are 0 where the schema has no source info.
type Range struct {
	Line      int `json:"line,omitempty"`
	Column    int `json:"column,omitempty"`
	EndLine   int `json:"endLine,omitempty"`
	EndColumn int `json:"endColumn,omitempty"`
}

// Previous is the declaration in the old schema.
type Previous struct {
	Element string `json:"element"`
	File    string `json:"file"`
	Range

	path string // where people find it; "" for a descriptor set
}

// Fix is text that mends a finding when it is inserted before Line of Path.
type Fix struct {
	Text string `json:"text"`
	Path string `json:"path,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Witness is a message that shows a finding: written under one schema, read
// under the other.
type Witness struct {
	// Type is the full name of the message under the writer's schema.
	Type string `json:"type"`
	// WrittenBy is "old" or "new".
	WrittenBy string `json:"writtenBy"`
	// Bytes are in hex; Text is a JSON document in place of them.
	Bytes string `json:"bytes"`
	Text  string `json:"text"`
	// Written is the message as its writer means it, Read as the other side
	// reads it, Error why that one refuses it; all are JSON.
	Written json.RawMessage `json:"written"`
	Read    json.RawMessage `json:"read,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// MarshalJSON leaves out the bytes of a document and the document of bytes,
// either of which may be empty.
func (w *Witness) MarshalJSON() ([]byte, error) {
	type plain Witness
	type bytesOnly struct {
		*plain
		Text *string `json:"text,omitempty"`
	}
	type textOnly struct {
		Type      string          `json:"type"`
		WrittenBy string          `json:"writtenBy"`
		Text      string          `json:"text"`
		Written   json.RawMessage `json:"written"`
		Read      json.RawMessage `json:"read,omitempty"`
		Error     json.RawMessage `json:"error,omitempty"`
	}
	if w.Text != "" {
		return json.Marshal(textOnly{w.Type, w.WrittenBy, w.Text, w.Written, w.Read, w.Error})
	}
	return json.Marshal(bytesOnly{plain: (*plain)(w)})
}

// Finding is one thing that a change does. The order of its keys is that of
// the output contract.
type Finding struct {
	Rule       string    `json:"rule"`
	Categories []string  `json:"categories"`
	Severity   Severity  `json:"severity"`
	Breaks     Direction `json:"breaks"`
	// Element is a full name; of what is gone, the old one.
	Element string `json:"element"`
	// File is the name that imports use, Path the one on disk, seen from the
	// working directory ("" for a descriptor set).
	File string `json:"file"`
	Path string `json:"path,omitempty"`
	// Range is that of the element in the new schema; of what is gone, that
	// of the declaration that held it.
	Range
	Previous *Previous `json:"previous,omitempty"`
	// Message says what changed, Why whom it hurts and how.
	Message string   `json:"message"`
	Why     string   `json:"why"`
	Fix     *Fix     `json:"fix,omitempty"`
	Witness *Witness `json:"witness,omitempty"`
	// Contents are the elements that the finding stands for where they are
	// several.
	Contents []string `json:"contents,omitempty"`
	// Reason is what a waiver gives, empty for findings that count.
	Reason string `json:"reason,omitempty"`
	// Advice is a mend in words where there is no Fix.
	Advice string `json:"advice,omitempty"`
	// NoWitness says why there is none where one was looked for.
	NoWitness string `json:"noWitness,omitempty"`
	// Waiver is the one that accepts the finding; nil for findings that count.
	Waiver *WaiverUse `json:"waiver,omitempty"`
	// Against are the old schemas that the finding is about, where there are
	// several; see Merge.
	Against []string `json:"against,omitempty"`
	// Traffic is what a recording has of it, nil where none was asked.
	Traffic *Hit `json:"traffic,omitempty"`

	order int       // of its rule in the table
	base  Severity  // that does not depend on a direction
	extra bool      // it stands without its hurts, which only add to it
	also  Direction // whom it hurts that no evidence is made for
	hurts [2]hurt   // by direction: backward, forward
	group groupKey  // findings of one cause have equal keys
	at    placement // for waivers

	lostMessages bool // it stands for message types that are gone, too

	methodTypes [2]*typ // old and new, of a finding about a method's type
}

// hurt is the severity of a finding in one direction with its evidence.
type hurt struct {
	severity Severity
	witness  func() *Witness
}

// Verdict is the word for a whole comparison.
type Verdict string

// The verdicts.
const (
	Breaking   Verdict = "breaking"
	Risky      Verdict = "risky"
	Compatible Verdict = "compatible"
)

// Report is the outcome of a comparison.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Against is what the user called the old schema.
	Against  string     `json:"against"`
	Findings []*Finding `json:"findings"`
	Waived   []*Finding `json:"waived"`
	// Semver is the step to the next version.
	Semver Step `json:"semver"`
	// Baselines are the old schemas where there are several; see Merge.
	Baselines []string `json:"baselines,omitempty"`
	// Waivers are all that the new side's comments and the configuration have.
	Waivers []*WaiverUse `json:"waivers,omitempty"`
	// Traffic is what a recording came to, nil where none was asked.
	Traffic *TrafficSummary `json:"traffic,omitempty"`
	// Notes are remarks for standard error, one line each.
	Notes []string `json:"-"`

	notes      []string // those that are not about waivers
	oneWay     bool     // only one direction was checked
	comparison *comparison
}

// Worst is the worst severity among the findings that count.
func (r *Report) Worst() Severity {
	worst := None
	for _, f := range r.Findings {
		worst = max(worst, f.Severity)
	}
	return worst
}

func (r *Report) conclude() {
	r.Notes = append(slices.Clone(r.notes), waiverNotes(r.Waivers)...)
	switch r.Worst() {
	case Break, Lossy:
		r.Verdict, r.Semver = Breaking, Major
	case Risk:
		r.Verdict = Risky
	default:
		r.Verdict = Compatible
	}
}

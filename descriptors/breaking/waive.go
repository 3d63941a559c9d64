package breaking

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// waiverMark begins a waiver in a comment: pbscope:allow RULE reason.
const waiverMark = "pbscope:allow"

// waiver is one line of a comment. Several rules may stand in it, separated by
// commas.
type waiver struct {
	rules  []string
	reason string
	file   string
	path   string // of the file, as people know it
	line   int
	used   bool
}

// waivers are those of the new side, read where they are asked for.
type waivers struct {
	schema *Schema
	at     map[placement][]*waiver
}

func newWaivers(s *Schema) *waivers {
	return &waivers{schema: s, at: make(map[placement][]*waiver)}
}

// waive notes the reason in f where the comment above it allows its rule.
func (ws *waivers) waive(f *Finding) bool {
	if f.at.file == nil {
		return false
	}
	for _, w := range ws.of(f.at) {
		if slices.Contains(w.rules, f.Rule) {
			w.used = true
			f.Reason = w.reason
			return true
		}
	}
	return false
}

func (ws *waivers) of(at placement) []*waiver {
	if found, ok := ws.at[at]; ok {
		return found
	}
	var found []*waiver
	for _, l := range locationsOf(at) {
		found = append(found, ws.parse(at.file.Path(), l)...)
	}
	ws.at[at] = found
	return found
}

// locationsOf are the places whose comments speak for a placement: for a file,
// its syntax, edition and package statements.
func locationsOf(at placement) []protoreflect.SourceLocation {
	locations := at.file.SourceLocations()
	if at.desc != nil {
		return []protoreflect.SourceLocation{locations.ByDescriptor(at.desc)}
	}
	var all []protoreflect.SourceLocation
	for _, tag := range []int32{12, 14, 2} { // syntax, edition, package
		all = append(all, locations.ByPath(protoreflect.SourcePath{tag}))
	}
	return all
}

func (ws *waivers) parse(file string, l protoreflect.SourceLocation) []*waiver {
	if l.Path == nil {
		return nil
	}
	var found []*waiver
	for _, comment := range append(slices.Clone(l.LeadingDetachedComments), l.LeadingComments, l.TrailingComments) {
		if !strings.Contains(comment, waiverMark) {
			continue
		}
		for line := range strings.Lines(comment) {
			_, text, ok := strings.Cut(line, waiverMark)
			if !ok || text != "" && text[0] != ' ' && text[0] != '\t' {
				continue
			}
			rules, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
			w := &waiver{rules: strings.Split(strings.TrimSuffix(rules, ":"), ","), reason: strings.TrimSpace(reason), file: file, path: cmp.Or(ws.schema.paths[file], file), line: l.StartLine + 1}
			found = append(found, w)
		}
	}
	return found
}

// notes tells of the waivers in the compared files that name no rule, and of
// those of the applied rules that nothing needed.
func (ws *waivers) notes(applied []Rule, mode Mode) []string {
	ids := []string{}
	for _, r := range Rules() {
		ids = append(ids, r.ID)
	}
	used := make(map[string]bool)
	for _, found := range ws.at {
		for _, w := range found {
			if w.used {
				used[w.key()] = true
			}
		}
	}
	var notes []string
	for _, file := range ws.schema.files {
		for i := range file.SourceLocations().Len() {
			for _, w := range ws.parse(file.Path(), file.SourceLocations().Get(i)) {
				if note := w.note(ids, used[w.key()] || !w.tried(applied, mode)); note != "" && !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
			}
		}
	}
	return notes
}

func (w *waiver) key() string {
	return fmt.Sprint(w.file, ":", w.line, ":", strings.Join(w.rules, ","))
}

// tried says whether all that the waiver allows was looked for.
func (w *waiver) tried(applied []Rule, mode Mode) bool {
	return (mode == "" || mode == ModeFull) && !slices.ContainsFunc(w.rules, func(id string) bool {
		return !slices.ContainsFunc(applied, func(r Rule) bool { return r.ID == id })
	})
}

func (w *waiver) note(ids []string, used bool) string {
	for _, rule := range w.rules {
		if !slices.Contains(ids, rule) {
			return fmt.Sprintf("%s:%d: a comment allows %s: %s", w.path, w.line, rule, unknown(rule, ids))
		}
	}
	if !used {
		return fmt.Sprintf("%s:%d: nothing needs the waiver of %s any more", w.path, w.line, strings.Join(w.rules, ", "))
	}
	return ""
}

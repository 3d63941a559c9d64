package breaking

import (
	"fmt"
	"path"
	"strings"

	"github.com/pbscope/pbscope/descriptors"
)

// severalSchemas is the error of a part that has copies of a file, or states of
// one, in several directories, as the root of a repository with test data has:
// what they declare is declared twice. It is nil for any other part.
func (s *treeSide) severalSchemas(p *part) error {
	type place struct {
		kind descriptors.EntryKind
		name string
	}
	first := make(map[place]*sideFile)
	twice, one, other := 0, "", ""
	for _, f := range p.files {
		copied := false
		for _, d := range descriptors.ReadFacts(f.Text).Declared {
			at := place{d.Kind, d.Name}
			before := first[at]
			switch {
			case before == nil:
				first[at] = f
			case before == f:
			case path.Base(before.Path) == path.Base(f.Path):
				if !copied && one == "" {
					one, other = apart(before.Path, f.Path)
				}
				copied = true
			}
		}
		if copied {
			twice++
		}
	}
	if twice == 0 {
		return nil
	}
	return &Problem{
		Message: fmt.Sprintf("%s holds several schemas that declare the same, such as those in %s and in %s (files that declare what others do: %d)",
			s.shown(s.dir), s.shown(one), s.shown(other), twice),
		Hint: "compare them one by one: name one of the directories, as in `pbscope breaking --against REF " + s.shown(one) + "`, or list the modules in a buf.yaml",
	}
}

// apart is what is before the part that two paths end with alike.
func apart(a, b string) (string, string) {
	for a != "." && b != "." && path.Base(a) == path.Base(b) {
		a, b = path.Dir(a), path.Dir(b)
	}
	return strings.TrimPrefix(a, "./"), strings.TrimPrefix(b, "./")
}

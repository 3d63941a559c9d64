package breaking

import (
	"strings"
	"testing"
)

// TestColumns: a tab is one column and a letter of two bytes is two, on both
// sides, as in the errors of schemas.
func TestColumns(t *testing.T) {
	const head = "syntax = \"proto3\"; package p;\n"
	old := head + "message M {\n\t/* é */\tint64 a = 1; reserved 2;\n}"
	new := "\ufeff" + head + "message M {\n\t\t/* 漢 */ int32 a = 1;\n}"
	a, b := load(t, map[string]string{"p.proto": old}, map[string]string{"p.proto": new})
	cut := func(source string, r Range) string {
		if r.Line != r.EndLine {
			return "several lines"
		}
		line := strings.Split(strings.TrimPrefix(source, "\ufeff"), "\n")[r.Line-1]
		if r.EndColumn-1 > len(line) {
			t.Fatalf("%+v is not in %q", r, line)
		}
		return line[r.Column-1 : r.EndColumn-1]
	}
	seen := ""
	for _, f := range Compare(a, b, Options{}).Findings {
		seen += f.Rule + " "
		switch f.Rule {
		case "FIELD_TYPE_LOSSY":
			if got := cut(new, f.Range); got != "int32 a = 1;" {
				t.Errorf("new: %q", got)
			}
			if got := cut(old, f.Previous.Range); got != "int64 a = 1;" {
				t.Errorf("old: %q", got)
			}
		case "RESERVED_REMOVED":
			if got := cut(old, f.Previous.Range); got != "2" {
				t.Errorf("reserved: %q", got)
			}
		}
	}
	if seen != "RESERVED_REMOVED FIELD_TYPE_LOSSY " {
		t.Errorf("found %s", seen)
	}
}

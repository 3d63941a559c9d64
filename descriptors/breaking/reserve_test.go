package breaking

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestFixesMend inserts what fixes say, where they say it: the schema still
// compiles and the finding is gone.
func TestFixesMend(t *testing.T) {
	const old = edition + `message M { int32 a = 1; int32 b = 2; reserved 9; message In { int32 c = 3; int32 d = 4; } }
enum E { Z = 0; Y = 1; X = 2; }`
	for _, c := range []struct {
		name, new string
		lines     bool // the fixes have them
	}{
		{"usual", "message M {\n  int32 a = 1;\n  message In {\n    int32 c = 3;\n  }\n}\nenum E {\n  Z = 0;\n  Y = 1;\n}", true},
		{"reserved already", "message M {\n  int32 a = 1;\n  reserved 20,\n   21; reserved x; message In {\n    int32 c = 3; reserved 7; }\n}\nenum E {\n  Z = 0;\n  Y = 1; reserved 5;\n}", true},
		{"brace below", "message M\n{\n  int32 a = 1;\n  message In // {\n  /* { */\n  {\n    int32 c = 3;\n  }\n}\nenum E\n\n{\n  Z = 0;\n  Y = 1;\n}", true},
		{"one line", "message M { int32 a = 1; message In { int32 c = 3; } } enum E { Z = 0; Y = 1; }", false},
		{"comment after the brace", "message M { /* a\n b */ int32 a = 1; message In { int32 c = 3; }\n}\nenum E { /*\n*/ Z = 0; Y = 1; }", false},
		{"end on the last statement's line", "message M {\n int32 a = 1; message In {\n int32 c = 3; } }\nenum E {\n Z = 0; Y = 1; }", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, n := load(t, map[string]string{"p.proto": old}, map[string]string{"p.proto": edition + c.new})
			fixes := 0
			for _, f := range Compare(o, n, Options{}).Findings {
				if f.Fix == nil {
					continue
				}
				fixes++
				if f.Fix.Line > 0 != c.lines {
					t.Errorf("%s: line %d", f.Element, f.Fix.Line)
				}
				if f.Fix.Line == 0 {
					continue
				}
				source, err := os.ReadFile(f.Fix.Path)
				if err != nil {
					t.Fatal(err)
				}
				lines := slices.Insert(strings.Split(string(source), "\n"), f.Fix.Line-1, f.Fix.Text)
				o, n := load(t, map[string]string{"p.proto": old}, map[string]string{"p.proto": strings.Join(lines, "\n")})
				for _, again := range Compare(o, n, Options{}).Findings {
					if again.Rule == f.Rule && again.Element == f.Element && again.Message == f.Message {
						t.Errorf("%s is still there: %s", f.Rule, strings.Join(lines, "\n"))
					}
				}
			}
			if fixes != 4 {
				t.Errorf("%d fixes", fixes)
			}
		})
	}
}

func TestJoinReserved(t *testing.T) {
	for want, operands := range map[string][]string{
		"2, 3":                {"3", "2", "3"},
		"2 to 4, 9, x, \"y\"": {"9", "x", "4", "2", "3", "\"y\"", "x"},
		"-5, 1 to 20":         {"1 to 10", "-5", "5 to 20"},
		"1, 10 to max":        {"10 to max", "1"},
	} {
		if got := JoinReserved(operands); got != want {
			t.Errorf("%q: %s, want %s", operands, got, want)
		}
	}
}

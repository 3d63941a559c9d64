package breaking

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestAccountsOfExamples: an account has the findings of the report and no
// others, says unchanged only of what is the same, and explains what is not.
func TestAccountsOfExamples(t *testing.T) {
	for _, r := range Rules() {
		o, n := load(t, exampleFiles(r.Old), exampleFiles(r.New))
		before, after := elementsOf(o), elementsOf(n)
		report := Compare(o, n, Options{})
		for _, name := range slices.Compact(slices.Sorted(slices.Values(append(before.names(), after.names()...)))) {
			a, err := WhyOK(o, n, Options{}, name)
			if err != nil {
				t.Fatal(err)
			}
			text := string(a.AppendText(nil, TextOptions{}))
			if strings.Contains(text, "no rule in use") {
				t.Errorf("%s: %s", r.ID, text)
			}
			for _, f := range report.Findings {
				has := slices.ContainsFunc(a.Findings, func(g *Finding) bool { return g.Rule == f.Rule && g.Element == f.Element })
				if f.Element == name && !has {
					t.Errorf("%s: the account of %s lacks %s:\n%s", r.ID, name, f.Rule, text)
				}
			}
			d, e := before.find(name), after.find(name)
			if a.Verdict == Unchanged && (d == nil || e == nil || !sameDeclaration(d, e)) {
				t.Errorf("%s: %s is not the same:\n%s", r.ID, name, text)
			}
			if a.Verdict != Unchanged && len(a.Changes)+len(a.Findings)+len(a.Waived) == 0 {
				t.Errorf("%s: nothing about %s:\n%s", r.ID, name, text)
			}
		}
	}
}

func TestAccountNames(t *testing.T) {
	const old, new = `enum E { E_ZERO = 0; E_ONE = 1; } message M { string note = 3; E e = 4; oneof o { int32 a = 5; } map<int32, E> m = 6; }`,
		`enum E { E_ZERO = 0; E_ONE = 1; E_TWO = 2; } message M { reserved 3; int32 note = 7; E e = 4; oneof p { int32 a = 5; } map<int32, E> m = 6; }`
	o, n := load(t, map[string]string{"p.proto": withHead(old)}, map[string]string{"p.proto": withHead(new)})
	for name, want := range map[string]string{
		"p.M.note": "advised way to change a type", "p.M.a": "oneof's name is not in the bytes", "p.M.o": "oneof's name", "p.M.p": "oneof's name",
		"p.E.E_TWO": "added value is silent", "p.E_TWO": "added value is silent", ".p.E": "added value is silent", "p.M.m": "did not change", "p.proto": "advised way",
	} {
		a, err := WhyOK(o, n, Options{}, name)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(a.AppendText(nil, TextOptions{})); !strings.Contains(text, want) {
			t.Errorf("%s: lacks %q:\n%s", name, want, text)
		}
	}
	_, err := WhyOK(o, n, Options{}, "p.M.nte")
	var unknown *UnknownElementError
	if !errors.As(err, &unknown) || len(unknown.Nearest) == 0 || unknown.Nearest[0] != "p.M.note" {
		t.Errorf("%v", err)
	}
}

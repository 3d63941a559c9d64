package breaking

import (
	"strings"
	"testing"
	"time"
)

const (
	waivedOld = edition + "message M {\n  int64 a = 1;\n  int64 b = 2;\n  int64 c = 3;\n}\n"
	waivedNew = edition + "message M {\n  int32 a = 1;\n  // pbscope:allow FIELD_TYPE_LOSSY until 2026-02-28 soon over\n  int32 b = 2;\n  int32 c = 3;\n}\n"
)

func day(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

// A waiver holds on its last day and not after it.
func TestWaiversExpire(t *testing.T) {
	o, n := load(t, map[string]string{"p.proto": waivedOld}, map[string]string{"p.proto": waivedNew})
	given := []Waiver{
		{Element: "p.M.a", Rules: []string{"FIELD_TYPE_LOSSY"}, Reason: "x", Expires: day("2026-02-28"), Path: "f", Line: 3},
		{Element: "p.M.[c]", Rules: []string{"FIELD_TYPE_WIDENED", "FIELD_TYPE_LOSSY"}, Reason: "z"},
		{Element: "p.M.*", Rules: []string{"FIELD_RENUMBERED"}, Reason: "unused"},
	}
	for _, c := range []struct {
		today                 string
		waived, stale, unused int
	}{{"2026-02-28", 3, 0, 1}, {"2026-03-01", 1, 2, 1}, {"", 3, 0, 1}} {
		r := Compare(o, n, Options{Waivers: given, Today: day(c.today)})
		states := map[WaiverState]int{}
		for _, u := range r.Waivers {
			states[u.State]++
		}
		if len(r.Waived) != c.waived || len(r.Findings) != 3-c.waived || states[WaiverExpired] != c.stale || states[WaiverUnused] != c.unused {
			t.Errorf("%s: %d waived, %v\n%s", c.today, len(r.Waived), states, r.AppendText(nil, TextOptions{}))
		}
		if got := strings.Count(strings.Join(r.Notes, "\n"), "expired on 2026-02-28"); got != c.stale {
			t.Errorf("%s: notes %q", c.today, r.Notes)
		}
	}
}

// A waiver that one of several comparisons needs is used.
func TestMergedWaivers(t *testing.T) {
	old := func(source string) *Schema {
		o, _ := load(t, map[string]string{"p.proto": source}, map[string]string{"p.proto": source})
		return o
	}
	_, n := load(t, map[string]string{"p.proto": waivedOld}, map[string]string{"p.proto": waivedNew})
	first, second := old(waivedOld), old(waivedNew)
	first.Name, second.Name = "v1", "v2"
	o := Options{Waivers: []Waiver{{Element: "p.M.a", Rules: []string{"FIELD_TYPE_LOSSY"}, Reason: "x", Path: "f"}}}
	r := Merge([]*Report{Compare(first, n, o), Compare(second, n, o)})
	if len(r.Notes) != 0 || len(r.Waived) != 2 || len(r.Findings) != 1 || len(r.Baselines) != 2 || strings.Join(r.Findings[0].Against, ",") != "v1" || r.Semver != Major {
		t.Errorf("%q %+v", r.Notes, r)
	}
	if r := Compare(second, n, o); r.Semver != Patch || len(r.Notes) != 2 {
		t.Errorf("%s, %q", r.Semver, r.Notes)
	}
}

func TestMergedFindingsAreOne(t *testing.T) {
	source := map[string]string{"p.proto": waivedOld}
	_, n := load(t, source, map[string]string{"p.proto": waivedNew})
	a, _ := load(t, source, source)
	b, _ := load(t, map[string]string{"p.proto": strings.Replace(waivedOld, "int64 c", "string c", 1)}, source)
	a.Name, b.Name = "a", "b"
	r := Merge([]*Report{Compare(a, n, Options{}), Compare(b, n, Options{})})
	got := ""
	for _, f := range r.Findings {
		got += f.Element + " " + f.Rule + " " + strings.Join(f.Against, "+") + "\n"
	}
	if want := "p.M.a FIELD_TYPE_LOSSY a+b\np.M.c FIELD_TYPE_INCOMPATIBLE b\np.M.c FIELD_TYPE_LOSSY a\n"; got != want {
		t.Errorf("%s", got)
	}
}

package reports

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // carries the schema
	"github.com/xeipuuv/gojsonschema"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// odd is text that every form has to escape.
const odd = "a \"b\" <c> & 'd' | `e` *f* _g_ %0A 100% :, \x01 \n\t\u2028 \xff é 日本 ]]> --> \\"

func oddReport() *breaking.Report {
	at := breaking.Range{Line: 3, Column: 2, EndLine: 4, EndColumn: 9}
	finding := func(rule string, s breaking.Severity, f breaking.Finding) *breaking.Finding {
		f.Rule, f.Severity, f.Categories, f.Breaks = rule, s, []string{"DATA"}, breaking.Backward|breaking.JSON
		return &f
	}
	return &breaking.Report{
		Verdict: breaking.Breaking,
		Against: odd,
		Findings: []*breaking.Finding{
			finding("FIELD_RENUMBERED", breaking.Break, breaking.Finding{
				Element: "p.M.f", File: "a b/p.proto", Path: "x/a b/ü#?.proto", Range: at, Message: odd, Why: odd,
				Previous: &breaking.Previous{Element: "p.M.f", File: "a b/p.proto", Range: at},
				Fix:      &breaking.Fix{Text: "reserved 3;", Path: "x/p.proto", Line: 4},
				Witness:  &breaking.Witness{Type: "p.M", WrittenBy: "old", Bytes: "0801", Written: json.RawMessage(`{"f":1}`), Read: json.RawMessage(`{}`)},
			}),
			finding("FIELD_RENUMBERED", breaking.Lossy, breaking.Finding{
				Element: "p.M.f", File: "p.proto", Message: odd, Advice: odd, Contents: strings.Split(strings.Repeat("p.N ", 30), " "),
				Witness: &breaking.Witness{Type: "p.M", WrittenBy: "new", Written: json.RawMessage(`{}`), Error: json.RawMessage(`{"tag":"truncated"}`)},
			}),
			finding("NO_SUCH_RULE", breaking.Risk, breaking.Finding{Element: "p", File: "p.proto", Message: "text"}),
		},
		Waived: []*breaking.Finding{finding("FIELD_TYPE_LOSSY", breaking.Lossy, breaking.Finding{Element: "p.M.g", File: "p.proto", Message: "m", Reason: odd})},
	}
}

func reportAs(t *testing.T, r *breaking.Report, format string) []byte {
	t.Helper()
	out, err := Append(nil, r, format, Options{FailOn: breaking.Lossy, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sarifSchema is the JSON schema of SARIF 2.1.0 out of the source of a package
// that carries it.
func sarifSchema(t *testing.T) gojsonschema.JSONLoader {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Skipf("go list does not run here: %v", err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema.go"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(source), "`")
	if len(parts) != 3 {
		t.Fatalf("the schema is not where it was: %d parts", len(parts))
	}
	return gojsonschema.NewStringLoader(parts[1])
}

func TestSARIFFitsItsSchema(t *testing.T) {
	schema := sarifSchema(t)
	for name, r := range map[string]*breaking.Report{
		"odd":   oddReport(),
		"empty": {Verdict: breaking.Compatible, Against: "main", Findings: []*breaking.Finding{}, Waived: []*breaking.Finding{}},
	} {
		out := reportAs(t, r, "sarif")
		result, err := gojsonschema.Validate(schema, gojsonschema.NewBytesLoader(out))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		for _, problem := range result.Errors() {
			t.Errorf("%s: %s\n%s", name, problem, out)
		}
	}
}

func TestJUnitIsXML(t *testing.T) {
	out := reportAs(t, oddReport(), "junit")
	d := xml.NewDecoder(strings.NewReader(string(out)))
	cases, failures, names := 0, 0, map[string]bool{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "testcase":
			cases++
			names[start.Attr[1].Value] = true
		case "failure":
			failures++
			if got, want := start.Attr[1].Value, strings.ToValidUTF8(strings.ReplaceAll(odd, "\x01", "�"), "�"); got != want {
				t.Errorf("message %q, want %q", got, want)
			}
		}
	}
	if cases != 4 || len(names) != 4 || failures != 2 {
		t.Errorf("%d cases of %d names, %d failures", cases, len(names), failures)
	}
}

func TestGitHubKeepsToOneLine(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(string(reportAs(t, oddReport(), "github")), "\n"), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[0], "::error file=x/a b/ü#?.proto,line=3,endLine=4,col=2,title=FIELD_RENUMBERED p.M.f::") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	for _, line := range lines {
		if strings.ContainsAny(line, "\x01\x1b\u202e") {
			t.Errorf("control characters: %q", line)
		}
		if strings.Contains(line, "%0A 100%") && !strings.Contains(line, "%250A 100%25") {
			t.Errorf("not escaped: %s", line)
		}
	}
	for line := range strings.Lines(string(AppendSummary(nil, oddReport()))) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 6 {
			t.Errorf("a row of %d bars: %s", strings.Count(line, "|"), line)
		}
	}
}

func TestSummaryIsBounded(t *testing.T) {
	r := oddReport()
	for range 20000 {
		f := *r.Findings[0]
		f.Message, f.Why, f.Element = strings.Repeat(odd, 100), strings.Repeat(odd, 100), strings.Repeat("a.", 3000)
		r.Findings = append(r.Findings, &f)
	}
	if out := AppendSummary(nil, r); len(out) > 1<<20 || !strings.Contains(string(out), "more, which the log has") {
		t.Errorf("%d bytes", len(out))
	}
}

func TestFingerprintsStayAndDiffer(t *testing.T) {
	prints := func(r *breaking.Report) (all []string) {
		var issues []qualityIssue
		if err := json.Unmarshal(reportAs(t, r, "gitlab"), &issues); err != nil {
			t.Fatal(err)
		}
		for _, issue := range issues {
			all = append(all, issue.Fingerprint)
		}
		return all
	}
	moved := oddReport()
	for _, f := range moved.Findings {
		f.Line, f.EndLine = f.Line+100, f.EndLine+100
	}
	before, after := prints(oddReport()), prints(moved)
	if strings.Join(before, " ") != strings.Join(after, " ") {
		t.Errorf("%v became %v", before, after)
	}
	if before[0] == before[1] || before[1] == before[2] {
		t.Errorf("alike: %v", before)
	}
}

package reports

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// The objects of SARIF 2.1.0 (OASIS standard, errata 01), as far as they are
// used here; the numbers at them are the sections of the standard.
type (
	sarifLog struct { // 3.13
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct { // 3.14
		Tool       sarifTool      `json:"tool"`
		ColumnKind string         `json:"columnKind"`
		Results    []sarifResult  `json:"results"`
		Properties map[string]any `json:"properties"`
	}
	sarifTool struct { // 3.18
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct { // 3.19
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Version        string      `json:"version,omitempty"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct { // 3.49
		ID               string         `json:"id"`
		ShortDescription sarifText      `json:"shortDescription"`
		Help             sarifText      `json:"help"`
		Configuration    sarifLevel     `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifResult struct { // 3.27
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Prints       map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Fixes        []sarifFix         `json:"fixes,omitempty"`
		Properties   map[string]any     `json:"properties"`
	}
	sarifLocation struct { // 3.28
		ID       int            `json:"id,omitempty"`
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct { // 3.29
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct { // 3.30: columns count from 1, the end one is behind the last character
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifLogical struct {
		FullName string `json:"fullyQualifiedName"`
	}
	sarifSuppression struct { // 3.35
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}
	sarifFix struct { // 3.55
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

func appendSARIF(dst []byte, r *breaking.Report, o Options) ([]byte, error) {
	run := sarifRun{
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
		Properties: map[string]any{"verdict": r.Verdict, "against": r.Against, "semver": r.Semver},
	}
	if len(r.Waivers) > 0 {
		run.Properties["waivers"] = r.Waivers
	}
	run.Tool.Driver = sarifDriver{Name: "pbscope", InformationURI: "https://github.com/pbscope/pbscope", Version: o.Version, Rules: []sarifRule{}}
	seen := make(prints)
	for _, list := range [][]*breaking.Finding{r.Findings, r.Waived} {
		for _, f := range list {
			run.add(f, seen)
		}
	}
	for i := range r.Waived {
		result := &run.Results[len(r.Findings)+i]
		kind := "inSource"
		if u := r.Waived[i].Waiver; u != nil && !u.InSource() {
			kind = "external"
		}
		result.Suppressions = []sarifSuppression{{kind, reason(r.Waived[i])}}
	}
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
	return b.Bytes(), err
}

func (run *sarifRun) add(f *breaking.Finding, seen prints) {
	location := sarifLocation{
		Physical: sarifPhysical{sarifArtifact{uriOf(fileOf(f))}, regionOf(f.Range)},
		Logical:  []sarifLogical{{f.Element}},
	}
	result := sarifResult{
		RuleID:     f.Rule,
		RuleIndex:  run.rule(f.Rule),
		Level:      sarifLevelOf(f.Severity),
		Message:    sarifText{strings.Join(story(f), "\n")},
		Locations:  []sarifLocation{location},
		Prints:     map[string]string{"element/v1": seen.of(f)},
		Properties: map[string]any{"severity": f.Severity, "breaks": f.Breaks, "categories": f.Categories},
	}
	if len(f.Against) > 0 {
		result.Properties["against"] = f.Against
	}
	if f.Witness != nil {
		result.Properties["witness"] = f.Witness
	}
	if p := f.Previous; p != nil {
		result.Related = []sarifLocation{{
			ID:       1,
			Physical: sarifPhysical{sarifArtifact{uriOf(p.File)}, regionOf(p.Range)},
			Logical:  []sarifLogical{{p.Element}},
			Message:  &sarifText{"the old declaration"},
		}}
	}
	if fix := f.Fix; fix != nil && fix.Line > 0 {
		at := sarifRegion{StartLine: fix.Line, StartColumn: 1, EndLine: fix.Line, EndColumn: 1}
		result.Fixes = []sarifFix{{sarifText{"Add " + fix.Text}, []sarifChange{{
			sarifArtifact{uriOf(fileOf(f))}, []sarifReplacement{{at, sarifText{fix.Text + "\n"}}},
		}}}}
	}
	run.Results = append(run.Results, result)
}

// rule is the index of a rule in the driver's list, which has those that found
// something.
func (run *sarifRun) rule(id string) int {
	rules := &run.Tool.Driver.Rules
	if i := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == id }); i >= 0 {
		return i
	}
	entry := sarifRule{ID: id, Configuration: sarifLevel{"error"}, Properties: map[string]any{}}
	if r, err := breaking.RuleNamed(id); err == nil {
		entry.ShortDescription.Text = r.Summary
		entry.Help.Text = sentence("To mend it: " + r.Mend)
		entry.Configuration.Level = "warning"
		if r.Severity == breaking.Break.String() {
			entry.Configuration.Level = "error"
		}
		entry.Properties["tags"] = r.Categories
	}
	*rules = append(*rules, entry)
	return len(*rules) - 1
}

func sarifLevelOf(s breaking.Severity) string {
	switch s {
	case breaking.Break:
		return "error"
	case breaking.Lossy:
		return "warning"
	}
	return "note"
}

// uriOf is a path as a relative reference (RFC 3986).
func uriOf(path string) string { return (&url.URL{Path: path}).String() }

func regionOf(r breaking.Range) *sarifRegion {
	if r.Line == 0 {
		return nil
	}
	return &sarifRegion{r.Line, r.Column, r.EndLine, r.EndColumn}
}

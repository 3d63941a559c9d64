package reports

import (
	"bytes"
	"encoding/json"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// qualityIssue is one entry of GitLab's code quality report.
type qualityIssue struct {
	Description string          `json:"description"`
	CheckName   string          `json:"check_name"`
	Fingerprint string          `json:"fingerprint"`
	Severity    string          `json:"severity"`
	Location    qualityLocation `json:"location"`
}

type qualityLocation struct {
	Path  string       `json:"path"`
	Lines qualityLines `json:"lines"`
}

type qualityLines struct {
	Begin int `json:"begin"`
}

// appendGitLab appends a list with an entry for each finding. GitLab wants a
// line: what has none stands at the first.
func appendGitLab(dst []byte, r *breaking.Report) ([]byte, error) {
	issues, seen := []qualityIssue{}, make(prints)
	for _, f := range r.Findings {
		description := sentence(f.Message)
		if f.Why != "" {
			description += " " + sentence(f.Why)
		}
		if len(f.Against) > 0 {
			description += " " + comparedWith(f)
		}
		issues = append(issues, qualityIssue{
			Description: description,
			CheckName:   f.Rule,
			Fingerprint: seen.of(f),
			Severity:    qualitySeverity(f.Severity),
			Location:    qualityLocation{fileOf(f), qualityLines{max(f.Line, 1)}},
		})
	}
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(issues)
	return b.Bytes(), err
}

func qualitySeverity(s breaking.Severity) string {
	switch s {
	case breaking.Break:
		return "critical"
	case breaking.Lossy:
		return "major"
	}
	return "minor"
}

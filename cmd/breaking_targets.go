package cmd

import (
	"os"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking"
	"github.com/pbscope/pbscope/descriptors/breaking/reports"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// reportTarget is a report that is asked for; path "" is standard output.
type reportTarget struct{ format, path string }

// targets are standard output, unless a file takes its place, and the files
// of --output.
func (o *breakingOptions) targets() ([]reportTarget, error) {
	formats := reports.Formats()
	targets := []reportTarget{{o.format, ""}}
	for _, output := range o.outputs {
		format, path, ok := strings.Cut(output, "=")
		switch {
		case !ok && targets[0].path == "":
			targets[0].path = output
		case ok && slices.Contains(formats, format) && path != "":
			targets = append(targets, reportTarget{format, path})
		default:
			hint := "--output json=report.json"
			if near := nearest.Name(format, formats); near != "" {
				hint = "--output " + near + "=" + path
			}
			return nil, usagef("--output "+output+" is not FORMAT=FILE; the formats are "+strings.Join(formats, ", "), hint)
		}
	}
	return targets, nil
}

func (t reportTarget) write(a *app, o *breakingOptions, report *breaking.Report) error {
	out, err := a.openOutput(t.path)
	if err != nil {
		return err
	}
	version, _, _ := build()
	text, err := reports.Append(nil, report, t.format, reports.Options{
		Text:    breaking.TextOptions{Color: a.color(o.color, out.file)},
		FailOn:  breaking.SeverityNamed(o.failOn),
		Version: version,
	})
	if err != nil {
		_ = out.close(false)
		return err
	}
	_, err = out.file.Write(text)
	if err != nil {
		_ = out.close(false)
		return writeError(err)
	}
	if err := out.close(true); err != nil || t.format != "github" {
		return err
	}
	return appendStepSummary(report)
}

// appendStepSummary adds the report to the summary of a job of GitHub Actions,
// where one runs.
func appendStepSummary(report *breaking.Report) error {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return cannotWrite(path, err)
	}
	_, err = file.Write(reports.AppendSummary(nil, report))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

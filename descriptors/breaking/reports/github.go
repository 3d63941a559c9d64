package reports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// appendGitHub appends a workflow command for each finding, which GitHub shows
// beside the line, and the verdict as a last one. Waived findings are no
// annotations.
func appendGitHub(dst []byte, r *breaking.Report) []byte {
	for _, f := range r.Findings {
		level := "notice"
		switch f.Severity {
		case breaking.Break:
			level = "error"
		case breaking.Lossy:
			level = "warning"
		}
		dst = fmt.Appendf(dst, "::%s file=%s", level, property(fileOf(f)))
		if f.Line > 0 {
			dst = fmt.Appendf(dst, ",line=%d,endLine=%d,col=%d", f.Line, max(f.EndLine, f.Line), f.Column)
			if f.EndLine == f.Line {
				// GitHub takes columns only within one line.
				dst = fmt.Appendf(dst, ",endColumn=%d", f.EndColumn)
			}
		}
		dst = fmt.Appendf(dst, ",title=%s::%s\n", property(f.Rule+" "+f.Element), data(strings.Join(story(f), "\n")))
	}
	return fmt.Appendf(dst, "pbscope: %s\n", data(verdictOf(r)))
}

// data escapes the message of a workflow command.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// property escapes the value of a property of a workflow command.
func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// verdictOf is the outcome in one line.
func verdictOf(r *breaking.Report) string {
	var counts [breaking.Break + 1]int
	for _, f := range r.Findings {
		counts[f.Severity]++
	}
	text := string(r.Verdict) + " with " + r.Against
	if len(r.Findings) > 0 {
		text += ": " + strconv.Itoa(counts[breaking.Break]) + " break, " + strconv.Itoa(counts[breaking.Lossy]) + " lossy, " + strconv.Itoa(counts[breaking.Risk]) + " risk"
	}
	if len(r.Waived) > 0 {
		text += "; " + strconv.Itoa(len(r.Waived)) + " waived"
	}
	return text
}

// AppendSummary appends the report in Markdown: what GitHub shows as the
// summary of a job, read from the file that GITHUB_STEP_SUMMARY names.
func AppendSummary(dst []byte, r *breaking.Report) []byte {
	dst = fmt.Appendf(dst, "### Schema: %s\n", inline(verdictOf(r)))
	if len(r.Findings) > 0 {
		dst = append(dst, "\n| | rule | element | place | what |\n|---|---|---|---|---|\n"...)
	}
	for _, f := range r.Findings {
		place := fileOf(f)
		if f.Line > 0 {
			place += ":" + strconv.Itoa(f.Line)
		}
		dst = fmt.Appendf(dst, "| %s | %s | %s | %s | %s |\n", f.Severity, code(f.Rule), code(f.Element), code(place), inline(sentence(f.Message)))
	}
	for _, f := range r.Findings {
		dst = fmt.Appendf(dst, "\n<details><summary>%s %s</summary>\n\n", inline(f.Rule), inline(f.Element))
		for _, line := range story(f) {
			dst = fmt.Appendf(dst, "- %s\n", inline(line))
		}
		dst = append(dst, "\n</details>\n"...)
	}
	for i, f := range r.Waived {
		if i == 0 {
			dst = append(dst, "\nWaived:\n\n"...)
		}
		dst = fmt.Appendf(dst, "- %s %s: %s\n", code(f.Rule), code(f.Element), inline(f.Reason))
	}
	return append(dst, '\n')
}

// inline is text that Markdown and HTML show as it is, within a table too.
func inline(text string) string {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "\r", " ", "\n", " ",
		"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "#", "\\#", "~", "\\~",
	).Replace(text)
}

// code is text as Markdown's code; what has a grave accent in it is plain.
func code(text string) string {
	if strings.ContainsAny(text, "`|\r\n") {
		return inline(text)
	}
	return "`" + text + "`"
}

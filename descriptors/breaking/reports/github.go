package reports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// appendGitHub appends a workflow command for each finding, which GitHub shows
// beside the line, and the verdict as a last one. Waived findings are no
// annotations; waivers that have expired or
// that nothing needs are.
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
	for _, u := range r.Waivers {
		if level := staleLevel(u); level != "" {
			dst = fmt.Appendf(dst, "::%s file=%s,line=%d", level, property(u.Path), u.Line)
			if u.Column > 0 {
				dst = fmt.Appendf(dst, ",col=%d", u.Column)
			}
			dst = fmt.Appendf(dst, ",title=%s waiver::%s\n", u.State, data(sentence(waived(u))))
		}
	}
	for _, line := range conclusion(r) {
		dst = fmt.Appendf(dst, "pbscope: %s\n", data(line))
	}
	return dst
}

// staleLevel is the level of an annotation about a waiver; "" for none.
func staleLevel(u *breaking.WaiverUse) string {
	switch u.State {
	case breaking.WaiverExpired, breaking.WaiverUnknown:
		return "warning"
	case breaking.WaiverUnused:
		return "notice"
	}
	return ""
}

// data escapes the message of a workflow command.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// property escapes the value of a property of a workflow command.
func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// AppendSummary appends the report in Markdown: what GitHub shows as the
// summary of a job, read from the file that GITHUB_STEP_SUMMARY names.
func AppendSummary(dst []byte, r *breaking.Report) []byte {
	dst = fmt.Appendf(dst, "### Schema: %s\n", inline(r.Conclusion()))
	if first := r.DeployFirst(); first != "" {
		dst = fmt.Appendf(dst, "\n%s\n", inline(sentence(first)))
	}
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
		dst = fmt.Appendf(dst, "- %s %s: %s\n", code(f.Rule), code(f.Element), inline(reason(f)))
	}
	stale := 0
	for _, u := range r.Waivers {
		if staleLevel(u) == "" {
			continue
		}
		if stale++; stale == 1 {
			dst = append(dst, "\nWaivers to look at:\n\n"...)
		}
		dst = fmt.Appendf(dst, "- %s: %s\n", code(u.Path+":"+strconv.Itoa(u.Line)), inline(sentence(waived(u))))
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

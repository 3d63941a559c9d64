package reports

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

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

// visible keeps characters that steer a terminal, or the direction of writing,
// out of logs and pages; lines and tabs stay.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return utf8.RuneError
		}
		return r
	}, text)
}

// data escapes the message of a workflow command.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(visible(text))
}

// property escapes the value of a property of a workflow command.
func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(visible(text))
}

// A summary of more than 1 MiB is refused whole: of many findings not all have
// a row, and fewer still have their details.
const (
	maxRows    = 500
	maxDetails = 100
)

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
	for i, f := range r.Findings {
		if i == maxRows {
			dst = fmt.Appendf(dst, "\nand %d more, which the log has\n", len(r.Findings)-i)
			break
		}
		place := fileOf(f)
		if f.Line > 0 {
			place += ":" + strconv.Itoa(f.Line)
		}
		dst = fmt.Appendf(dst, "| %s | %s | %s | %s | %s |\n", f.Severity, code(f.Rule), code(short(f.Element)), code(short(place)), inline(sentence(short(f.Message))))
	}
	for _, f := range r.Findings[:min(len(r.Findings), maxDetails)] {
		dst = fmt.Appendf(dst, "\n<details><summary>%s %s</summary>\n\n", inline(f.Rule), inline(short(f.Element)))
		for _, line := range story(f) {
			dst = fmt.Appendf(dst, "- %s\n", inline(short(line)))
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
	).Replace(visible(text))
}

// code is text as Markdown's code; what has a grave accent in it is plain.
func code(text string) string {
	if text = visible(text); strings.ContainsAny(text, "`|\r\n") {
		return inline(text)
	}
	return "`" + text + "`"
}

package reports

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// appendJUnit appends a test suite with a case for each finding, named by rule
// and element. Those that count fail, the others pass with a remark, waived
// ones are skipped; without any there is one case that passes.
func appendJUnit(dst []byte, r *breaking.Report, o Options) []byte {
	failures, names := 0, make(prints)
	for _, f := range r.Findings {
		if f.Severity >= o.FailOn {
			failures++
		}
	}
	cases := max(len(r.Findings)+len(r.Waived), 1)
	dst = append(dst, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	dst = fmt.Appendf(dst, "<testsuites name=\"pbscope breaking\" tests=\"%d\" failures=\"%d\">\n", cases, failures)
	dst = fmt.Appendf(dst, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\">\n",
		attribute("compatible with "+r.Against), cases, failures, len(r.Waived))
	for _, f := range r.Findings {
		dst = appendCase(dst, f, names)
		body := xmlText(strings.Join(story(f), "\n"))
		if f.Severity >= o.FailOn {
			dst = fmt.Appendf(dst, ">\n      <failure type=\"%s\" message=\"%s\">%s</failure>\n    </testcase>\n", f.Severity, attribute(f.Message), body)
		} else {
			dst = fmt.Appendf(dst, ">\n      <system-out>%s</system-out>\n    </testcase>\n", body)
		}
	}
	for _, f := range r.Waived {
		dst = fmt.Appendf(appendCase(dst, f, names), ">\n      <skipped message=\"%s\"/>\n    </testcase>\n", attribute("waived: "+reason(f)))
	}
	if len(r.Findings)+len(r.Waived) == 0 {
		dst = append(dst, "    <testcase classname=\"pbscope.breaking\" name=\"compatible\"/>\n"...)
	}
	return append(dst, "  </testsuite>\n</testsuites>\n"...)
}

// appendCase appends the start of a case up to the end of its tag. Names are
// stable and distinct.
func appendCase(dst []byte, f *breaking.Finding, names prints) []byte {
	name := f.Rule + " " + f.Element
	if names[name]++; names[name] > 1 {
		name = fmt.Sprintf("%s (%d)", name, names[name])
	}
	dst = fmt.Appendf(dst, "    <testcase classname=\"%s\" name=\"%s\" file=\"%s\"", attribute(f.File), attribute(name), attribute(fileOf(f)))
	if f.Line > 0 {
		dst = fmt.Appendf(dst, " line=\"%d\"", f.Line)
	}
	return dst
}

// attribute is text within quotes, where a reader would make spaces of tabs and
// line feeds.
func attribute(text string) string {
	return strings.NewReplacer("\n", "&#10;", "\t", "&#9;").Replace(xmlText(text))
}

// xmlText escapes text for XML 1.0; characters that XML cannot hold become
// U+FFFD.
func xmlText(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r < ' ' && r != '\n' && r != '\t', r >= 0xd800 && r < 0xe000, r == 0xfffe, r == 0xffff:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

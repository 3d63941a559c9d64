// Package reports prints the outcome of a comparison of schemas in the forms
// that CI systems read: SARIF, GitHub's annotations and job summary, GitLab's
// code quality and JUnit's XML, beside the text and the JSON of package
// breaking itself.
package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking"
)

// Options say how a report is printed.
type Options struct {
	// Text is for the form of that name.
	Text breaking.TextOptions
	// FailOn is the least severity that makes a check fail.
	FailOn breaking.Severity
	// Version is that of this program.
	Version string
}

// Formats are the names of the forms.
func Formats() []string { return []string{"text", "json", "sarif", "github", "gitlab", "junit"} }

// Append appends a report in a form of Formats.
func Append(dst []byte, r *breaking.Report, format string, o Options) ([]byte, error) {
	switch format {
	case "json":
		return r.AppendJSON(dst)
	case "sarif":
		return appendSARIF(dst, r, o)
	case "github":
		return appendGitHub(dst, r), nil
	case "gitlab":
		return appendGitLab(dst, r)
	case "junit":
		return appendJUnit(dst, r, o), nil
	}
	return r.AppendText(dst, o.Text), nil
}

// fileOf is the file of a finding as the working directory names it, with
// slashes; of a descriptor set the name that imports use.
func fileOf(f *breaking.Finding) string {
	if f.Path == "" {
		return f.File
	}
	return filepath.ToSlash(f.Path)
}

// prints gives findings names that stay the same when lines move: a rule on an
// element, and a number where that comes several times.
type prints map[string]int

func (p prints) of(f *breaking.Finding) string {
	key := f.Rule + "\x00" + f.File + "\x00" + f.Element
	if f.Previous != nil {
		key += "\x00" + f.Previous.Element
	}
	p[key]++
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(p[key])))
	return hex.EncodeToString(sum[:16])
}

// sentence is a message with a full stop. Its first word may be a name and
// stays as it is.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// story is what a finding has to say, in lines: what changed, whom it hurts,
// the witness and the mend.
func story(f *breaking.Finding) []string {
	lines := []string{sentence(f.Message)}
	if f.Why != "" {
		lines = append(lines, sentence(f.Why))
	}
	lines = append(lines, witness(f.Witness)...)
	if line := f.TrafficLine(); line != "" {
		lines = append(lines, "Traffic: "+line+".")
	}
	if f.NoWitness != "" {
		lines = append(lines, sentence(f.NoWitness))
	}
	if len(f.Contents) > 1 {
		lines = append(lines, "Elements: "+listed(f.Contents)+".")
	}
	if len(f.Against) > 0 {
		lines = append(lines, comparedWith(f))
	}
	if mend := mendOf(f); mend != "" {
		lines = append(lines, mend)
	}
	return lines
}

// comparedWith names those of several old schemas that a finding is about.
func comparedWith(f *breaking.Finding) string {
	return "Compared with " + strings.Join(f.Against, ", ") + "."
}

// conclusion is the verdict in lines.
func conclusion(r *breaking.Report) []string {
	var lines []string
	if first := r.DeployFirst(); first != "" {
		lines = append(lines, first)
	}
	return append(lines, r.Conclusion())
}

// reason is why a finding is waived, and until when.
func reason(f *breaking.Finding) string {
	if f.Waiver == nil || f.Waiver.Expires == "" {
		return f.Reason
	}
	return f.Reason + " (until " + f.Waiver.Expires + ")"
}

// waived says what became of a waiver.
func waived(u *breaking.WaiverUse) string {
	text := strings.Join(u.Rules, ", ")
	if u.Element != "" {
		text += " for " + u.Element
	}
	switch u.State {
	case breaking.WaiverExpired:
		return "the waiver of " + text + " expired on " + u.Expires
	case breaking.WaiverUnknown:
		return "the waiver of " + text + " names no rule that there is"
	}
	return "nothing needs the waiver of " + text + " any more"
}

// listed names the first few of many elements.
func listed(elements []string) string {
	const most = 10
	if len(elements) <= most {
		return strings.Join(elements, ", ")
	}
	return strings.Join(elements[:most], ", ") + " and " + strconv.Itoa(len(elements)-most) + " more"
}

// witness is the bytes that show a finding, in lines.
func witness(w *breaking.Witness) []string {
	if w == nil {
		return nil
	}
	reader := "new"
	if w.WrittenBy == "new" {
		reader = "old"
	}
	payload := w.Bytes
	if payload == "" {
		payload = "(empty)"
	}
	label := "Bytes: "
	if w.Text != "" {
		label, payload = "Text: ", w.Text
	}
	lines := []string{
		label + short(payload) + " as " + w.Type,
		"The " + w.WrittenBy + " schema wrote " + short(string(w.Written)),
	}
	if w.Error != nil {
		return append(lines, "The "+reader+" schema refuses it: "+short(string(w.Error)))
	}
	return append(lines, "The "+reader+" schema reads "+short(string(w.Read)))
}

// short cuts text that is longer than a line of a report can be.
func short(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func mendOf(f *breaking.Finding) string {
	switch {
	case f.Fix != nil:
		return "To mend it: add `" + f.Fix.Text + "`."
	case f.Advice != "":
		return "To mend it: " + f.Advice + "."
	}
	return ""
}

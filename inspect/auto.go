package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/kafka"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// autoBytes is how much of an input is looked at to find its form.
const autoBytes = 64 << 10

// AmbiguousError says that the form of an input cannot be told.
type AmbiguousError struct {
	// Candidates are the names of the forms that fit; none: no form fits.
	Candidates []string
	// Untyped says that no type was given, without which only sure signs count.
	Untyped bool
	// Among says that every type of a schema was tried.
	Among bool
}

// Error names the candidates.
func (e *AmbiguousError) Error() string {
	switch {
	case len(e.Candidates) > 0:
		return "the form of the input cannot be told: it fits " + strings.Join(e.Candidates, " and ")
	case e.Among:
		return "the form of the input cannot be told: it bears no sure sign, and under no type of the schema does a form explain it without unknown fields"
	case e.Untyped:
		return "the form of the input cannot be told without a message type: it bears no sure sign"
	}
	return "the form of the input cannot be told: under the given type no form explains it without unknown fields"
}

// Detect finds the form of an input that has not been read from: by a sure
// sign, else, under a given type, as the one form that explains all of the
// first 64 KiB without unknown fields. It reads up to that much and leaves
// it unread. The error is an *AmbiguousError, or that of reading.
func Detect(in *frame.Input, m *plan.Message) (frame.Form, error) {
	head, err := in.Need(autoBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return frame.Form{}, err
	}
	atEOF := err != nil
	for _, form := range Forms() {
		if form.Sure != nil && form.Read != nil && form.Sure(head, atEOF) {
			return form, nil
		}
	}
	if m == nil {
		return frame.Form{}, &AmbiguousError{Untyped: true}
	}
	var fits []frame.Form
	for _, form := range Forms() {
		if form.Guess && !sameAs(form, fits) && explains(form, head, atEOF, m) {
			fits = append(fits, form)
		}
	}
	if len(fits) == 1 {
		return fits[0], nil
	}
	ambiguous := new(AmbiguousError)
	for _, form := range fits {
		ambiguous.Candidates = append(ambiguous.Candidates, form.Name)
	}
	return frame.Form{}, ambiguous
}

// sameAs says that one of fits reads the input as the form would: where
// kcat -f '%R%s' has met no null, its output is u32be.
func sameAs(form frame.Form, fits []frame.Form) bool {
	return form.Name == kafka.KcatRName && slices.ContainsFunc(fits, func(f frame.Form) bool { return f.Name == "u32be" })
}

// explains says whether the form takes head apart without damage into
// messages of m without unknown fields. Where head is cut, so may the last
// frame be.
func explains(form frame.Form, head []byte, atEOF bool, m *plan.Message) bool {
	cut := new(cutReader)
	cut.Reader = *bytes.NewReader(head)
	cut.atEOF = atEOF
	in := frame.NewInput(cut)
	reader := form.Read(in, &frame.Options{})
	decoder := transcode.NewDecoder(transcode.Options{Unknown: transcode.RefuseUnknown})
	found := 0
	for {
		var f frame.Frame
		err := reader.Next(&f)
		if errors.Is(err, errCut) {
			return found > 0 || form.Name == "raw" && beginsMessage(m, head)
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			return false
		}
		if f.Problem != nil {
			return f.Problem.Tag == span.Truncated && !atEOF && (found > 0 || form.Name == "raw" && beginsMessage(m, head))
		}
		if _, _, ok := decoder.Append(nil, m, f.Payload); !ok {
			return false
		}
		found++
	}
}

// beginsMessage says whether head can be the first bytes of a message of m.
func beginsMessage(m *plan.Message, head []byte) bool {
	p := message.Diagnose(m, head, message.Options{RefuseUnknown: true})
	return p == nil || p.Tag == span.Truncated
}

// errCut is the end of what is looked at, where the input goes on.
var errCut = errors.New("the rest of the input was not looked at")

type cutReader struct {
	bytes.Reader
	atEOF bool
}

func (r *cutReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF && !r.atEOF {
		err = errCut
	}
	return n, err
}

// DetectNote is what is said of a form that was found and not given.
func DetectNote(source string, form frame.Form) string {
	if source == "" {
		source = "standard input"
	}
	return fmt.Sprintf("%s: taken as %s (--from %s)", source, form.Name, form.Name)
}

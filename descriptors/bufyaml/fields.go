package bufyaml

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"

	"github.com/pbscope/pbscope/descriptors/yaml"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// reader reads the files of one workspace and gathers what is wrong.
type reader struct {
	files     fs.FS
	dir       string
	workspace *Workspace
	errs      Errors
	// file and text are those that are read now.
	file string
	text []byte
}

// parse is the mapping that a file holds; nil where it holds none, which is
// reported.
func (r *reader) parse(name string, text []byte) *yaml.Node {
	r.file, r.text = r.path(name), text
	r.workspace.Files = append(r.workspace.Files, r.file)
	root, err := yaml.Parse(text)
	var bad *yaml.Error
	switch {
	case errors.As(err, &bad):
		r.errs = append(r.errs, &Error{File: r.file, Line: bad.Line, Column: bad.Column, SourceLine: r.line(bad.Line), Message: bad.Message, Hint: bad.Hint})
		return nil
	case root == nil:
		r.errs = append(r.errs, &Error{File: r.file, Message: "is empty", Hint: "it begins with: version: v2"})
		return nil
	case root.Kind != yaml.Mapping:
		r.fail(root, "this is no KEY: VALUE", "the file begins with: version: v2")
		return nil
	}
	return root
}

func (r *reader) fail(n *yaml.Node, message, hint string) {
	r.errs = append(r.errs, &Error{File: r.file, Line: n.Line, Column: n.Column, SourceLine: r.line(n.Line), Message: message, Hint: hint})
}

func (r *reader) failAt(w Word, message, hint string) {
	r.fail(&yaml.Node{Line: w.Line, Column: w.Column}, message, hint)
}

// line is the text of a line, counted from 1.
func (r *reader) line(number int) string {
	lines := bytes.SplitN(r.text, []byte("\n"), number+1)
	if number < 1 || number > len(lines) {
		return ""
	}
	line := bytes.TrimRight(lines[number-1], "\r")
	return strings.ToValidUTF8(string(line[:min(len(line), 200)]), "?")
}

// known reports the keys of a mapping that are not in the list; false if it is
// no mapping. What is left out is an empty mapping.
func (r *reader) known(n *yaml.Node, what string, keys ...string) bool {
	if n.Null() {
		return false
	}
	if n.Kind != yaml.Mapping {
		r.fail(n, what+" takes KEY: VALUE pairs", "")
		return false
	}
	for _, e := range n.Entries {
		if contains(keys, e.Key.Text) {
			continue
		}
		hint := "the keys here are " + strings.Join(keys, ", ")
		if near := nearest.Name(e.Key.Text, keys); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.fail(e.Key, "unknown key "+e.Key.Text+" in "+what, hint)
	}
	return true
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// word is a text; zero for what is left out.
func (r *reader) word(n *yaml.Node, what string) Word {
	if n.Null() {
		return Word{}
	}
	if n.Kind != yaml.Scalar {
		r.fail(n, what+" takes one word", "")
		return Word{}
	}
	return Word{Text: n.Text, File: r.file, Line: n.Line, Column: n.Column}
}

// words is a list of texts, without the empty ones.
func (r *reader) words(n *yaml.Node, what string) []Word {
	var words []Word
	for _, item := range r.items(n, what) {
		if w := r.word(item, "an entry of "+what); w.Text != "" {
			words = append(words, w)
		}
	}
	return words
}

// items are the entries of a list.
func (r *reader) items(n *yaml.Node, what string) []*yaml.Node {
	if n.Null() {
		return nil
	}
	if n.Kind != yaml.Sequence {
		hint := ""
		if n.Kind == yaml.Scalar {
			hint = "write it as a list: [" + n.Text + "]"
		}
		r.fail(n, what+" takes a list", hint)
		return nil
	}
	return n.Items
}

// truth is a bool, in all the words that YAML 1.1 has for it; false for what
// is left out.
func (r *reader) truth(n *yaml.Node, what string) bool {
	if n.Null() {
		return false
	}
	if value, ok := n.Bool(); ok {
		return value
	}
	if n.Kind == yaml.Scalar && !n.Quoted {
		switch strings.ToLower(n.Text) {
		case "y", "yes", "on":
			return true
		case "n", "no", "off":
			return false
		}
	}
	r.fail(n, what+" takes true or false", "")
	return false
}

package config

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors/yaml"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// Parse reads the text of a file; paths in it are relative to the file's
// directory. An empty text says nothing. Errors are Errors.
func Parse(file string, text []byte) (*Config, error) {
	r := &reader{file: file, dir: filepath.Dir(file), text: text}
	c := &Config{File: file}
	root, err := yaml.Parse(text)
	var bad *yaml.Error
	switch {
	case errors.As(err, &bad):
		r.add(bad.Line, bad.Column, bad.Message, bad.Hint)
	case root != nil:
		r.config(c, root)
	}
	if len(r.errs) > 0 {
		slices.SortStableFunc(r.errs, func(a, b *Error) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		return nil, r.errs
	}
	return c, nil
}

// reader gathers what is wrong with one file.
type reader struct {
	file string
	dir  string
	text []byte
	errs Errors
}

// section is a row of a table of keys.
type section struct {
	key  string
	read func(n *yaml.Node)
}

func (r *reader) config(c *Config, n *yaml.Node) {
	r.sections(n, FileName, []section{
		{"schema", func(n *yaml.Node) { r.schema(&c.Schema, n) }},
		{"types", func(n *yaml.Node) { r.types(&c.Types, n) }},
		{"registry", func(n *yaml.Node) { r.registry(&c.Registry, n) }},
		{"output", func(n *yaml.Node) { c.Output = r.output(n) }},
		{"breaking", func(n *yaml.Node) { r.breaking(&c.Breaking, n) }},
	})
}

// sections reads the keys of a mapping by a table; keys without a value say
// nothing, others are errors.
func (r *reader) sections(n *yaml.Node, what string, table []section) {
	if n.Null() {
		return
	}
	if n.Kind != yaml.Mapping {
		r.fail(n, what+" takes KEY: VALUE pairs", "")
		return
	}
	var keys []string
	for _, s := range table {
		keys = append(keys, s.key)
	}
	for _, e := range n.Entries {
		i := slices.Index(keys, e.Key.Text)
		if i < 0 {
			r.unknown(e.Key, what, keys)
		} else if !e.Value.Null() {
			table[i].read(e.Value)
		}
	}
}

func (r *reader) unknown(key *yaml.Node, what string, keys []string) {
	hint := "the keys here are " + strings.Join(keys, ", ")
	if near := nearest.Name(strings.ReplaceAll(key.Text, "-", "_"), keys); near != "" {
		hint = "did you mean " + near + "?"
	}
	r.fail(key, "unknown key "+key.Text+" in "+what, hint)
}

func (r *reader) fail(n *yaml.Node, message, hint string) { r.add(n.Line, n.Column, message, hint) }

func (r *reader) add(line, column int, message, hint string) {
	r.errs = append(r.errs, &Error{File: r.file, Line: line, Column: column, SourceLine: r.line(line), Message: message, Hint: hint})
}

// line is the text of a line, counted from 1, at most 200 bytes of it.
func (r *reader) line(number int) string {
	lines := bytes.SplitN(bytes.TrimPrefix(r.text, []byte("\xef\xbb\xbf")), []byte("\n"), number+1)
	if number < 1 || number > len(lines) {
		return ""
	}
	line := bytes.TrimRight(lines[number-1], "\r")
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return '?'
		}
		return c
	}, strings.ToValidUTF8(string(line[:min(len(line), 200)]), "?"))
}

// scalar is a text; an empty one is an error.
func (r *reader) scalar(n *yaml.Node, what string) Text {
	switch {
	case n.Kind != yaml.Scalar:
		r.fail(n, what+" takes one value", "")
		return Text{}
	case n.Text == "" || n.Null():
		r.fail(n, what+" is empty", "")
		return Text{}
	}
	return Text{n.Text, n.Line, n.Column}
}

// list is the texts of a list; one text stands for a list of one.
func (r *reader) list(n *yaml.Node, what string) []Text {
	if n.Kind == yaml.Scalar {
		return []Text{r.scalar(n, what)}
	}
	if n.Kind != yaml.Sequence {
		r.fail(n, what+" takes a list", "")
		return nil
	}
	var all []Text
	for _, item := range n.Items {
		if t := r.scalar(item, "an entry of "+what); t.Given() {
			all = append(all, t)
		}
	}
	return all
}

// paths is a list of paths, joined to the file's directory.
func (r *reader) paths(n *yaml.Node, what string) []Text {
	all := r.list(n, what)
	for i := range all {
		all[i] = r.joined(all[i])
	}
	return all
}

func (r *reader) joined(t Text) Text {
	if path := filepath.FromSlash(t.Text); t.Given() && !filepath.IsAbs(path) {
		t.Text = filepath.Join(r.dir, path)
	}
	return t
}

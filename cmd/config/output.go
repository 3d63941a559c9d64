package config

import (
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/descriptors/yaml"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// OutputKey is an option of the output: the flag of that name.
type OutputKey struct {
	Name string
	// Values are those that it takes; nil for a whole number, of which the
	// least is 0, or for a bool.
	Values []string
	Bool   bool
}

// OutputKeys are the options of the output, in the order in which they are
// shown.
func OutputKeys() []OutputKey {
	return []OutputKey{
		{Name: "unknown", Values: []string{"keep", "drop", "error"}},
		{Name: "int64", Values: []string{"string", "number"}},
		{Name: "bytes", Values: []string{"base64", "hex"}},
		{Name: "names", Values: []string{"json", "proto"}},
		{Name: "enums", Values: []string{"name", "number"}},
		{Name: "defaults", Bool: true},
		{Name: "sort", Bool: true},
		{Name: "lossless", Bool: true},
		{Name: "indent"},
		{Name: "color", Values: []string{"auto", "always", "never"}},
		{Name: "summary", Values: []string{"text", "json", "none"}},
		{Name: "show-errors"},
	}
}

func (r *reader) output(n *yaml.Node) []Setting {
	var settings []Setting
	var table []section
	for _, key := range OutputKeys() {
		table = append(table, section{key.Name, func(n *yaml.Node) {
			if value := r.setting(key, n); value.Given() {
				settings = append(settings, Setting{key.Name, value})
			}
		}})
	}
	r.sections(n, "output", table)
	return settings
}

// setting is a value that the flag takes.
func (r *reader) setting(key OutputKey, n *yaml.Node) Text {
	t := r.scalar(n, key.Name)
	switch {
	case !t.Given():
	case key.Bool:
		value, ok := n.Bool()
		if !ok {
			r.fail(n, key.Name+" is true or false", "")
		}
		t.Text = strconv.FormatBool(value)
	case key.Values != nil:
		r.oneOf(key, n)
	default:
		if count, err := strconv.ParseInt(t.Text, 10, 32); err != nil || count < 0 || n.Quoted {
			r.fail(n, key.Name+" is a whole number, 0 or more", "")
		}
	}
	return t
}

func (r *reader) oneOf(key OutputKey, n *yaml.Node) {
	for _, value := range key.Values {
		if value == n.Text {
			return
		}
	}
	hint := ""
	if near := nearest.Name(n.Text, key.Values); near != "" {
		hint = "did you mean " + near + "?"
	}
	r.fail(n, key.Name+" is one of "+strings.Join(key.Values, ", "), hint)
}

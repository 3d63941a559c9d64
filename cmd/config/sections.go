package config

import (
	"strings"
	"time"

	"github.com/pbscope/pbscope/descriptors/yaml"
)

func (r *reader) schema(s *Schema, n *yaml.Node) {
	r.sections(n, "schema", []section{
		{"import-paths", func(n *yaml.Node) { s.ImportPaths = r.paths(n, "import-paths") }},
		{"protos", func(n *yaml.Node) { s.Protos = r.paths(n, "protos") }},
		{"descriptor-sets", func(n *yaml.Node) { s.DescriptorSets = r.paths(n, "descriptor-sets") }},
		{"reflect", func(n *yaml.Node) { s.Reflect = r.scalar(n, "reflect") }},
		{"reflect-headers", func(n *yaml.Node) { s.ReflectHeaders = r.headers(n) }},
	})
}

func (r *reader) headers(n *yaml.Node) []Text {
	all := r.list(n, "reflect-headers")
	for _, t := range all {
		if name, _, ok := strings.Cut(t.Text, ":"); !ok || strings.TrimSpace(name) == "" {
			r.add(t.Line, t.Column, "a header is written NAME: VALUE", `in quotes: "authorization: Bearer …"`)
		}
	}
	return all
}

func (r *reader) types(t *Types, n *yaml.Node) {
	r.sections(n, "types", []section{
		{"default", func(n *yaml.Node) { t.Default = r.typeName(n, "default") }},
		{"topics", func(n *yaml.Node) {
			r.patterns(n, "topics", func(pattern Text, n *yaml.Node) { t.Topics = append(t.Topics, r.topic(pattern, n)) })
		}},
		{"files", func(n *yaml.Node) {
			r.patterns(n, "files", func(pattern Text, n *yaml.Node) {
				t.Files = append(t.Files, File{pattern, r.typeName(n, "the type of "+pattern.Text)})
			})
		}},
		{"methods", func(n *yaml.Node) {
			r.patterns(n, "methods", func(pattern Text, n *yaml.Node) { t.Methods = append(t.Methods, r.method(pattern, n)) })
		}},
	})
}

// patterns reads PATTERN: VALUE pairs.
func (r *reader) patterns(n *yaml.Node, what string, add func(pattern Text, value *yaml.Node)) {
	if n.Kind != yaml.Mapping {
		r.fail(n, what+" takes PATTERN: TYPE pairs", "")
		return
	}
	for _, e := range n.Entries {
		switch {
		case e.Key.Text == "":
			r.fail(e.Key, "an empty pattern", "")
		case e.Value.Null():
			r.fail(e.Key, e.Key.Text+" has no type", "write "+e.Key.Text+": FULL.NAME")
		default:
			add(Text{e.Key.Text, e.Key.Line, e.Key.Column}, e.Value)
		}
	}
}

// topic is TYPE, or {value: TYPE, key: TYPE}.
func (r *reader) topic(pattern Text, n *yaml.Node) Topic {
	t := Topic{Pattern: pattern}
	if n.Kind != yaml.Mapping {
		t.Value = r.typeName(n, "the type of "+pattern.Text)
		return t
	}
	r.sections(n, pattern.Text, []section{
		{"value", func(n *yaml.Node) { t.Value = r.typeName(n, "value") }},
		{"key", func(n *yaml.Node) { t.Key = r.typeName(n, "key") }},
	})
	return t
}

func (r *reader) method(pattern Text, n *yaml.Node) Method {
	m := Method{Pattern: pattern}
	r.sections(n, pattern.Text, []section{
		{"request", func(n *yaml.Node) { m.Request = r.typeName(n, "request") }},
		{"response", func(n *yaml.Node) { m.Response = r.typeName(n, "response") }},
	})
	return m
}

// typeName is a full name of a message; a leading dot is dropped.
func (r *reader) typeName(n *yaml.Node, what string) Text {
	t := r.scalar(n, what)
	t.Text = strings.TrimPrefix(t.Text, ".")
	if t.Given() && !isTypeName(t.Text) {
		r.fail(n, t.Text+" is no name of a message type", "it is PACKAGE.NAME: trades.v1.Trade")
	}
	return t
}

func isTypeName(name string) bool {
	for _, part := range strings.Split(name, ".") {
		for i, c := range []byte(part) {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}

func (r *reader) registry(g *Registry, n *yaml.Node) {
	r.sections(n, "registry", []section{
		{"url", func(n *yaml.Node) {
			g.URL = r.scalar(n, "url")
			if g.URL.Given() && !strings.HasPrefix(g.URL.Text, "http://") && !strings.HasPrefix(g.URL.Text, "https://") {
				r.fail(n, "url begins with http:// or https://", "")
			}
		}},
		{"directory", func(n *yaml.Node) { g.Directory = r.joined(r.scalar(n, "directory")) }},
	})
}

func (r *reader) breaking(b *Breaking, n *yaml.Node) {
	r.sections(n, "breaking", []section{
		{"use", func(n *yaml.Node) { b.Use = r.list(n, "use") }},
		{"except", func(n *yaml.Node) { b.Except = r.list(n, "except") }},
		{"against", func(n *yaml.Node) { b.Against = r.list(n, "against") }},
		{"mode", func(n *yaml.Node) { b.Mode = r.scalar(n, "mode") }},
		{"fail-on", func(n *yaml.Node) { b.FailOn = r.scalar(n, "fail-on") }},
		{"any-types", func(n *yaml.Node) { b.AnyTypes = r.list(n, "any-types") }},
		{"waivers", func(n *yaml.Node) {
			if n.Kind != yaml.Sequence {
				r.fail(n, "waivers takes a list", "- element: pkg.Message.field")
				return
			}
			for _, item := range n.Items {
				b.Waivers = append(b.Waivers, r.waiver(item))
			}
		}},
	})
}

func (r *reader) waiver(n *yaml.Node) Waiver {
	w := Waiver{Place: Text{"", n.Line, n.Column}}
	if n.Null() {
		r.fail(n, "an empty waiver", "it has element, rule and reason, and may have expires")
		return w
	}
	r.sections(n, "waivers", []section{
		{"element", func(n *yaml.Node) { w.Element = r.scalar(n, "element") }},
		{"rule", func(n *yaml.Node) { w.Rule = r.scalar(n, "rule") }},
		{"reason", func(n *yaml.Node) { w.Reason = r.scalar(n, "reason") }},
		{"expires", func(n *yaml.Node) {
			t := r.scalar(n, "expires")
			day, err := time.Parse(time.DateOnly, t.Text)
			if t.Given() && err != nil {
				r.fail(n, t.Text+" is no date", "write it as 2026-12-31")
			}
			w.Expires = day
		}},
	})
	if n.Kind != yaml.Mapping {
		return w
	}
	for _, key := range []string{"element", "rule", "reason"} {
		if n.Get(key).Null() {
			r.fail(n, "a waiver without "+key, "it has element, rule and reason, and may have expires")
		}
	}
	return w
}

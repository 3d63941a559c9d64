package breaking

import (
	"fmt"
	"slices"
	"strings"
)

// bufPrinter prints a generated file as its syntax wants it: what a syntax
// does not know is left out.
type bufPrinter struct {
	strings.Builder
	g        *bufGenerator
	file     *bufFile
	messages []string
	enums    []string
}

func (g *bufGenerator) sources(files []*bufFile) map[string]string {
	sources := make(map[string]string)
	for _, f := range files {
		p := &bufPrinter{g: g, file: f}
		for _, m := range f.top.messages {
			p.messages = append(p.messages, m.name)
		}
		for _, e := range f.top.enums {
			if e.values[0].number == 0 { // others cannot be in maps
				p.enums = append(p.enums, e.name)
			}
		}
		p.print()
		sources[f.path] = p.String()
	}
	return sources
}

func (p *bufPrinter) editions() bool { return strings.HasPrefix(p.file.syntax, "20") }

func (p *bufPrinter) print() {
	if p.editions() {
		fmt.Fprintf(p, "edition = %q;\n", p.file.syntax)
	} else {
		fmt.Fprintf(p, "syntax = %q;\n", p.file.syntax)
	}
	fmt.Fprintf(p, "package %s;\n", p.file.pkg)
	fmt.Fprint(p, "import \"google/protobuf/cpp_features.proto\";\nimport \"google/protobuf/java_features.proto\";\n")
	p.options(p.file.options, "")
	p.body(&p.file.top, "")
	for _, s := range p.file.services {
		p.service(s)
	}
}

// known leaves out the options that a syntax does not have.
func (p *bufPrinter) known(options []string) []string {
	return slices.DeleteFunc(slices.Clone(options), func(o string) bool {
		feature := strings.HasPrefix(o, "features.")
		switch {
		case feature:
			return !p.editions()
		case p.editions():
			return strings.HasPrefix(o, "java_string_check_utf8") || strings.HasPrefix(o, "packed") || p.file.syntax == "2024" && (strings.HasPrefix(o, "ctype") || strings.HasPrefix(o, "java_multiple_files"))
		case p.file.syntax == "proto3":
			return strings.HasPrefix(o, "default")
		}
		return false
	})
}

func (p *bufPrinter) options(options []string, indent string) {
	for _, o := range p.known(options) {
		fmt.Fprintf(p, "%soption %s;\n", indent, o)
	}
}

func (p *bufPrinter) body(m *bufMessage, indent string) {
	for _, n := range m.messages {
		fmt.Fprintf(p, "%smessage %s {\n", indent, n.name)
		p.options(n.options, indent+"  ")
		for _, r := range n.reserved {
			fmt.Fprintf(p, "%s  reserved %s;\n", indent, p.names(r))
		}
		for _, r := range n.ranges {
			if p.file.syntax != "proto3" {
				fmt.Fprintf(p, "%s  extensions %s;\n", indent, r)
			}
		}
		p.fields(n, indent+"  ")
		p.body(n, indent+"  ")
		fmt.Fprintf(p, "%s}\n", indent)
	}
	for _, e := range m.enums {
		p.enum(e, indent)
	}
	if len(m.extensions) > 0 && p.file.syntax != "proto3" {
		fmt.Fprintf(p, "%sextend %s {\n", indent, m.extendee)
		for _, x := range m.extensions {
			p.field(x, indent+"  ")
		}
		fmt.Fprintf(p, "%s}\n", indent)
	}
}

// names: since edition 2023 reserved names are identifiers.
func (p *bufPrinter) names(reserved string) string {
	if p.editions() {
		return strings.ReplaceAll(reserved, `"`, "")
	}
	return reserved
}

func (p *bufPrinter) fields(m *bufMessage, indent string) {
	var oneofs []string
	for _, f := range m.fields {
		if f.oneof == "" {
			p.field(f, indent)
		} else if !slices.Contains(oneofs, f.oneof) {
			oneofs = append(oneofs, f.oneof)
		}
	}
	for _, o := range oneofs {
		fmt.Fprintf(p, "%soneof %s {\n", indent, o)
		for _, f := range m.fields {
			if f.oneof == o {
				p.field(f, indent+"\t")
			}
		}
		fmt.Fprintf(p, "%s}\n", indent)
	}
}

func (p *bufPrinter) field(f bufField, indent string) {
	label := f.label
	switch {
	case p.file.syntax == "proto2" && label == "" && f.oneof == "" && !strings.HasPrefix(f.kind, "map<"):
		label = "optional"
	case p.file.syntax == "proto3" && label == "required", p.editions() && label != "repeated":
		label = ""
	}
	if label != "" {
		label += " "
	}
	options := slices.DeleteFunc(p.known(f.options), func(o string) bool { return !p.fits(f, o) })
	text := ""
	if len(options) > 0 {
		text = " [" + strings.Join(options, ", ") + "]"
	}
	fmt.Fprintf(p, "%s%s%s %s = %d%s;\n", indent, label, p.kind(f.kind), f.name, f.number, text)
}

// fits leaves out options that a field of that type cannot have.
func (p *bufPrinter) fits(f bufField, option string) bool {
	text := f.kind == "string" || f.kind == "bytes"
	number := !text && slices.Contains(scalars, f.kind) && f.kind != "bool"
	many := f.label == "repeated" || strings.HasPrefix(f.kind, "map<")
	switch name, value, _ := strings.Cut(option, " = "); name {
	case "default":
		return !many && (value == `"a"` && text || value == "true" && f.kind == "bool" || len(value) == 1 && number)
	case "ctype", "features.(pb.cpp).string_type":
		return text
	case "jstype":
		return strings.HasSuffix(f.kind, "64")
	case "features.utf8_validation", "features.(pb.java).utf8_validation":
		return f.kind == "string"
	case "features.message_encoding":
		return f.kind[0] == '@'
	case "features.field_presence":
		return !many && f.oneof == "" && f.kind[0] != '@'
	case "packed":
		return number && f.label == "repeated"
	}
	return true
}

// kind puts names in place of @ and #.
func (p *bufPrinter) kind(kind string) string {
	for i, all := range [][]string{p.messages, p.enums} {
		for n := range 3 {
			name := "string"
			if len(all) > 0 {
				name = all[n%len(all)]
			}
			kind = strings.ReplaceAll(kind, fmt.Sprint([]string{"@", "#"}[i], n), name)
		}
	}
	return kind
}

func (p *bufPrinter) enum(e *bufEnum, indent string) {
	fmt.Fprintf(p, "%senum %s {\n", indent, e.name)
	p.options(e.options, indent+"  ")
	for _, r := range e.reserved {
		fmt.Fprintf(p, "%s  reserved %s;\n", indent, p.names(r))
	}
	for _, v := range e.values {
		fmt.Fprintf(p, "%s  %s = %d;\n", indent, v.name, v.number)
	}
	fmt.Fprintf(p, "%s}\n", indent)
}

func (p *bufPrinter) service(s *bufService) {
	if len(p.messages) == 0 {
		return
	}
	fmt.Fprintf(p, "service %s {\n", s.name)
	for _, m := range s.methods {
		fmt.Fprintf(p, "  rpc %s(%s) returns (%s)", m.name, p.kind(m.in), p.kind(m.out))
		if m.option == "" {
			fmt.Fprint(p, ";\n")
		} else {
			fmt.Fprintf(p, " {\n    option idempotency_level = %s;\n  }\n", m.option)
		}
	}
	fmt.Fprint(p, "}\n")
}

package breaking

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Tags of the extension google.api.http of MethodOptions, and of its message
// HttpRule (google/api/http.proto).
const (
	httpRule                                               = 72295728
	httpGet, httpPut, httpPost, httpDelete, httpPatch      = 2, 3, 4, 5, 6
	httpBody, httpCustom, httpAdditional, httpResponseBody = 7, 8, 11, 12
	customKind, customPath                                 = 1, 2
)

// bindings are the ways in which REST calls reach a method, as text: verb,
// path and bodies. They are read from the option's bytes, whether the schema
// links the extension or not.
func bindings(m protoreflect.MethodDescriptor) []string {
	b, err := proto.Marshal(m.Options())
	if err != nil {
		return nil
	}
	var rule []byte
	eachBytes(b, func(n protowire.Number, content []byte) {
		if n == httpRule {
			rule = append(rule, content...)
		}
	})
	if rule == nil {
		return nil
	}
	var all []string
	addBindings(&all, rule, 0)
	return all
}

// maxBindings bounds how deep additional bindings nest: they must not.
const maxBindings = 2

func addBindings(all *[]string, rule []byte, depth int) {
	verb, path, body, response := "", "", "", ""
	var more [][]byte
	eachBytes(rule, func(n protowire.Number, content []byte) {
		switch n {
		case httpGet, httpPut, httpPost, httpDelete, httpPatch:
			verb, path = [...]string{"GET", "PUT", "POST", "DELETE", "PATCH"}[n-httpGet], string(content)
		case httpCustom:
			eachBytes(content, func(n protowire.Number, content []byte) {
				switch n {
				case customKind:
					verb = string(content)
				case customPath:
					path = string(content)
				}
			})
		case httpBody:
			body = string(content)
		case httpResponseBody:
			response = string(content)
		case httpAdditional:
			more = append(more, content)
		}
	})
	text := verb + " " + path
	if body != "" {
		text += " with the body " + body
	}
	if response != "" {
		text += " returning " + response
	}
	if verb != "" {
		*all = append(*all, text)
	}
	for _, rule := range more {
		if depth < maxBindings {
			addBindings(all, rule, depth+1)
		}
	}
}

// eachBytes are the length-delimited fields of a message.
func eachBytes(b []byte, step func(n protowire.Number, content []byte)) {
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return
		}
		size := protowire.ConsumeFieldValue(number, typ, b[n:])
		if size < 0 {
			return
		}
		if typ == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(b[n:])
			step(number, content)
		}
		b = b[n+size:]
	}
}

func httpRuleChanged(c *comparison, p *methodPair) {
	if p.new == nil {
		c.httpMethodDeleted(p.service, p.old, "RPC_DELETED")
		return
	}
	after := bindings(p.new)
	lost := withoutBindings(bindings(p.old), after)
	if len(lost) == 0 {
		return
	}
	now := "has no other"
	if len(after) > 0 {
		now = "has " + strings.Join(after, ", ")
	}
	f := c.found(p.new, p.old, fmt.Sprintf("method %s is not called by %s any more; it %s", p.new.FullName(), strings.Join(lost, ", "), now))
	f.base, f.also, f.Why = Break, RPC, "REST calls to it fail, or carry another body"
}

func httpServicesDeleted(c *comparison) {
	for _, s := range c.old.serviceOrder {
		if c.new.services[s.FullName()] != nil {
			continue
		}
		for i := range s.Methods().Len() {
			c.httpMethodDeleted(c.holderOf(s), s.Methods().Get(i), "SERVICE_DELETED")
		}
	}
}

// httpMethodDeleted tells of the bindings of a method that is gone, unless the
// rule that tells of the method is in use, or another method has taken them.
func (c *comparison) httpMethodDeleted(holder protoreflect.Descriptor, m protoreflect.MethodDescriptor, teller string) {
	if slices.ContainsFunc(c.options.Rules, func(r Rule) bool { return r.ID == teller }) {
		return
	}
	lost := bindings(m)
	for _, s := range c.new.serviceOrder {
		for i := range s.Methods().Len() {
			if len(lost) > 0 {
				lost = withoutBindings(lost, bindings(s.Methods().Get(i)))
			}
		}
	}
	if len(lost) == 0 {
		return
	}
	f := c.gone(holder, m, fmt.Sprintf("method %s was deleted, which was called by %s", m.FullName(), strings.Join(lost, ", ")))
	f.base, f.also, f.Why = Break, RPC, "REST calls to it fail"
}

// withoutBindings are the bindings that others do not have. A variable of one segment
// is written {name} or {name=*} (google/api/http.proto).
func withoutBindings(bindings, others []string) []string {
	plain := func(b string) string { return strings.ReplaceAll(b, "=*}", "}") }
	return slices.DeleteFunc(bindings, func(b string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return plain(b) == plain(other) })
	})
}

package breaking

import (
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

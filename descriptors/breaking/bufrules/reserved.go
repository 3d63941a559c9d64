package bufrules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func reservedRules() []Rule {
	return []Rule{{
		ID: "RESERVED_ENUM_NO_DELETE", In: File | Package | WireJSON | Wire | CSR, Breaks: none,
		Summary: "A reserved number or name of an enum is free again.",
		Mend:    "reserve it again",
		Old:     `enum E { NONE = 0; reserved 1 to 3; }`,
		New:     `enum E { NONE = 0; reserved 1 to 2; }`,
		enum:    enumUnreserved,
	}, {
		ID: "RESERVED_MESSAGE_NO_DELETE", In: File | Package | WireJSON | Wire | CSR, Breaks: none,
		Summary: "A reserved number or name of a message is free again.",
		Mend:    "reserve it again",
		Old:     `message M { reserved 1 to 3; }`,
		New:     `message M { reserved 1 to 2; }`,
		message: messageUnreserved,
	}, {
		ID: "EXTENSION_MESSAGE_NO_DELETE", In: File | Package | CSR, Breaks: code,
		Summary: "A number that extensions could have is no extension number any more.",
		Mend:    "keep the extension range",
		Old:     `message M { extensions 10 to 20; }`,
		New:     `message M { extensions 10 to 19; }`,
		message: extensionsClosed,
	}}
}

// span is numbers from first to last, both included.
type span struct{ first, last int64 }

// text is the span as source spells it; max is the highest number of its kind.
func (s span) text(max int64) string {
	switch {
	case s.first == s.last:
		return fmt.Sprint(s.first)
	case s.last == max:
		return fmt.Sprint(s.first, " to max")
	}
	return fmt.Sprint(s.first, " to ", s.last)
}

const maxField, maxEnum = 1<<29 - 1, math.MaxInt32

func fieldSpans(ranges protoreflect.FieldRanges) []span {
	var all []span
	for i := range ranges.Len() {
		r := ranges.Get(i)
		all = append(all, span{int64(r[0]), int64(r[1]) - 1})
	}
	return all
}

func enumSpans(ranges protoreflect.EnumRanges) []span {
	var all []span
	for i := range ranges.Len() {
		r := ranges.Get(i)
		all = append(all, span{int64(r[0]), int64(r[1])})
	}
	return all
}

// merged are the spans by ascending number, without gaps between neighbours.
func merged(spans []span) []span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return int(a.first - b.first) })
	var all []span
	for _, s := range spans {
		if n := len(all); n > 0 && s.first <= all[n-1].last+1 {
			all[n-1].last = max(all[n-1].last, s.last)
			continue
		}
		all = append(all, s)
	}
	return all
}

// missing are the parts of s that none of the others hold; those are merged.
func missing(s span, others []span) []span {
	var parts []span
	begin, _ := slices.BinarySearchFunc(others, s.first, func(o span, first int64) int { return cmp.Compare(o.last, first) })
	for _, o := range others[begin:] {
		if o.first > s.last {
			break
		}
		if o.first > s.first {
			parts = append(parts, span{s.first, o.first - 1})
		}
		s.first = o.last + 1
	}
	if s.first <= s.last {
		parts = append(parts, s)
	}
	return parts
}

// lostSpans tells each old span of which a part is not held any more.
func (c *check) lostSpans(old, new protoreflect.Descriptor, before, after []span, top int64, what string) {
	after = merged(after)
	for _, s := range before {
		parts := missing(s, after)
		if len(parts) == 0 {
			continue
		}
		var texts []string
		for _, p := range parts {
			texts = append(texts, p.text(top))
		}
		c.changed(old, new, whole(new), "of the %s %s of %s, %s is missing", what, s.text(top), nested(new), strings.Join(texts, ", "))
	}
}

func (c *check) lostNames(old, new protoreflect.Descriptor, before, after protoreflect.Names) {
	for i := range before.Len() {
		if name := before.Get(i); !after.Has(name) {
			c.changed(old, new, whole(new), "the name %s is not reserved in %s any more", name, nested(new))
		}
	}
}

func enumUnreserved(c *check, old, new protoreflect.EnumDescriptor) {
	c.lostSpans(old, new, enumSpans(old.ReservedRanges()), enumSpans(new.ReservedRanges()), maxEnum, "reserved numbers")
	c.lostNames(old, new, old.ReservedNames(), new.ReservedNames())
}

func messageUnreserved(c *check, old, new protoreflect.MessageDescriptor) {
	c.lostSpans(old, new, fieldSpans(old.ReservedRanges()), fieldSpans(new.ReservedRanges()), maxField, "reserved numbers")
	c.lostNames(old, new, old.ReservedNames(), new.ReservedNames())
}

func extensionsClosed(c *check, old, new protoreflect.MessageDescriptor) {
	c.lostSpans(old, new, fieldSpans(old.ExtensionRanges()), fieldSpans(new.ExtensionRanges()), maxField, "extension numbers")
}

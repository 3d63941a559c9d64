package breaking

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func reservedRules() []Rule {
	return []Rule{{
		ID: "RESERVED_REUSED", Categories: data, Severity: "risk",
		Summary: "A reserved number is used: data from before the reservation is read as the new field or value.",
		Mend:    "take a number that was never used, and keep the old one reserved",
		Old:     `message M { reserved 2; }`,
		New:     `message M { string color = 2; }`,
		message: func(c *comparison, p *messagePair) { c.reservedReused(c.messageNumbers(p)) },
		enum:    func(c *comparison, p *enumPair) { c.reservedReused(enumNumbers(p)) },
	}, {
		ID: "RESERVED_REMOVED", Categories: data, Severity: "risk",
		Summary: "A reserved number is free again, to be used for something else.",
		Mend:    "keep the number reserved",
		Old:     `message M { reserved 2; }`,
		New:     `message M { }`,
		message: func(c *comparison, p *messagePair) { c.reservedRemoved(c.messageNumbers(p)) },
		enum:    func(c *comparison, p *enumPair) { c.reservedRemoved(enumNumbers(p)) },
	}}
}

// span2 is a range of numbers, both ends included.
type span2 struct{ low, high int64 }

// numbers is what the reserved rules look at, of a message or an enum.
type numbers struct {
	old, new           protoreflect.Descriptor
	oldRanges, newHeld []span2 // reserved before; reserved now
	used               []used  // by ascending number
}

// used is a number with what has it on the new side; back says that it has
// the name which the old side reserved with it.
type used struct {
	number int64
	by     protoreflect.Descriptor
	back   bool
}

func (c *comparison) messageNumbers(p *messagePair) *numbers {
	n := &numbers{old: p.old.desc, new: p.new.desc}
	n.oldRanges, n.newHeld = fieldRanges(p.old.desc.ReservedRanges()), fieldRanges(p.new.desc.ReservedRanges())
	if len(n.oldRanges) == 0 {
		return n
	}
	for _, f := range p.new.fields {
		n.used = append(n.used, used{int64(f.Number), f.Desc, p.old.desc.ReservedNames().Has(f.Desc.Name())})
	}
	return n
}

func fieldRanges(ranges protoreflect.FieldRanges) []span2 {
	var all []span2
	for i := range ranges.Len() {
		r := ranges.Get(i)
		all = append(all, span2{int64(r[0]), int64(r[1]) - 1})
	}
	return all
}

func enumNumbers(p *enumPair) *numbers {
	n := &numbers{old: p.oldDesc, new: p.newDesc}
	n.oldRanges, n.newHeld = enumRanges(p.oldDesc.ReservedRanges()), enumRanges(p.newDesc.ReservedRanges())
	if len(n.oldRanges) == 0 {
		return n
	}
	for i := range p.newDesc.Values().Len() {
		v := p.newDesc.Values().Get(i)
		n.used = append(n.used, used{int64(v.Number()), v, p.oldDesc.ReservedNames().Has(v.Name())})
	}
	slices.SortStableFunc(n.used, func(a, b used) int { return int(a.number - b.number) })
	return n
}

func enumRanges(ranges protoreflect.EnumRanges) []span2 {
	var all []span2
	for i := range ranges.Len() {
		r := ranges.Get(i)
		all = append(all, span2{int64(r[0]), int64(r[1])})
	}
	return all
}

func (c *comparison) reservedReused(n *numbers) {
	for i, r := range n.oldRanges {
		for _, u := range within(n.used, r) {
			if u.back {
				continue
			}
			f := c.found(u.by, nil, fmt.Sprintf("%s uses number %d, which was reserved", elementName(u.by), u.number))
			f.Previous = c.previousRange(n.old, i)
			f.Why = "data from before the reservation can hold something else there"
			f.hurts[0].severity = Risk
		}
	}
}

// within are the uses of a range.
func within(all []used, r span2) []used {
	low, _ := slices.BinarySearchFunc(all, r.low, func(u used, n int64) int { return int(u.number - n) })
	high, _ := slices.BinarySearchFunc(all, r.high+1, func(u used, n int64) int { return int(u.number - n) })
	return all[low:high]
}

func (c *comparison) reservedRemoved(n *numbers) {
	held := slices.Clone(n.newHeld)
	for _, u := range n.used {
		held = append(held, span2{u.number, u.number})
	}
	slices.SortFunc(held, func(a, b span2) int { return cmp.Compare(a.low, b.low) })
	for i, r := range n.oldRanges {
		free := without(r, held)
		if len(free) == 0 {
			continue
		}
		text := spanText(free)
		f := c.finding(elementName(n.new), fmt.Sprintf("%s of %s is not reserved any more", text, n.new.FullName()))
		if len(free) > 1 || free[0].low != free[0].high {
			f.Message = fmt.Sprintf("numbers %s of %s are not reserved any more", text, n.new.FullName())
		} else {
			f.Message = "number " + f.Message
		}
		c.place(f, n.new)
		f.Previous = c.previousRange(n.old, i)
		f.Why = "a new field or value can take such a number, and will then be read out of old data"
		f.hurts[0].severity = Risk
		f.Fix, f.Advice = c.reserve(n.new, "reserved "+text+";"), ""
	}
}

func (c *comparison) previousRange(old protoreflect.Descriptor, i int) *Previous {
	return &Previous{Element: elementName(old), File: old.ParentFile().Path(), Range: c.old.rangeOf(old.ParentFile(), c.old.reservedLocation(old, i)), path: c.old.paths[old.ParentFile().Path()]}
}

// without is what of r lies in none of held, which are sorted and do not
// overlap.
func without(r span2, held []span2) []span2 {
	first, _ := slices.BinarySearchFunc(held, r.low, func(h span2, low int64) int { return cmp.Compare(h.high, low) })
	held = held[first:]
	var free []span2
	for _, h := range held {
		if h.low > r.high {
			break
		}
		if h.low > r.low {
			free = append(free, span2{r.low, h.low - 1})
		}
		r.low = h.high + 1
		if r.low > r.high {
			return free
		}
	}
	return append(free, r)
}

// holds says whether a number lies in one of ranges that are sorted and do not
// overlap.
func holds(ranges []span2, number int64) bool {
	i, _ := slices.BinarySearchFunc(ranges, number, func(r span2, n int64) int { return cmp.Compare(r.high, n) })
	return i < len(ranges) && ranges[i].low <= number
}

func sortedRanges(ranges []span2) []span2 {
	slices.SortFunc(ranges, func(a, b span2) int { return cmp.Compare(a.low, b.low) })
	return ranges
}

// spanText writes ranges as a reserved statement does.
func spanText(ranges []span2) string {
	text := ""
	for i, r := range ranges {
		if i > 0 {
			text += ", "
		}
		text += strconv.FormatInt(r.low, 10)
		const maxField, maxValue = 1<<29 - 1, 1<<31 - 1
		switch {
		case r.high == maxField || r.high == maxValue:
			text += " to max"
		case r.high > r.low:
			text += " to " + strconv.FormatInt(r.high, 10)
		}
	}
	return text
}

package breaking

import (
	"cmp"
	"slices"
)

// report settles what was found: directions that count, waivers, causes,
// witnesses and order.
func (c *comparison) report() *Report {
	r := &Report{comparison: c, Against: c.old.Name, Findings: []*Finding{}, Waived: []*Finding{}}
	waivers := newWaivers(c.new, c.options.Waivers, c.options.Today)
	var counted []*Finding
	for _, f := range c.findings {
		switch {
		case !c.weigh(f) || !c.selected(f):
		case waivers.waive(f):
			r.Waived = append(r.Waived, f)
		default:
			counted = append(counted, f)
		}
	}
	for _, f := range c.merge(counted) {
		if waivers.waive(f) {
			r.Waived = append(r.Waived, f)
		} else {
			r.Findings = append(r.Findings, f)
		}
	}
	for _, list := range [][]*Finding{r.Findings, r.Waived} {
		slices.SortStableFunc(list, order)
		for _, f := range list {
			f.prove()
			c.asText(f)
		}
	}
	r.notes, r.Waivers = append(c.unknownAnyTypes(), c.strictNotes()...), waivers.uses(c.options)
	r.Semver, r.oneWay = c.step(), c.options.Mode == ModeBackward || c.options.Mode == ModeForward
	r.conclude()
	return r
}

// selected says whether a finding is about a file that counts: the one where
// it stands or, where nothing is left of that, the one where it was.
func (c *comparison) selected(f *Finding) bool {
	return c.options.selects(f.File, f.Path) && (!c.options.InputFilesOnly || c.new.checked[f.File])
}

// weigh works out severity and directions; it is false where nothing is left
// in the directions that count.
func (c *comparison) weigh(f *Finding) bool {
	if c.options.Mode == ModeNone && (slices.Contains(f.Categories, Data) || slices.Contains(f.Categories, jsonCategory)) {
		return false
	}
	f.Severity, f.Breaks = f.base, f.Breaks|f.also
	if len(f.Categories) > 1 && f.Categories[1] == jsonCategory && c.jsonInUse() {
		f.Breaks |= JSON
	}
	for i, d := range []Direction{Backward, Forward} {
		if c.options.Mode == ModeBackward && d == Forward || c.options.Mode == ModeForward && d == Backward {
			if f.hurts[i].severity > Risk || i == 1 {
				f.hurts[i] = hurt{}
				continue
			}
		}
		f.Severity = max(f.Severity, f.hurts[i].severity)
		if f.hurts[i].severity > Risk {
			f.Breaks |= d
		}
	}
	return f.Severity > None
}

// prove makes the witness, of the worst direction that has one.
func (f *Finding) prove() {
	first, second := f.hurts[0], f.hurts[1]
	if second.severity > first.severity {
		first, second = second, first
	}
	for _, h := range []hurt{first, second} {
		if h.severity > Risk && h.witness != nil && f.Witness == nil {
			f.Witness = h.witness()
		}
	}
	switch {
	case f.Witness != nil:
	case f.extra:
		f.Breaks &^= Backward | Forward
	case first.severity > Risk && first.witness != nil:
		f.NoWitness = "no message of at most " + itoa(maxMinimal>>10) + " KiB was found that shows it"
	}
}

func order(a, b *Finding) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		comparePrevious(a.Previous, b.Previous), cmp.Compare(a.order, b.order), cmp.Compare(a.Element, b.Element))
}

// comparePrevious orders what is gone by where it was.
func comparePrevious(a, b *Previous) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

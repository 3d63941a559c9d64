package breaking

import (
	"fmt"
	"slices"
	"strings"
)

// Merge is one report of those against several old schemas, all with the same
// new one and options, in the order in which the old ones were named. A
// finding against several of them is one with all of them in Against; its old
// declaration and witness are those of the last. reports is not empty; of one
// report Merge is that report.
func Merge(reports []*Report) *Report {
	if len(reports) == 1 {
		return reports[0]
	}
	all := &Report{Findings: []*Finding{}, Waived: []*Finding{}, Semver: Patch, oneWay: reports[0].oneWay}
	for _, r := range reports {
		all.Baselines = append(all.Baselines, r.Against)
	}
	all.Against = strings.Join(all.Baselines, ", ")
	all.Findings = merged(reports, func(r *Report) []*Finding { return r.Findings })
	all.Waived = merged(reports, func(r *Report) []*Finding { return r.Waived })
	for i, r := range reports {
		all.Semver = all.Semver.higher(r.Semver)
		if i == 0 {
			all.notes = r.notes
			all.Waivers = r.Waivers
			continue
		}
		all.notes = slices.DeleteFunc(slices.Clone(all.notes), func(note string) bool { return !slices.Contains(r.notes, note) })
		all.Waivers = mergeWaivers(all.Waivers, r.Waivers)
	}
	all.conclude()
	return all
}

func merged(reports []*Report, list func(*Report) []*Finding) []*Finding {
	all := []*Finding{}
	known := make(map[string]*Finding)
	for _, r := range slices.Backward(reports) {
		for _, f := range list(r) {
			key := fmt.Sprintf("%q", append([]string{f.Rule, f.Element, f.File, fmt.Sprint(f.Range, f.Severity, f.Breaks), f.Message}, f.Contents...))
			if known[key] == nil {
				known[key] = f
				all = append(all, f)
			}
			known[key].Against = append([]string{r.Against}, known[key].Against...)
		}
	}
	slices.SortStableFunc(all, order)
	return all
}

// mergeWaivers puts two lists together: a waiver that one comparison needed is
// used. The lists can differ where one comparison read fewer files.
func mergeWaivers(a, b []*WaiverUse) []*WaiverUse {
	key := func(u *WaiverUse) string {
		return fmt.Sprintf("%q", append([]string{u.Path, fmt.Sprint(u.Line, u.Column), u.Element, u.Reason}, u.Rules...))
	}
	known := make(map[string]*WaiverUse)
	for _, u := range a {
		known[key(u)] = u
	}
	for _, u := range b {
		switch same := known[key(u)]; {
		case same == nil:
			a = append(a, u)
		case u.State == WaiverUsed:
			same.State = WaiverUsed
		}
	}
	return a
}

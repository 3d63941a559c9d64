package breaking

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// JoinReserved is the operands of one reserved statement in place of those of
// several: numbers in ascending order, each once and three in a row as a range;
// after them names, each once and in their order.
func JoinReserved(operands []string) string {
	var ranges []span2
	var names []string
	known := make(map[string]bool)
	for _, list := range operands {
		for operand := range strings.SplitSeq(list, ",") {
			operand = strings.TrimSpace(operand)
			if r, ok := parseReserved(operand); ok {
				ranges = append(ranges, r)
			} else if !known[operand] {
				known[operand] = true
				names = append(names, operand)
			}
		}
	}
	slices.SortFunc(ranges, func(a, b span2) int { return cmp.Or(cmp.Compare(a.low, b.low), cmp.Compare(a.high, b.high)) })
	var parts []string
	for i := 0; i < len(ranges); {
		r := ranges[i]
		for i++; i < len(ranges) && ranges[i].low <= r.high+1; i++ {
			r.high = max(r.high, ranges[i].high)
		}
		if r.high == r.low+1 {
			parts = append(parts, strconv.FormatInt(r.low, 10), strconv.FormatInt(r.high, 10))
		} else {
			parts = append(parts, spanText([]span2{r}))
		}
	}
	return strings.Join(append(parts, names...), ", ")
}

// parseReserved reads a number or a range of them; "to max" is left to those
// who know what that is.
func parseReserved(operand string) (span2, bool) {
	low, high, ranged := strings.Cut(operand, " to ")
	a, err := strconv.ParseInt(low, 10, 32)
	if err != nil {
		return span2{}, false
	}
	b := a
	if ranged {
		if b, err = strconv.ParseInt(high, 10, 32); err != nil || b < a || b == math.MaxInt32 {
			return span2{}, false
		}
	}
	return span2{a, b}, true
}

// Package nearest finds the names that somebody most likely meant.
package nearest

import (
	"sort"
	"strings"
)

// Names are the at most limit names of all that are nearest to name, nearest
// first: an equal last component of a dotted name, then a small edit distance
// (at most a third of the name's length), without regard to case or
// underscores.
func Names(name string, all []string, limit int) []string {
	type candidate struct {
		name     string
		distance int
	}
	want, wantLast := fold(name), fold(last(name))
	var found []candidate
	for _, other := range all {
		d := 0
		if fold(last(other)) != wantLast {
			d = distance(want, fold(other), max(2, len(want)/3)+1)
			if short := distance(wantLast, fold(last(other)), max(2, len(wantLast)/3)+1) + 1; short < d {
				d = short
			}
			if d > max(2, len(wantLast)/3) {
				continue
			}
		}
		found = append(found, candidate{other, d})
	}
	sort.SliceStable(found, func(i, j int) bool {
		if found[i].distance != found[j].distance {
			return found[i].distance < found[j].distance
		}
		return found[i].name < found[j].name
	})
	names := make([]string, 0, limit)
	for _, c := range found[:min(limit, len(found))] {
		names = append(names, c.name)
	}
	return names
}

// Name is the one nearest name, or "" if none is near.
func Name(name string, all []string) string {
	if names := Names(name, all, 1); len(names) > 0 {
		return names[0]
	}
	return ""
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// distance is the Damerau-Levenshtein distance of a and b (adjacent letters
// swapped count once), or limit where it would be limit or more.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	var before []int
	previous, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	before = make([]int, len(b)+1)
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous, row = previous, row, before
	}
	return min(previous[len(b)], limit)
}

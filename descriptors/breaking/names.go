package breaking

import (
	"slices"
	"strings"
	"unicode"
)

// alike says whether two names most likely name the same thing, so that one
// in the place of the other is a rename and not a reuse of the number: equal
// but for case and underscores; the words of one among those of the other,
// where no added word negates; words that differ by a plural, or one word of
// five letters or more by at most two letters.
func alike(a, b string) bool {
	if fold(a) == fold(b) {
		return true
	}
	x, y := words(a), words(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if subset(x, y) {
		return len(x) > 0
	}
	return len(x) == len(y) && similar(x, y)
}

func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// words splits at underscores, at capitals after small letters, and between
// letters and digits.
func words(name string) []string {
	var all []string
	start := 0
	cut := func(end int) {
		if start < end {
			all = append(all, strings.ToLower(name[start:end]))
		}
	}
	var before rune
	for i, r := range name {
		switch {
		case r == '_' || r == '.':
			cut(i)
			start = i + 1
		case unicode.IsUpper(r) && unicode.IsLower(before), unicode.IsDigit(r) != unicode.IsDigit(before) && i > start:
			cut(i)
			start = i
		}
		before = r
	}
	cut(len(name))
	return all
}

// subset says whether all of few are in many and nothing else there negates.
func subset(few, many []string) bool {
	rest := slices.Clone(many)
	for _, w := range few {
		i := slices.Index(rest, w)
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return !slices.ContainsFunc(rest, negates)
}

func negates(word string) bool {
	switch word {
	case "not", "no", "non", "never", "without", "un", "anti", "except", "exclude", "excluded", "excluding",
		"disable", "disabled", "deny", "denied", "invalid", "inverse", "inverted", "false", "negative":
		return true
	}
	return false
}

// similar compares word by word: plurals count as equal, and one pair may
// differ by a slip of the pen.
func similar(x, y []string) bool {
	slips := 0
	for i := range x {
		switch {
		case x[i] == y[i] || plural(x[i], y[i]) || plural(y[i], x[i]):
		case slip(x[i], y[i]):
			slips++
		default:
			return false
		}
	}
	return slips <= 1
}

// plural says whether many is a plural of one.
func plural(one, many string) bool {
	if len(one) < 2 {
		return false
	}
	stem, ok := strings.CutSuffix(one, "y")
	return many == one+"s" || many == one+"es" || ok && many == stem+"ies"
}

// slip says whether two words of five letters or more differ by at most two
// letters. Digits are no letters: address1 is not address2.
func slip(a, b string) bool {
	if min(len(a), len(b)) < 5 || strings.ContainsFunc(a+b, unicode.IsDigit) {
		return false
	}
	return editDistance(a, b, 3) <= 2
}

// editDistance is the Levenshtein distance, or limit where it would be more.
func editDistance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit || len(a) > 200 {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return min(row[len(b)], limit)
}

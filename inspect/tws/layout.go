package tws

import (
	"strconv"
	"strings"
)

// versions are the server versions that a stream may have, both included.
type versions struct{ low, high int }

// The versions whose layouts are known: from the first with frames up to the
// newest of the public clients.
const (
	oldestLayouts = 100
	newestLayouts = 225
)

// versionsOf are those that a server's version (0: not known) and the way that
// a message's id is written leave open.
func versionsOf(version int, digits bool) versions {
	switch {
	case version > 0:
		return versions{version, version}
	case digits:
		return versions{oldestLayouts, binaryIDs - 1}
	}
	return versions{binaryIDs, newestLayouts}
}

// naming gives the fields of a text message their names by a layout. A layout
// is words between spaces:
//
//	name           a field
//	name=text      a field that has this value in the messages the layout is of
//	name[]         as many fields as the one before says
//	name[]{ … }    as many groups of fields
//	?name=a|b{ … } fields that are there if an earlier one has one of the values
//	?{ … }         fields that are there under a condition
//	…              further fields, whose names are not known
//
// @low-high after any of them (before a brace) says in which server versions it
// is there: from low on and before high, each of which may be missing.
type naming struct {
	versions
	fields []string
	names  []string
	open   bool // further fields follow
	failed bool // the layout does not fit, or it cannot be told whether it does
}

// namesOf are the names of the first fields of a message, nil if they are not
// known for sure.
func namesOf(layout string, v versions, fields []string) []string {
	if layout == "" || v.low < oldestLayouts || v.high > newestLayouts {
		return nil
	}
	n := naming{versions: v, fields: fields, names: make([]string, 0, len(fields))}
	n.run(layout, "")
	if n.failed || len(n.names) < len(fields) && !n.open {
		return nil
	}
	return n.names
}

// run names the fields of a layout; prefix stands before each name. What is left
// of the layout after a closing brace is returned.
func (n *naming) run(layout, prefix string) (rest string) {
	for !n.failed {
		word, after, _ := strings.Cut(layout, " ")
		switch {
		case word == "", word == "}":
			return after
		case strings.HasPrefix(word, "…"):
			if _, there := n.there(word); there {
				n.open = true
				return ""
			}
		case strings.HasSuffix(word, "{"):
			after = n.group(strings.TrimSuffix(word, "{"), after, prefix)
		default:
			n.field(word, prefix)
		}
		layout = after
	}
	return ""
}

// group names the fields within braces as often as they are there.
func (n *naming) group(word, body, prefix string) (rest string) {
	word, there := n.there(word)
	times := 0
	condition, optional := strings.CutPrefix(word, "?")
	name, isList := strings.CutSuffix(word, "[]")
	switch {
	case !there:
	case isList:
		times = n.count()
	case optional && (condition == "" || n.has(condition, prefix)):
		times = 1
	}
	for i := range times {
		inner := prefix
		if isList {
			inner = prefix + name + "[" + strconv.Itoa(i) + "]."
		}
		n.run(body, inner)
		if n.failed {
			return ""
		}
	}
	return skipGroup(body)
}

// skipGroup is what follows the brace that closes a group.
func skipGroup(body string) string {
	for depth := 1; depth > 0 && body != ""; {
		var word string
		word, body, _ = strings.Cut(body, " ")
		switch {
		case word == "}":
			depth--
		case strings.HasSuffix(word, "{"):
			depth++
		}
	}
	return body
}

// field names one field, or a list of them.
func (n *naming) field(word, prefix string) {
	word, there := n.there(word)
	if !there {
		return
	}
	if name, isList := strings.CutSuffix(word, "[]"); isList {
		for i := range n.count() {
			n.add(prefix + name + "[" + strconv.Itoa(i) + "]")
		}
		return
	}
	name, value, fixed := strings.Cut(word, "=")
	n.add(prefix + name)
	if fixed && !n.failed && n.fields[len(n.names)-1] != value {
		n.failed = true
	}
}

func (n *naming) add(name string) {
	if len(n.names) == len(n.fields) {
		n.failed = true
		return
	}
	n.names = append(n.names, name)
}

// count is the number that the last field is, which must not be of more fields
// than there are.
func (n *naming) count() int {
	if len(n.names) == 0 {
		n.failed = true
		return 0
	}
	text := n.fields[len(n.names)-1]
	if text == "" {
		return 0
	}
	count, ok := number([]byte(text))
	if !ok || *count < 0 || *count > len(n.fields)-len(n.names) {
		n.failed = true
		return 0
	}
	return *count
}

// has says that a field that has a name already has one of the values.
func (n *naming) has(condition, prefix string) bool {
	name, values, _ := strings.Cut(condition, "=")
	for i := len(n.names) - 1; i >= 0; i-- {
		if n.names[i] != prefix+name {
			continue
		}
		for value := range strings.SplitSeq(values, "|") {
			if n.fields[i] == value {
				return true
			}
		}
		return false
	}
	return false
}

// there takes the versions off a word and says whether it is there in those of
// the stream. Where some have it and some have not, nothing can be told.
func (n *naming) there(word string) (rest string, there bool) {
	rest, when, limited := strings.Cut(word, "@")
	if !limited {
		return rest, true
	}
	from, before, _ := strings.Cut(when, "-")
	low, high := versionOr(from, oldestLayouts), versionOr(before, newestLayouts+1)
	switch {
	case n.low >= low && n.high < high:
		return rest, true
	case n.high >= low && n.low < high:
		n.failed = true
	}
	return rest, false
}

func versionOr(text string, otherwise int) int {
	if v, ok := number([]byte(text)); ok {
		return *v
	}
	return otherwise
}

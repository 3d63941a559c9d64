package transcode

import "encoding/base64"

// later is the base64 of an Any whose bytes do not decode, where it lies within
// another Any: it is put in at the end, if it still has its place then. The
// other Any may not decode either, and one around that, and then the bytes of
// every level would be written out at every level for nothing.
type later struct {
	at int // in the output
	piece
}

// appendLater appends the base64 of p, or notes it for the end.
func (d *Decoder) appendLater(dst []byte, p piece) []byte {
	const short = 256
	if d.anys == 0 || p.end-p.start < short {
		return appendBase64(dst, d.buf[p.start:p.end])
	}
	d.laters = append(d.laters, later{len(dst), p})
	return dst
}

// shiftLaters moves what is noted for places from start on.
func (d *Decoder) shiftLaters(start, by int) {
	for i := len(d.laters) - 1; i >= 0 && d.laters[i].at >= start; i-- {
		d.laters[i].at += by
	}
}

// putLaters puts in what has been noted.
func (d *Decoder) putLaters(out []byte) []byte {
	size := len(out)
	for _, l := range d.laters {
		size += 2 + base64.StdEncoding.EncodedLen(l.end-l.start)
	}
	whole, from := make([]byte, 0, size), 0
	for _, l := range d.laters {
		whole = appendBase64(append(whole, out[from:l.at]...), d.buf[l.start:l.end])
		from = l.at
	}
	return append(whole, out[from:]...)
}

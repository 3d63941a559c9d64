package frame

import (
	"bytes"
	"encoding/base64"
	"io"
)

// Base64 is the form with one message a line in base64 (RFC 4648), standard or
// URL-safe, padded or not; pieces that were padded one by one may follow each
// other. An empty line is an empty message. With Options.Joined all lines are
// one message, as base64 and openssl wrap them.
//
// White space within a line and a data URL's prefix are passed over. Bits that
// belong to no byte must be 0.
func Base64() Form {
	return Form{
		Name:      "base64",
		Printable: true,
		Summary:   "one message a line in base64, standard or URL-safe (--joined: all lines are one)",
		Guess:     true,
		Read: func(in *Input, o *Options) Reader {
			return &base64Reader{lines: lines{in: in, limit: o.Limit()}, o: o}
		},
		Write: func(*Options) Writer { return base64Writer{} },
	}
}

type base64Reader struct {
	lines
	o       *Options
	done    bool
	wrapped bool // the first line has the length at which tools wrap
}

func (r *base64Reader) Next(f *Frame) error {
	if r.o != nil && r.o.Joined {
		return r.joined(f)
	}
	line, err := r.peek()
	if err != nil {
		return r.broken(f, line, err)
	}
	text, front := bare(line)
	r.warn(len(text))
	message, at, why := decodeLine64(text)
	if why != "" {
		r.damaged(f, len(line), r.problem(front+at, why))
		return nil
	}
	if int64(len(message)) > r.limit {
		p := r.tooLong()
		r.damaged(f, len(line), p)
		return nil
	}
	r.place(f)
	f.Payload = message
	r.advance(len(line))
	return nil
}

// warn tells, at the second line, that the first looks like a wrapped one.
func (r *base64Reader) warn(size int) {
	if r.number == 0 {
		r.wrapped = size == 76 || size == 64
	} else if r.number == 1 && r.wrapped && size > 0 {
		r.o.Tell("the first line has the length at which base64 is wrapped; if all lines are one message, use --joined")
	}
}

func (r *base64Reader) joined(f *Frame) error {
	if line, err := r.peek(); err != nil && len(line) == 0 && (err != io.EOF || r.done) {
		return err
	}
	r.done = true
	g := r.start(f)
	var d decoder64
	for {
		line, ok := g.next()
		if !ok {
			break
		}
		if g.problem == nil {
			text, front := bare(line)
			if d.quads == 0 {
				skip := dataURL(text)
				text, front = text[skip:], front+skip
			}
			out, at, why := d.append(g.message, text)
			if g.message = out; why != "" {
				g.fail(r.problem(front+at, why))
			} else {
				g.room(0)
			}
		}
		g.take(len(line))
	}
	out, why := d.finish(g.message)
	if g.message = out; why != "" {
		p := r.problem(0, why)
		p.Line = r.number
		g.fail(p)
	}
	return g.finish(f)
}

// dataURL is the length of the prefix of a data URL (RFC 2397) in base64.
func dataURL(text []byte) int {
	const mark = ";base64,"
	if !bytes.HasPrefix(text, []byte("data:")) {
		return 0
	}
	if i := bytes.Index(text[:min(len(text), 256)], []byte(mark)); i >= 0 {
		return i + len(mark)
	}
	return 0
}

// decodeLine64 decodes a line, in place where it is plain; else why says what
// is wrong with its byte at.
func decodeLine64(text []byte) (message []byte, at int, why string) {
	if n := plain64(text); n >= 0 {
		return decode64(text[:n]), 0, ""
	}
	var d decoder64
	skip := dataURL(text)
	out, at, why := d.append(nil, text[skip:])
	if why != "" {
		return nil, skip + at, why
	}
	if out, why = d.finish(out); why != "" {
		return nil, max(len(text)-1, 0), why
	}
	return out, 0, ""
}

// plain64 is the number of characters before the padding of a text that is
// base64 and nothing else, or -1.
func plain64(text []byte) int {
	n := len(text)
	if n%4 == 0 {
		for n > 0 && text[n-1] == '=' && len(text)-n < 2 {
			n--
		}
	}
	all := byte(valid64)
	for _, c := range text[:n] {
		all &= values64[c]
	}
	if all&valid64 == 0 || n%4 == 1 || n%4 == 0 && n < len(text) {
		return -1
	}
	if n%4 == 2 && values64[text[n-1]]&15 != 0 || n%4 == 3 && values64[text[n-1]]&3 != 0 {
		return -1
	}
	if len(text) != n && len(text)-n != 4-n%4 {
		return -1
	}
	return n
}

// decode64 decodes plain characters without padding into their own memory:
// the output never overtakes the input.
func decode64(text []byte) []byte {
	out := 0
	for ; len(text)-out/3*4 >= 4; out += 3 {
		q := text[out/3*4 : out/3*4+4]
		v := uint32(values64[q[0]]&63)<<18 | uint32(values64[q[1]]&63)<<12 | uint32(values64[q[2]]&63)<<6 | uint32(values64[q[3]]&63)
		o := text[out : out+3]
		o[0], o[1], o[2] = byte(v>>16), byte(v>>8), byte(v)
	}
	rest := text[out/3*4:]
	if len(rest) >= 2 {
		a, b := values64[rest[0]]&63, values64[rest[1]]&63
		var c byte
		if len(rest) == 3 {
			c = values64[rest[2]] & 63
		}
		text[out] = a<<2 | b>>4
		if out++; len(rest) == 3 {
			text[out] = b<<4 | c>>2
			out++
		}
	}
	return text[:out:out]
}

// decoder64 decodes text that comes in pieces, four characters at a time.
type decoder64 struct {
	bits  uint32
	have  int // characters of the present four
	pad   int // of them padding
	quads int // 1 once there was a character
}

func (d *decoder64) append(dst, text []byte) (out []byte, at int, why string) {
	for i, c := range text {
		switch v := values64[c]; {
		case v != 0 && d.pad > 0:
			return dst, i, "padding stands within four characters of base64"
		case v != 0:
			d.bits = d.bits<<6 | uint32(v&63)
			d.have++
		case c == '=' && d.have >= 2:
			d.bits <<= 6
			d.have++
			d.pad++
		case c == '=':
			return dst, i, "padding stands where a character of base64 is expected"
		case c == ' ' || c == '\t':
			continue
		default:
			return dst, i, quoteByte(c) + " is no character of base64"
		}
		d.quads = 1
		if d.have == 4 {
			if dst, why = d.flush(dst); why != "" {
				return dst, i, why
			}
		}
	}
	return dst, 0, ""
}

// flush appends the bytes of the present four characters.
func (d *decoder64) flush(dst []byte) (out []byte, why string) {
	b := [3]byte{byte(d.bits >> 16), byte(d.bits >> 8), byte(d.bits)}
	n := 3 - d.pad
	for _, left := range b[n:] {
		if left != 0 {
			return dst, "the last character of base64 has bits that belong to no byte"
		}
	}
	d.bits, d.have, d.pad = 0, 0, 0
	return append(dst, b[:n]...), ""
}

// finish appends the bytes of characters that lack their padding.
func (d *decoder64) finish(dst []byte) (out []byte, why string) {
	switch {
	case d.have == 0:
		return dst, ""
	case d.have == 1:
		return dst, "the base64 ends with a single character, which is no whole byte"
	case d.pad > 0:
		return dst, "the padding at the end of the base64 is too short"
	}
	for d.have < 4 {
		d.bits <<= 6
		d.have++
		d.pad++
	}
	return d.flush(dst)
}

// valid64 marks the characters of base64 in values64.
const valid64 = 0x40

// values64 is the value of each character of both alphabets, with valid64.
var values64 = [256]byte{
	'A': 0x40, 'B': 0x41, 'C': 0x42, 'D': 0x43, 'E': 0x44, 'F': 0x45, 'G': 0x46, 'H': 0x47,
	'I': 0x48, 'J': 0x49, 'K': 0x4a, 'L': 0x4b, 'M': 0x4c, 'N': 0x4d, 'O': 0x4e, 'P': 0x4f,
	'Q': 0x50, 'R': 0x51, 'S': 0x52, 'T': 0x53, 'U': 0x54, 'V': 0x55, 'W': 0x56, 'X': 0x57,
	'Y': 0x58, 'Z': 0x59, 'a': 0x5a, 'b': 0x5b, 'c': 0x5c, 'd': 0x5d, 'e': 0x5e, 'f': 0x5f,
	'g': 0x60, 'h': 0x61, 'i': 0x62, 'j': 0x63, 'k': 0x64, 'l': 0x65, 'm': 0x66, 'n': 0x67,
	'o': 0x68, 'p': 0x69, 'q': 0x6a, 'r': 0x6b, 's': 0x6c, 't': 0x6d, 'u': 0x6e, 'v': 0x6f,
	'w': 0x70, 'x': 0x71, 'y': 0x72, 'z': 0x73, '0': 0x74, '1': 0x75, '2': 0x76, '3': 0x77,
	'4': 0x78, '5': 0x79, '6': 0x7a, '7': 0x7b, '8': 0x7c, '9': 0x7d, '+': 0x7e, '/': 0x7f,
	'-': 0x7e, '_': 0x7f,
}

type base64Writer struct{}

func (base64Writer) Append(dst []byte, f *Frame) ([]byte, error) {
	if err := noNull(f, "base64"); err != nil {
		return dst, err
	}
	if f.Problem != nil {
		return append(dst, f.Payload...), nil
	}
	return append(base64.StdEncoding.AppendEncode(dst, f.Payload), '\n'), nil
}

func (base64Writer) Finish(dst []byte) ([]byte, error) { return dst, nil }

package kafka

// A record of format 2: zigzag varint length, then attributes i8, zigzag
// timestamp delta, offset delta, key length (-1 is null), key, value length,
// value, number of headers, and for each header name length, name, value
// length (-1 is null), value.

// rawRecord is a record taken apart; slices are parts of the batch.
type rawRecord struct {
	attributes     int8
	timestampDelta int64
	offsetDelta    int32
	key, value     []byte // nil for null
	headerCount    int32
	headers        []byte // the headers, not yet taken apart
	valueAt        int    // of value in the record's bytes
}

// uvarint reads a base-128 varint of at most 64 bits; n is 0 if it cannot be
// read.
func uvarint(b []byte) (v uint64, n int) {
	for shift := uint(0); n < len(b) && n < 10; shift += 7 {
		c := b[n]
		n++
		if c < 0x80 {
			if n == 10 && c > 1 {
				return 0, 0
			}
			return v | uint64(c)<<shift, n
		}
		v |= uint64(c&0x7f) << shift
	}
	return 0, 0
}

// varlong reads a zigzag varint.
func varlong(b []byte) (int64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return int64(b[0]>>1) ^ -int64(b[0]&1), 1
	}
	u, n := uvarint(b)
	return int64(u>>1) ^ -int64(u&1), n
}

// varint reads a zigzag varint of at most 32 bits.
func varint(b []byte) (int32, int) {
	v, n := varlong(b)
	if int64(int32(v)) != v {
		return 0, 0
	}
	return int32(v), n
}

func appendVarlong(dst []byte, v int64) []byte {
	u := uint64(v)<<1 ^ uint64(v>>63)
	for u >= 0x80 {
		dst = append(dst, byte(u)|0x80)
		u >>= 7
	}
	return append(dst, byte(u))
}

func sizeVarlong(v int64) int {
	u, n := uint64(v)<<1^uint64(v>>63), 1
	for u >= 0x80 {
		u >>= 7
		n++
	}
	return n
}

// recordLength is the length of the first record of body, its own length
// prefix included; 0 if there is none.
func recordLength(body []byte) (size, prefix int) {
	n, prefix := varint(body)
	if prefix == 0 || n < minRecord-1 || int64(n) > int64(len(body)-prefix) {
		return 0, 0
	}
	return prefix + int(n), prefix
}

// parse takes apart the record b, which is whole; prefix is the length of its
// length. ok is false if the lengths within do not add up.
func (r *rawRecord) parse(b []byte, prefix int) bool {
	p := prefix
	r.attributes = int8(b[p])
	p++
	var n int
	if r.timestampDelta, n = varlong(b[p:]); n == 0 {
		return false
	}
	p += n
	if r.offsetDelta, n = varint(b[p:]); n == 0 {
		return false
	}
	p += n
	var ok bool
	if r.key, p, ok = nullable(b, p); !ok {
		return false
	}
	if r.value, p, ok = nullable(b, p); !ok {
		return false
	}
	r.valueAt = p - len(r.value)
	if r.headerCount, n = varint(b[p:]); n == 0 || r.headerCount < 0 {
		return false
	}
	r.headers = b[p+n:]
	return r.headerCount != 0 || len(r.headers) == 0
}

// nullable reads bytes with a zigzag length before them at b[p:].
func nullable(b []byte, p int) (data []byte, after int, ok bool) {
	size, n := varint(b[p:])
	p += n
	switch {
	case n == 0 || size < -1 || int64(size) > int64(len(b)-p):
		return nil, 0, false
	case size == -1:
		return nil, p, true
	}
	return b[p : p+int(size) : p+int(size)], p + int(size), true
}

// survey is what a walk over a batch's records tells beforehand.
type survey struct {
	first, last int64 // timestamps of the first record and the latest one
	lastDelta   int32 // offset delta of the last record
	count       int32
}

func surveyRecords(body []byte, base int64) survey {
	s := survey{lastDelta: -1}
	for len(body) > 0 {
		size, prefix := recordLength(body)
		if size == 0 {
			break
		}
		p := prefix + 1
		ts, n := varlong(body[p:size])
		delta, m := varint(body[p+n : size])
		if n == 0 || m == 0 {
			break
		}
		ts += base
		if s.count == 0 {
			s.first, s.last = ts, ts
		}
		s.last, s.lastDelta = max(s.last, ts), delta
		s.count++
		body = body[size:]
	}
	return s
}

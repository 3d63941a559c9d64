package transcode

import "github.com/pbscope/pbscope/inspect/plan"

// The ranges of Timestamp and Duration (timestamp.proto, duration.proto): the
// years 1 to 9999, and about ten thousand years either way.
const (
	minTimestamp = -62135596800
	maxTimestamp = 253402300799
	maxDuration  = 315576000000
	maxNanos     = 999999999
)

func (d *Decoder) appendTime(dst []byte, kind plan.WellKnown, seconds int64, nanos int32) []byte {
	if kind == plan.Timestamp {
		switch {
		case seconds < minTimestamp || seconds > maxTimestamp:
			d.noForm = "a Timestamp outside the years 1 to 9999"
		case nanos < 0 || nanos > maxNanos:
			d.noForm = "a Timestamp whose nanos are not from 0 to 999999999"
		default:
			return appendTimestamp(dst, seconds, nanos)
		}
		return dst
	}
	switch {
	case seconds < -maxDuration || seconds > maxDuration:
		d.noForm = "a Duration of more than 315576000000 seconds"
	case nanos < -maxNanos || nanos > maxNanos:
		d.noForm = "a Duration whose nanos make a second or more"
	case seconds < 0 && nanos > 0 || seconds > 0 && nanos < 0:
		d.noForm = "a Duration whose seconds and nanos differ in sign"
	default:
		return appendDuration(dst, seconds, nanos)
	}
	return dst
}

// plainTimestamp appends the Timestamp buf[pos:end] if it has a form and comes
// as it is usually written: seconds, and then nanos unless they are 0.
func (d *Decoder) plainTimestamp(dst []byte, pos, end int) (out []byte, ok bool) {
	const secondsTag, nanosTag = 1<<3 | wireVarint, 2<<3 | wireVarint
	if pos >= end || d.buf[pos] != secondsTag {
		return dst, false
	}
	buf, nanos := d.buf[:end], uint64(0)
	seconds, at := readVarint(buf, pos+1)
	if at < 0 || seconds == 0 || padded(buf, pos+1, at) {
		return dst, false
	}
	if at < end {
		if buf[at] != nanosTag {
			return dst, false
		}
		tail := at + 1
		if nanos, at = readVarint(buf, tail); at != end || nanos == 0 || padded(buf, tail, at) {
			return dst, false
		}
	}
	if s := int64(seconds); s < minTimestamp || s > maxTimestamp || nanos > maxNanos {
		return dst, false
	}
	return appendTimestamp(dst, int64(seconds), int32(nanos)), true
}

func appendTimestamp(dst []byte, seconds int64, nanos int32) []byte {
	days := seconds / 86400
	rest := seconds - 86400*days
	if rest < 0 {
		rest += 86400
		days--
	}
	year, month, day := civil(days)
	dst = append(dst, `"0000-00-00T00:00:00`...)
	text := dst[len(dst)-len(`0000-00-00T00:00:00`):]
	putDigits(text[0:4], uint64(year))
	putDigits(text[5:7], uint64(month))
	putDigits(text[8:10], uint64(day))
	putDigits(text[11:13], uint64(rest/3600))
	putDigits(text[14:16], uint64(rest/60%60))
	putDigits(text[17:19], uint64(rest%60))
	return append(appendNanos(dst, nanos), 'Z', '"')
}

// civil is the date of the Gregorian calendar that many days after 1970-01-01,
// by the well-known arithmetic that lets the year begin in March, so that the
// leap day is its last, and counts from the start of a cycle of 400 years.
func civil(days int64) (year, month, day int64) {
	const (
		cycle = 146097 // days of 400 years
		epoch = 719468 // days from 0000-03-01 to 1970-01-01
	)
	days += epoch + cycle
	era := days / cycle
	n := days - era*cycle
	yearOfEra := (n - n/1460 + n/36524 - n/146096) / 365
	dayOfYear := n - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	march := (5*dayOfYear + 2) / 153
	day = dayOfYear - (153*march+2)/5 + 1
	year, month = yearOfEra+(era-1)*400, march+3
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// appendNanos appends a fraction of 0, 3, 6 or 9 digits.
func appendNanos(dst []byte, nanos int32) []byte {
	switch {
	case nanos == 0:
		return dst
	case nanos%1000000 == 0:
		return appendDigits(append(dst, '.'), uint64(nanos/1000000), 3)
	case nanos%1000 == 0:
		return appendDigits(append(dst, '.'), uint64(nanos/1000), 6)
	}
	return appendDigits(append(dst, '.'), uint64(nanos), 9)
}

func appendDuration(dst []byte, seconds int64, nanos int32) []byte {
	dst = append(dst, '"')
	if seconds < 0 || nanos < 0 {
		dst = append(dst, '-')
		seconds, nanos = -seconds, -nanos
	}
	return append(appendNanos(appendUint(dst, uint64(seconds)), nanos), 's', '"')
}

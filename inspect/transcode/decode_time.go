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

func appendTimestamp(dst []byte, seconds int64, nanos int32) []byte {
	days := seconds / 86400
	rest := seconds - 86400*days
	if rest < 0 {
		rest += 86400
		days--
	}
	year, month, day := civil(days)
	dst = append(appendDigits(append(dst, '"'), uint64(year), 4), '-')
	dst = append(appendPair(dst, month), '-')
	dst = append(appendPair(dst, day), 'T')
	dst = append(appendPair(dst, rest/3600), ':')
	dst = append(appendPair(dst, rest/60%60), ':')
	return append(appendNanos(appendPair(dst, rest%60), nanos), 'Z', '"')
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

func appendPair(dst []byte, v int64) []byte {
	return append(dst, digitPairs[2*v], digitPairs[2*v+1])
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

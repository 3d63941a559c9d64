package transcode

import (
	"github.com/pbscope/pbscope/inspect/plan"
)

func (e *Encoder) timestamp(m *plan.Message, at int) int {
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	seconds, nanos, ok := parseTimestamp(s)
	if !ok {
		return e.want(at, wellKnownName(m))
	}
	if seconds < minTimestamp || seconds > maxTimestamp {
		return e.failValue(at, e.found(at)+" is out of the range of a timestamp (0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z)")
	}
	e.secondsNanos(seconds, nanos)
	return next
}

func (e *Encoder) duration(m *plan.Message, at int) int {
	s, next := e.str(at)
	if next < 0 {
		return -1
	}
	seconds, nanos, ok := parseDuration(s)
	if !ok {
		return e.want(at, wellKnownName(m))
	}
	if seconds < -maxDuration || seconds > maxDuration {
		return e.failValue(at, e.found(at)+" is out of the range of a duration (315576000000.999999999 seconds either way)")
	}
	e.secondsNanos(seconds, nanos)
	return next
}

// secondsNanos writes the fields of a Timestamp or Duration.
func (e *Encoder) secondsNanos(seconds int64, nanos int32) {
	if seconds != 0 {
		e.out = append(e.out, 1<<3)
		e.varint(uint64(seconds))
	}
	if nanos != 0 {
		e.out = append(e.out, 2<<3)
		e.varint(uint64(int64(nanos)))
	}
}

// parseTimestamp reads RFC 3339 as ProtoJSON has it: capital T and Z, up to
// nine digits of a fraction, no leap seconds.
func parseTimestamp(s []byte) (seconds int64, nanos int32, ok bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, 0, false
	}
	year, ok1 := decimal(s[0:4])
	month, ok2 := decimal(s[5:7])
	day, ok3 := decimal(s[8:10])
	hour, ok4 := decimal(s[11:13])
	minute, ok5 := decimal(s[14:16])
	second, ok6 := decimal(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, 0, false
	}
	s = s[19:]
	if s[0] == '.' {
		n := jsonDigits(s, 1)
		if nanos, ok = fraction(s[1:n]); !ok {
			return 0, 0, false
		}
		s = s[n:]
	}
	offset, ok := zoneOffset(s)
	seconds = daysSinceEpoch(year, month, day)*86400 + int64(hour*3600+minute*60+second) - offset
	return seconds, nanos, ok
}

// zoneOffset reads Z, or hours and minutes as ±hh:mm; it is in seconds.
func zoneOffset(s []byte) (offset int64, ok bool) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, true
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hours, ok1 := decimal(s[1:3])
	minutes, ok2 := decimal(s[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset = int64(hours*3600 + minutes*60)
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// decimal reads digits and nothing else.
func decimal(s []byte) (v int, ok bool) {
	for _, c := range s {
		if c-'0' > 9 {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, len(s) > 0
}

// fraction is one to nine digits after a point, in billionths.
func fraction(s []byte) (nanos int32, ok bool) {
	v, ok := decimal(s[:min(len(s), 10)])
	if !ok || len(s) > 9 {
		return 0, false
	}
	for range 9 - len(s) {
		v *= 10
	}
	return int32(v), true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSinceEpoch counts from 1970-01-01 in the Gregorian calendar, with years
// that begin in March, so that the leap day is their last.
func daysSinceEpoch(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	return int64(365*year + floorDiv(year, 4) - floorDiv(year, 100) + floorDiv(year, 400) + (153*(month-3)+2)/5 + day - 1 - 719468)
}

// floorDiv rounds down: the year 0 less one is below zero.
func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// parseDuration reads seconds with up to nine digits of a fraction and the
// letter s.
func parseDuration(s []byte) (seconds int64, nanos int32, ok bool) {
	if len(s) < 2 || s[len(s)-1] != 's' {
		return 0, 0, false
	}
	s = s[:len(s)-1]
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	n := jsonDigits(s, 0)
	if n == 0 || n > 1 && s[0] == '0' {
		return 0, 0, false
	}
	for _, c := range s[:n] {
		if seconds = seconds*10 + int64(c-'0'); seconds > maxDuration {
			seconds = maxDuration + 1
		}
	}
	if n < len(s) {
		if s[n] != '.' {
			return 0, 0, false
		}
		if nanos, ok = fraction(s[n+1:]); !ok {
			return 0, 0, false
		}
	}
	if negative {
		return -seconds, -nanos, true
	}
	return seconds, nanos, true
}

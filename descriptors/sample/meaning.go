package sample

import "strings"

// meaning is what a field's name says of its text.
type meaning uint8

const (
	plain meaning = iota
	email
	url
	uuid
	identifier
	currency
	language
	country
	timeZone
	date
	address
)

// meaningOf goes by the last words of a name in lower_snake_case.
func meaningOf(name string) meaning {
	last := name[strings.LastIndexByte(name, '_')+1:]
	switch last {
	case "email", "mail":
		return email
	case "url", "uri", "link", "href", "website":
		return url
	case "uuid", "guid":
		return uuid
	case "id", "key":
		return identifier
	case "currency":
		return currency
	case "language", "locale":
		return language
	case "country":
		return country
	case "timezone", "tz":
		return timeZone
	case "date", "day":
		return date
	case "ip":
		return address
	}
	switch {
	case strings.HasSuffix(name, "currency_code"):
		return currency
	case strings.HasSuffix(name, "language_code"):
		return language
	case strings.HasSuffix(name, "country_code"), strings.HasSuffix(name, "region_code"):
		return country
	case strings.HasSuffix(name, "time_zone"):
		return timeZone
	case strings.HasSuffix(name, "email_address"):
		return email
	case strings.HasSuffix(name, "ip_address"):
		return address
	}
	return plain
}

// timeUnit is, for the name of a number that is a point in time, how many of
// its units make a second; 0 for others.
func timeUnit(name string) int64 {
	if !strings.Contains(name, "time") && !strings.Contains(name, "_at") && !strings.Contains(name, "stamp") ||
		strings.Contains(name, "timeout") || strings.Contains(name, "times") && !strings.Contains(name, "timestamp") {
		return 0
	}
	last := name[strings.LastIndexByte(name, '_')+1:]
	switch last {
	case "time", "timestamp", "at", "seconds", "secs", "sec", "s":
		return 1
	case "ms", "msec", "msecs", "millis", "milliseconds":
		return 1e3
	case "us", "usec", "usecs", "micros", "microseconds":
		return 1e6
	case "ns", "nsec", "nsecs", "nanos", "nanoseconds":
		return 1e9
	}
	return 0
}

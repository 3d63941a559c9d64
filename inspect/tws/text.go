package tws

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// splitID takes the id off a payload: four bytes, of which the first is 0, or
// digits that end with NUL. ok is false for any other beginning, also for
// digits that would not be written like this again.
func splitID(payload []byte) (wireID uint32, digits bool, body []byte, ok bool) {
	if len(payload) >= 4 && payload[0] == 0 {
		return uint32(length(payload)), false, payload[4:], true
	}
	end := bytes.IndexByte(payload[:min(len(payload), 12)], 0)
	if end <= 0 || payload[0] < '1' || payload[0] > '9' {
		return 0, false, nil, false
	}
	n, err := strconv.ParseUint(string(payload[:end]), 10, 32)
	return uint32(n), true, payload[end+1:], err == nil
}

// baseID is the id of a message without the offset that announces protobuf.
func baseID(wireID uint32) (id uint32, isProtobuf bool) {
	switch {
	case wireID > wideOffset:
		return wireID - wideOffset, true
	case wireID > offset:
		return wireID - offset, true
	}
	return wireID, false
}

// splitFields is the fields of a text body, each of which ends with NUL, and
// the character set that they are in where that is not UTF-8. ok is false if
// the last one does not end.
func splitFields(body []byte) (fields []string, charset string, ok bool) {
	fields = make([]string, 0, bytes.Count(body, []byte{0}))
	if len(body) == 0 {
		return fields, "", true
	}
	if body[len(body)-1] != 0 {
		return nil, "", false
	}
	if !utf8.Valid(body) {
		charset = latin1
	}
	for all := decodeText(body, charset); all != ""; {
		field, rest, _ := strings.Cut(all, "\x00")
		fields = append(fields, field)
		all = rest
	}
	return fields, charset, true
}

// decodeText is b as UTF-8.
func decodeText(b []byte, charset string) string {
	if charset == "" {
		return string(b)
	}
	wide := make([]byte, 0, 2*len(b))
	for _, c := range b {
		wide = utf8.AppendRune(wide, rune(c))
	}
	return string(wide)
}

// appendText is decodeText's inverse; ok is false if s has characters that
// the character set, or a field, cannot hold.
func appendText(dst []byte, s, charset string) (out []byte, ok bool) {
	for _, r := range s {
		if r == 0 || charset != "" && r > 0xff {
			return dst, false
		}
		if charset == "" {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, byte(r))
		}
	}
	return dst, true
}

package transcode

import "bytes"

// jsonBase64 appends the bytes that text says in base64: either alphabet but
// not both, padded or not. Left-over bits of the last digit are not looked at,
// as the conformance suite wants.
func jsonBase64(dst, text []byte) (out []byte, ok bool) {
	if len(text)%4 == 0 && len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
		if text[len(text)-1] == '=' {
			text = text[:len(text)-1]
		}
	}
	if len(text)%4 == 1 {
		return dst, false
	}
	start := len(dst)
	var bad byte
	for len(text) >= 4 {
		a, b, c, d := base64Digits[text[0]], base64Digits[text[1]], base64Digits[text[2]], base64Digits[text[3]]
		bad |= a | b | c | d
		dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|d)
		text = text[4:]
	}
	if len(text) >= 2 {
		a, b := base64Digits[text[0]], base64Digits[text[1]]
		bad |= a | b
		dst = append(dst, a<<2|b>>4)
		if len(text) == 3 {
			c := base64Digits[text[2]]
			bad |= c
			dst = append(dst, b<<4|c>>2)
		}
	}
	if bad >= 64 {
		return dst[:start], false
	}
	return dst, true
}

// mixedBase64 says that text has digits of both alphabets.
func mixedBase64(text []byte) bool {
	url := bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0
	return url && (bytes.IndexByte(text, '+') >= 0 || bytes.IndexByte(text, '/') >= 0)
}

// base64Digits are the values of the digits of both alphabets; 0xff is none.
var base64Digits = [256]byte{
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 62, 255, 62, 255, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 255, 255, 255, 255, 255, 255,
	255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 255, 255, 255, 255, 63,
	255, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
}

// jsonHexBytes appends the bytes that text says in hexadecimal.
func jsonHexBytes(dst, text []byte) (out []byte, ok bool) {
	if len(text)%2 != 0 {
		return dst, false
	}
	start := len(dst)
	for i := 0; i < len(text); i += 2 {
		high, low := hexDigit(text[i]), hexDigit(text[i+1])
		if high < 0 || low < 0 {
			return dst[:start], false
		}
		dst = append(dst, byte(high<<4|low))
	}
	return dst, true
}

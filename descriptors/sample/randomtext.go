package sample

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pbscope/pbscope/inspect/plan"
)

const plainWords = "amber anchor apple arrow basin beacon birch bridge bronze canyon cedar circle cobalt copper coral cotton crystal delta desert dragon eagle ember falcon forest garden garnet glacier granite harbor hazel island ivory jasper jungle lantern lemon linen lotus maple marble meadow meteor mirror nectar ocean olive onyx orchid pebble pepper pilot planet prairie quartz raven ribbon river saffron sierra silver summit timber tunnel valley velvet violet walnut willow winter"

// otherWords are in scripts that take two, three and four bytes a character,
// with marks, directions and cases that differ.
const otherWords = "Straße Ærø naïve İstanbul Ωμέγα Привет мир Київ שלום مرحبا नमस्ते ไทย 東京 日本語 한국어 中文字符 ﬁnal ǅ 🚀 👩‍👩‍👧‍👦 🇪🇺 é ñandú"

// edgeTexts are what readers of text stumble over.
const edgeTexts = " \x00\x1f\x7f|\"quoted\"|back\\slash|line\nfeed|tab\tstop|\r\n|null|NaN|0|-1|true|{}|[]|<b>&amp;</b>|\u2028\u2029|\ufeff|\ufffd|\U0010ffff|\ud7ff\ue000| leading|trailing |a\u0301|%s%n|'; --|../..|\u202eright to left"

// word is one of the words of a list.
func (r *random) word(list, separator string) string {
	n := r.below(strings.Count(list, separator) + 1)
	for range n {
		_, list, _ = strings.Cut(list, separator)
	}
	word, _, _ := strings.Cut(list, separator)
	return word
}

func (r *random) text(dst []byte, f *plan.Field) []byte {
	switch n := r.below(100); {
	case n < 4:
		return dst
	case n < 60:
		return r.meant(dst, meaningOf(string(f.Desc.Name())))
	case n < 75:
		return r.words(dst, plainWords, 1+r.below(4))
	case n < 88:
		return r.words(dst, otherWords, 1+r.below(4))
	case n < 93:
		return append(dst, r.word(edgeTexts, "|")...)
	case n < 98:
		for range 1 + r.below(12) {
			dst = utf8.AppendRune(dst, r.rune())
		}
		return dst
	}
	return r.words(dst, plainWords, 30+r.below(300))
}

func (r *random) words(dst []byte, list string, n int) []byte {
	for i := range n {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, r.word(list, " ")...)
	}
	return dst
}

// rune is any character, each length in UTF-8 as likely.
func (r *random) rune() rune {
	c := rune(r.between(0x10000, utf8.MaxRune))
	switch r.below(4) {
	case 0:
		c = rune(r.below(0x80))
	case 1:
		c = rune(r.between(0x80, 0x7ff))
	case 2:
		c = rune(r.between(0x800, 0xffff))
	}
	if c >= 0xd800 && c <= 0xdfff {
		// Surrogates are no characters.
		c -= 0x800
	}
	return c
}

// meant is a text as its field's name has it.
func (r *random) meant(dst []byte, m meaning) []byte {
	word := func() string { return r.word(plainWords, " ") }
	switch m {
	case email:
		return append(dst, word()+"."+word()+"@example.com"...)
	case url:
		return append(dst, "https://example.com/"+word()+"/"+strconv.Itoa(r.below(1000))...)
	case uuid:
		text := hex.EncodeToString(r.raw(nil, 16))
		return append(dst, text[:8]+"-"+text[8:12]+"-"+text[12:16]+"-"+text[16:20]+"-"+text[20:]...)
	case identifier:
		return append(dst, word()+"-"+strconv.Itoa(r.below(10000))...)
	case currency:
		return append(dst, r.word("EUR USD GBP JPY CHF AUD", " ")...)
	case language:
		return append(dst, r.word("en de fr-CA pt-BR ja zh-Hant", " ")...)
	case country:
		return append(dst, r.word("US DE GB JP CH BR IN", " ")...)
	case timeZone:
		return append(dst, r.word("UTC Europe/Berlin America/New_York Asia/Kolkata", " ")...)
	case date:
		day := strconv.Itoa(101 + r.below(28))[1:]
		return append(dst, strconv.Itoa(2000+r.below(33))+"-"+strconv.Itoa(101 + r.below(12))[1:]+"-"+day...)
	case address:
		return append(dst, "192.0.2."+strconv.Itoa(r.below(256))...)
	}
	return r.words(dst, plainWords, 1+r.below(2))
}

func (r *random) bytes(dst []byte, _ *plan.Field) []byte {
	switch n := r.below(100); {
	case n < 5:
		return dst
	case n < 15:
		return r.words(dst, plainWords, 2)
	case n < 60:
		return r.raw(dst, 1+r.below(16))
	case n < 95:
		return r.raw(dst, oneOf(r, []int{4, 8, 16, 20, 32, 64}))
	}
	return r.raw(dst, 100+r.below(1000))
}

func (r *random) raw(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, byte(r.source.Uint64()>>56))
	}
	return dst
}

func (r *random) mask() []string {
	var paths []string
	for range r.below(4) {
		path := r.word(plainWords, " ")
		for range r.below(3) {
			path += oneOf(r, []string{"_", "."}) + r.word(plainWords, " ")
		}
		paths = append(paths, path)
	}
	return paths
}

package inspect

import (
	"encoding/hex"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
)

// TestMisfits has messages that decode under a type, and those that hardly are
// of it.
func TestMisfits(t *testing.T) {
	m := conformance.Compile(t, `
syntax = "proto3";
package t;
message M { string name = 1; M inner = 2; repeated int32 list = 3; }
`).Message(t, "t.M")
	for _, c := range []struct {
		message string
		want    bool
	}{
		{"", false},
		{"0a0568656c6c6f", false},
		{"1a020102", false},
		{"0a0568656c6c6f2001", false}, // a field is new
		{"2001", true},
		{"0a0161 220568656c6c6f", true},
		{"0801", true},     // another wire type
		{"0a02ff80", true}, // not UTF-8
		{"0a0568", true},   // cut
		{"12070a0568656c6c6f", false},
		{"1207220568656c6c6f", true}, // unknown within
		{"12091207220568656c6c6f", true},
	} {
		message, err := hex.DecodeString(removeSpaces(c.message))
		if err != nil {
			t.Fatal(err)
		}
		if got := Misfits(m, message); got != c.want {
			t.Errorf("%s: %t, want %t", c.message, got, c.want)
		}
	}
}

func removeSpaces(s string) string {
	var b []byte
	for i := range len(s) {
		if s[i] != ' ' {
			b = append(b, s[i])
		}
	}
	return string(b)
}

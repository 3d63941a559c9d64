package conform

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/internal/conformance"
)

func server(t *testing.T) *Server {
	return NewServer(conformance.Compile(t, `
		syntax = "proto3";
		message M { int32 a = 1; string b = 2; map<int32, int32> c = 3; }`).Plans)
}

// TestAnswer is requests and responses in hex.
func TestAnswer(t *testing.T) {
	s := server(t)
	const m = " 22 01 4d" // message_type: "M"
	for _, c := range []struct {
		name, request string
		field         byte
		content       string
	}{
		{"binary to binary", "0a 02 08 05" + " 18 01" + m, 3, "\x08\x05"},
		{"binary is written canonically", "0a 05 88 00 01 08 06" + " 18 01" + m, 3, "\x08\x06"},
		{"unknown fields stay in binary", "0a 02 48 07" + " 18 01" + m, 3, "\x48\x07"},
		{"and not in JSON", "0a 02 48 07" + " 18 02" + m, 4, "{}"},
		{"nor in text", "0a 02 48 07" + " 18 04" + m, 8, ""},
		{"unless it is asked for", "0a 02 48 07" + " 18 04 48 01" + m, 8, "9: 7\n"},
		{"JSON to text", "12 07 7b 22 61 22 3a 31 7d" + " 18 04" + m, 8, "a: 1\n"},
		{"unknown keys", "12 07 7b 22 78 22 3a 31 7d" + " 18 01" + m, 1, ""},
		{"unknown keys to be ignored", "12 07 7b 22 78 22 3a 31 7d" + " 18 01 28 03" + m, 3, ""},
		{"text to JSON", "42 03 61 3a 31" + " 18 02" + m, 4, `{"a":1}`},
		{"an empty payload is one", "0a 00" + " 18 02" + m, 4, "{}"},
		{"the last payload counts", "0a 01 ff 42 03 61 3a 31" + " 18 02" + m, 4, `{"a":1}`},
		{"a payload that does not decode", "0a 01 08" + " 18 02" + m, 1, ""},
		{"JSPB payload", "3a 00" + " 18 01" + m, 5, "JSPB is not supported"},
		{"JSPB output", "0a 00" + " 18 03" + m, 5, "JSPB is not supported"},
		{"failure set", "22 16" + hex.EncodeToString([]byte(failureSet)), 3, ""},
		{"no payload", "18 01" + m, 2, "the request has no payload"},
		{"no output format", "0a 00" + m, 2, "the request names no output format"},
		{"a type that is not there", "0a 00 18 01 22 01 58", 2, "the schema has no message type X"},
		{"no request", "0a 05", 2, "the request is no ConformanceRequest: truncated at offset 1"},
		{"no tag", "18 01 00", 2, "the request is no ConformanceRequest: invalid-tag at offset 2"},
	} {
		request, err := hex.DecodeString(strings.ReplaceAll(c.request, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got := s.Answer(request)
		if len(got) < 2 || got[0] != c.field<<3|2 || int(got[1]) != len(got)-2 {
			t.Errorf("%s: response %q, want field %d", c.name, got, c.field)
			continue
		}
		if c.field != 1 && string(got[2:]) != c.content || c.field == 1 && len(got) == 2 {
			t.Errorf("%s: %q, want %q", c.name, got[2:], c.content)
		}
	}
}

func TestServe(t *testing.T) {
	const request = "\x09\x00\x00\x00" + "\x0a\x02\x08\x05\x18\x02\x22\x01M"
	const response = "\x09\x00\x00\x00" + "\x22\x07" + `{"a":5}`
	var out bytes.Buffer
	if err := server(t).Serve(strings.NewReader(request+request), &out); err != nil || out.String() != response+response {
		t.Errorf("%q, %v", out.String(), err)
	}
	for cut := 1; cut < len(request); cut++ {
		if err := server(t).Serve(strings.NewReader(request[:cut]), io.Discard); err == nil {
			t.Errorf("%d bytes of a request are no error", cut)
		}
	}
	huge := strings.NewReader("\xff\xff\xff\xff\x0a")
	if err := server(t).Serve(huge, io.Discard); err == nil {
		t.Error("a request of 4 GiB that is cut is no error")
	}
	if err := server(t).Serve(strings.NewReader(request), brokenPipe{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v, want the writer's error", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

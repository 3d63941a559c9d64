package tws

import (
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// TestRequestsExist says that the table of requests names messages that there
// are, each request once, and takes back only what it asks for.
func TestRequestsExist(t *testing.T) {
	last := uint32(0)
	cancels := make(map[uint32]bool)
	for _, r := range Requests() {
		if r.ID <= last {
			t.Errorf("request %d stands after %d", r.ID, last)
		}
		last = r.ID
		if r.ID == Connecting {
			continue
		}
		if _, ok := find(client, r.ID); !ok {
			t.Errorf("no client sends %d", r.ID)
		}
		if r.Cancel != 0 {
			row, ok := find(client, r.Cancel)
			if !ok || len(row.name) < 6 || row.name[:6] != "CANCEL" || cancels[r.Cancel] {
				t.Errorf("request %d is taken back by %d, %+v", r.ID, r.Cancel, row)
			}
			cancels[r.Cancel] = true
		}
		if len(r.Answers) == 0 {
			t.Errorf("nothing answers %d", r.ID)
		}
		for _, id := range r.Answers {
			if _, ok := find(server, id); !ok {
				t.Errorf("no server sends %d, which answers %d", id, r.ID)
			}
		}
	}
}

// TestSharedID finds the ids of messages in both encodings.
func TestSharedID(t *testing.T) {
	message := func(direction, name, encoding string, fields ...string) *frame.TWS {
		return &frame.TWS{Direction: direction, Kind: kindMessage, HasID: true, Name: name, Encoding: encoding, Fields: fields}
	}
	digits := message(client, "PLACE_ORDER", text, "45", "101", "0")
	digits.IDEncoding = text
	for _, c := range []struct {
		name    string
		message *frame.TWS
		version int
		body    string
		want    int64
		ok      bool
	}{
		{"first field", message(server, "PNL", protobuf), 0, "\x08\x65\x12\x00", 101, true},
		{"later field", message(server, "PNL", protobuf), 0, "\x12\x01x\x08\x05", 5, true},
		{"none", message(server, "PNL", protobuf), 0, "\x12\x01x", 0, false},
		{"another wire type", message(server, "PNL", protobuf), 0, "\x0a\x01x", 0, false},
		{"negative", message(server, "ERR_MSG", protobuf), 0, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -1, true},
		{"cut varint", message(server, "PNL", protobuf), 0, "\x08\x80", 0, false},
		{"cut", message(server, "PNL", protobuf), 0, "\x12\x05x", 0, false},
		{"empty", message(server, "PNL", protobuf), 0, "", 0, false},
		{"after a version", message(client, "REQ_MKT_DATA", text, "11", "12", "265598"), 0, "", 12, true},
		{"version that it does not have", message(client, "REQ_MKT_DATA", text, "10", "12", "265598"), 0, "", 0, false},
		{"before version 131", message(server, "ORDER_STATUS", text, "6", "7"), 130, "", 7, true},
		{"from version 131", message(server, "ORDER_STATUS", text, "7", "Filled"), 131, "", 7, true},
		{"binary ids, so from 131", message(server, "ORDER_STATUS", text, "7", "Filled"), 0, "", 7, true},
		{"either", digits, 0, "", 0, false},
		{"and the version known", digits, 144, "", 101, true},
		{"and newer", digits, 200, "", 45, true},
		{"start of a layout", message(client, "REQ_REAL_TIME_BARS", text, "3", "9"), 0, "", 9, true},
		{"start before and after 143", message(client, "REQ_SCANNER_SUBSCRIPTION", text, "9"), 201, "", 9, true},
		{"unknown message", message(client, "VERIFY_REQUEST", text, "1"), 0, "", 0, false},
		{"too few fields", message(server, "TICK_PRICE", text, "1"), 0, "", 0, false},
		{"no number", message(server, "TICK_PRICE", text, "1", "x"), 0, "", 0, false},
	} {
		got, ok := SharedID(c.message, c.version, []byte(c.body))
		if got != c.want && ok || ok != c.ok {
			t.Errorf("%s: %d %t, not %d %t", c.name, got, ok, c.want, c.ok)
		}
	}
}

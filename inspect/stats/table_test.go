package stats

import (
	"fmt"
	"testing"
	"time"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// session is a captured connection in a test: each message comes a millisecond
// after the one before.
type session struct {
	table *Table
	now   time.Time
}

func newSession() *session {
	return &session{NewTable(By{Type: true, Encoding: true}, 100), time.Unix(1_790_000_000, 0)}
}

// send counts a protobuf message with an id as its first field; none for below 0.
func (s *session) send(direction string, id uint32, shared int) {
	s.on(1, direction, id, shared)
}

func (s *session) on(connection int64, direction string, id uint32, shared int) {
	var body []byte
	if shared >= 0 {
		body = []byte{8, byte(shared)}
	}
	s.add(connection, &frame.Frame{Payload: body, Length: int64(8 + len(body)), Meta: &frame.Meta{
		TWS: &frame.TWS{Direction: direction, Kind: "message", Encoding: "protobuf", ID: id, HasID: true},
	}})
}

func (s *session) lose() {
	s.add(1, &frame.Frame{Length: 100, Meta: new(frame.Meta), Problem: &span.Problem{Tag: span.Gap, Length: 100}})
}

func (s *session) add(connection int64, f *frame.Frame) {
	s.now = s.now.Add(time.Millisecond)
	f.Meta.Time, f.Meta.TimeDigits = s.now, 6
	f.Meta.TCP = &frame.TCP{Connection: connection, Src: "a:1", Dst: "b:2"}
	s.table.Add("", f, &inspect.Record{Problem: f.Problem}, nil)
}

func (s *session) answers(id uint32) string {
	for _, r := range s.table.Rows() {
		if r.Direction == "client" && r.ID == id {
			a := &r.Answers
			return fmt.Sprintf("%d of %d, %d errors, %d to %d ms", a.Times.Count(), a.Requests, a.Errors, a.Times.Min()/1e6, a.Times.Max()/1e6)
		}
	}
	return "no row"
}

// TestFirstAnswers says which message is the first answer to a request.
func TestFirstAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(s *session)
		id   uint32
		want string
	}{
		{"its first tick, and no later one", func(s *session) {
			s.send("client", 1, 5)
			s.send("server", 1, 6)
			s.send("server", 2, 5)
			s.send("server", 1, 5)
		}, 1, "1 of 1, 0 errors, 2 to 2 ms"},
		{"another kind with the same id", func(s *session) {
			s.send("client", 9, 5)
			s.send("server", 1, 5)
		}, 9, "0 of 1, 0 errors, 0 to 0 ms"},
		{"another connection", func(s *session) {
			s.send("client", 9, 5)
			s.on(2, "server", 10, 5)
		}, 9, "0 of 1, 0 errors, 0 to 0 ms"},
		{"an error", func(s *session) {
			s.send("client", 9, 5)
			s.send("server", 4, 5)
		}, 9, "1 of 1, 1 errors, 1 to 1 ms"},
		{"the older of two requests has the error", func(s *session) {
			s.send("client", 3, 5)
			s.send("client", 4, 5)
			s.send("server", 4, 5)
		}, 3, "1 of 1, 1 errors, 2 to 2 ms"},
		{"and the younger the next message", func(s *session) {
			s.send("client", 3, 5)
			s.send("client", 4, 5)
			s.send("server", 4, 5)
			s.send("server", 3, 5)
		}, 4, "1 of 1, 0 errors, 2 to 2 ms"},
		{"asked twice before the answer", func(s *session) {
			s.send("client", 9, 5)
			s.send("client", 9, 5)
			s.send("server", 10, 5)
			s.send("server", 10, 5)
		}, 9, "1 of 2, 0 errors, 2 to 2 ms"},
		{"asked again after it", func(s *session) {
			s.send("client", 9, 5)
			s.send("server", 10, 5)
			s.send("client", 9, 5)
			s.send("server", 52, 5)
		}, 9, "2 of 2, 0 errors, 1 to 1 ms"},
		{"taken back", func(s *session) {
			s.send("client", 1, 5)
			s.send("client", 2, 5)
			s.send("server", 1, 5)
		}, 1, "0 of 1, 0 errors, 0 to 0 ms"},
		{"another one taken back", func(s *session) {
			s.send("client", 1, 5)
			s.send("client", 2, 6)
			s.send("server", 1, 5)
		}, 1, "1 of 1, 0 errors, 2 to 2 ms"},
		{"bytes are lost", func(s *session) {
			s.send("client", 9, 5)
			s.lose()
			s.send("server", 10, 5)
		}, 9, "0 of 1, 0 errors, 0 to 0 ms"},
		{"without an id, in order", func(s *session) {
			s.send("client", 49, -1)
			s.send("server", 9, -1)
			s.send("server", 49, 7)
		}, 49, "1 of 1, 0 errors, 2 to 2 ms"},
		{"a request without its id", func(s *session) {
			s.send("client", 9, -1)
			s.send("server", 10, -1)
		}, 9, "0 of 1, 0 errors, 0 to 0 ms"},
	} {
		s := newSession()
		c.run(s)
		if got := s.answers(c.id); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}

// TestWaitingIsBounded asks more than is remembered.
func TestWaitingIsBounded(t *testing.T) {
	s := newSession()
	for i := range maxWaiting + 1000 {
		s.on(int64(i), "client", 49, -1)
	}
	if s.table.pairs.total != maxWaiting {
		t.Errorf("%d requests are remembered", s.table.pairs.total)
	}
	for i := range maxWaiting + 1000 {
		s.on(int64(i), "server", 49, -1)
	}
	if s.table.pairs.total != 0 || len(s.table.pairs.waiting) != 0 {
		t.Errorf("%d requests are left", s.table.pairs.total)
	}
}

// FuzzNothingIsLost adds random records of many kinds: every one of them is in a
// row, and so are its bytes, however few rows there may be.
func FuzzNothingIsLost(f *testing.F) {
	f.Add([]byte("some kinds of messages"), uint8(3))
	f.Add([]byte{0, 1, 2, 3, 250, 251, 252, 253, 254, 255}, uint8(1))
	f.Fuzz(func(t *testing.T, script []byte, most uint8) {
		limit := int(most)%16 + 1
		table := NewTable(By{Type: true, Encoding: true, Topic: true, Connection: true, Direction: true}, limit)
		var n, bytes, lost, wire int64
		for i, c := range script {
			fr := &frame.Frame{Payload: script[:i], Length: int64(i + 5), Meta: &frame.Meta{Time: time.Unix(int64(i), 0), TimeDigits: 3}}
			rec := &inspect.Record{}
			switch c % 7 {
			case 0:
				fr.Meta.Kafka = &frame.Kafka{Topic: string(rune('a' + c%16))}
			case 1, 2:
				fr.Meta.TWS = &frame.TWS{Direction: []string{"client", "server"}[c%2], Kind: "message", ID: uint32(c % 64), HasID: true, Encoding: []string{"text", "protobuf"}[c/2%2]}
				fr.Meta.TCP = &frame.TCP{Connection: int64(c % 3)}
			case 3:
				fr.Meta.TCP = &frame.TCP{Connection: 1}
				fr.Problem = &span.Problem{Tag: span.Gap, Length: 7}
				fr.Payload = nil
			case 4:
				rec.Problem = &span.Problem{Tag: span.Truncated}
			case 5:
				fr.Null, fr.Payload = true, nil
			case 6:
				rec.Failed, fr.Meta = 1, nil
			}
			if fr.Problem != nil {
				rec.Problem = fr.Problem
				lost += 7
			} else {
				wire += fr.Length
			}
			n++
			bytes += int64(len(fr.Payload))
			table.Add("", fr, rec, nil)
		}
		for _, rows := range [][]*Row{table.Rows(), Fold(table.Rows(), 2)} {
			var sum Row
			for _, r := range rows {
				sum.Merge(r)
			}
			if sum.Count != n || sum.Bytes != bytes || sum.LostBytes != lost || sum.WireBytes != wire || int64(sum.Sizes.Sum()) != bytes {
				t.Fatalf("%d records, %d bytes, %d lost, %d on the wire are %+v", n, bytes, lost, wire, sum)
			}
		}
		// Beyond the limit there is a row for each error and encoding.
		if len(table.Rows()) > limit+3*4 {
			t.Fatalf("%d rows", len(table.Rows()))
		}
	})
}

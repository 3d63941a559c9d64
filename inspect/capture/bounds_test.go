package capture_test

import (
	"encoding/binary"
	"io"
	"runtime"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

// endless is a capture whose packets a function makes, up to a number.
type endless struct {
	packets, n int
	make       func(n int) pkt
	rest       []byte
	highest    uint64 // bytes of the heap that are in use
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.n == e.packets {
			return 0, io.EOF
		}
		if e.n == 0 {
			e.rest = pcapHeader(binary.LittleEndian, 0xa1b2c3d4, 101)
		}
		for range 1000 {
			packet := e.make(e.n)
			e.rest = pcapPacket(e.rest, binary.LittleEndian, uint32(packet.micros/1e6), uint32(packet.micros%1e6), ipPacket(packet))
			e.n++
		}
		if e.n%(e.packets/5) == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			e.highest = max(e.highest, m.HeapAlloc)
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestMemory reads hostile captures without end: what is kept stays below a
// bound, which is some way from the 256 MB that a process may take.
func TestMemory(t *testing.T) {
	const bound = 110 << 20
	unfinished := []byte("API\x00\x00\x00\x00\x09v100..225\x00\xff\xff\xf0\x00\x00\x00\xcb")
	const n = 1000 // connections
	for _, c := range []struct {
		name string
		make func(i int) pkt
	}{
		{"connections", func(i int) pkt {
			return pkt{from: uint16(i), to: uint16(i >> 16), seq: 1, flags: syn}
		}},
		{"frames that do not end, byte by byte", func(i int) pkt {
			p := pkt{micros: uint64(i), from: uint16(i % n), to: 7497, ack: 1, flags: ack, seq: uint32(i/n + len(unfinished)), data: []byte{0}}
			if i < n {
				p.seq, p.data = 1, unfinished
			}
			return p
		}},
		{"protocols that do not show, byte by byte", func(i int) pkt {
			return pkt{micros: uint64(i), from: uint16(i % n), to: 5555, seq: uint32(i / n), ack: 1, flags: ack, data: []byte{0}}
		}},
		{"holes", func(i int) pkt {
			return pkt{micros: uint64(i), from: uint16(i % n), to: 7497, seq: uint32(i/n) * 2, ack: 1, flags: ack, data: []byte{0}}
		}},
		{"holes without end", func(i int) pkt {
			return pkt{micros: uint64(i), from: uint16(i % n), to: 7497, seq: uint32(i/n)*2 + 1, ack: 1, flags: ack | syn>>uint(min(i/n, 1)*2)&syn, data: []byte{0}}
		}},
		{"frames as long as any", func(i int) pkt {
			p := pkt{micros: uint64(i), from: uint16(i % 7), to: 7497, ack: 1, flags: ack, seq: uint32(i/7*1000 + len(unfinished)), data: make([]byte, 1000)}
			if i < 7 {
				p.seq, p.data = 1, append(unfinished[:len(unfinished):len(unfinished)], make([]byte, 1000-1)...)
			}
			return p
		}},
	} {
		in := &endless{packets: 120_000, make: c.make}
		if testing.Short() {
			in.packets = 20_000
		}
		r := capture.Form(tws.OnTCP()).Read(frame.NewInput(in), nil)
		for {
			var f frame.Frame
			if err := r.Next(&f); err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				break
			}
		}
		if in.highest > bound {
			t.Errorf("%s: %d MB", c.name, in.highest>>20)
		}
	}
}

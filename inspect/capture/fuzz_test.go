package capture_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

func fuzzSeeds() [][]byte {
	seeds := [][]byte{writePcap(session()), writePcap(nil), section(binary.BigEndian)}
	for _, w := range append(wraps[:len(wraps):len(wraps)], moreWraps...) {
		file := pcapHeader(binary.LittleEndian, 0xa1b2c3d4, w.link)
		for _, p := range session() {
			for _, packet := range w.wrap(tcpHeader(p)) {
				file = pcapPacket(file, binary.LittleEndian, uint32(p.micros/1e6), 0, packet)
			}
		}
		seeds = append(seeds, file)
	}
	little := binary.LittleEndian
	file := append(section(little), describeInterface(little, 101, option(little, 9, []byte{9}))...)
	for _, p := range session() {
		file = append(file, enhanced(little, 0, p.micros*1000, ipPacket(p))...)
	}
	return append(seeds, file)
}

// FuzzFile reads anything: the same, however it arrives, and every record has a
// place or a reason.
func FuzzFile(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		read := func(r io.Reader) ([]frame.Frame, error) {
			return frame.ReadAll(capture.Form(tws.OnTCP()).Read(frame.NewInput(r), nil))
		}
		whole, err := read(bytes.NewReader(file))
		slow, slowErr := read(iotest.OneByteReader(bytes.NewReader(file)))
		if (err == nil) != (slowErr == nil) || len(whole) != len(slow) {
			t.Fatalf("%d records and %v, byte by byte %d and %v", len(whole), err, len(slow), slowErr)
		}
		for i := range whole {
			a, b := &whole[i], &slow[i]
			if a.Offset != b.Offset || !bytes.Equal(a.Payload, b.Payload) || (a.Problem == nil) != (b.Problem == nil) {
				t.Fatalf("record %d differs: %+v and %+v", i, a, b)
			}
			if a.PayloadOffset >= 0 && !bytes.Equal(file[a.PayloadOffset:][:len(a.Payload)], a.Payload) {
				t.Fatalf("record %d: its payload is not at %d", i, a.PayloadOffset)
			}
			if a.Problem == nil && a.Meta.TCP == nil {
				t.Fatalf("record %d has no place", i)
			}
		}
	})
}

// FuzzOrder puts the segments of a stream out of order, again and cut up, as
// the fuzzer says: the stream stays the same.
func FuzzOrder(f *testing.F) {
	f.Add([]byte("some bytes of a stream that are long enough to be cut"), []byte{3, 1, 4, 1, 5}, uint32(0))
	f.Add(bytes.Repeat([]byte("0123456789"), 30), []byte{1, 200, 30, 0, 7, 9}, uint32(0xffffff00))
	f.Fuzz(func(t *testing.T, stream, plan []byte, isn uint32) {
		if len(stream) == 0 || len(stream) > 4000 || len(plan) > 500 {
			return
		}
		const client, server = 1, 2
		pkts := []pkt{
			{from: client, to: server, seq: isn - 1, flags: syn},
			{from: server, to: client, seq: 100, ack: isn, flags: syn | ack},
		}
		segment := func(from, to int) {
			from, to = min(from, len(stream)), min(to, len(stream))
			pkts = append(pkts, pkt{from: client, to: server, seq: isn + uint32(from), ack: 101, flags: ack, data: stream[from:to]})
		}
		for i := 0; i+1 < len(plan); i += 2 {
			from := int(plan[i]) * len(stream) / 256
			segment(from, from+1+int(plan[i+1]))
		}
		// What the plan left out comes at the end, in order.
		for at := 0; at < len(stream); at += 97 {
			segment(at, at+97)
		}
		pkts = append(pkts, pkt{from: client, to: server, seq: isn + uint32(len(stream)), ack: 101, flags: ack | fin})
		r, listed := streams(t, writePcap(pkts))
		if len(listed) != 1 || listed[0].Bytes != int64(len(stream)) || listed[0].Gaps != 0 {
			t.Fatalf("%+v", listed)
		}
		if got := r.streams[1][0]; !bytes.Equal(got, stream) {
			t.Fatalf("%q, want %q", got, stream)
		}
	})
}

// FuzzTalk has two ends send any bytes in segments of any sizes: what is decoded
// of either direction, written again, is its stream.
func FuzzTalk(f *testing.F) {
	pkts := session()
	f.Add(pkts[2].data, slices.Concat(pkts[3].data, pkts[4].data, pkts[5].data), []byte{5, 3, 200})
	f.Add([]byte("API\x00"+framed("v100..176", "71\x002\x007\x00\x00")), []byte(framed("176\x0020260930 12:34:56 UTC\x00", "9\x001\x007\x00")), []byte{1})
	f.Add([]byte("63\x0071\x001\x00"), []byte("\xff\xff\xff\xff"+framed("\x00\x00\x00\xcb\x08\x01", "\x00\x0f\x42\x41", "")), []byte{7, 1})
	f.Fuzz(func(t *testing.T, client, server, plan []byte) {
		if len(client)+len(server) == 0 || len(client)+len(server) > 4000 || len(plan) == 0 {
			return
		}
		pkts := []pkt{{from: 50000, to: 7497, seq: 999, flags: syn}, {from: 7497, to: 50000, seq: 4999, ack: 1000, flags: syn | ack}}
		streams, sent := [2][]byte{client, server}, [2]int{}
		for i := 0; sent[0] < len(client) || sent[1] < len(server); i++ {
			side := i % 2
			n := min(1+int(plan[i/2%len(plan)]), len(streams[side])-sent[side])
			p := pkt{from: 50000, to: 7497, seq: 1000 + uint32(sent[0]), ack: 5000 + uint32(sent[1]), flags: ack}
			if side == 1 {
				p.from, p.to, p.seq, p.ack = p.to, p.from, p.ack, p.seq
			}
			p.data = streams[side][sent[side]:][:n]
			pkts = append(pkts, p)
			sent[side] += n
		}
		frames := decode(t, writePcap(pkts), &frame.CaptureOptions{DecodeAs: []frame.PortProtocol{{Port: 7497, Protocol: "tws"}}}, nil)
		w := tws.OnTCP().Write(nil)
		var written [2][]byte
		for i := range frames {
			side := 0
			if frames[i].Meta.TCP.Src == "127.0.0.1:7497" {
				side = 1
			}
			var err error
			if written[side], err = w.Append(written[side], &frames[i]); err != nil {
				t.Fatal(err)
			}
		}
		for side := range streams {
			if !bytes.Equal(written[side], streams[side]) {
				t.Fatalf("%q was written as %q", streams[side], written[side])
			}
		}
	})
}

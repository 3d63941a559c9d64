package capture_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
)

// times are the times of a session's records.
func times(frames []frame.Frame) string {
	var all []string
	for i := range frames {
		if m := frames[i].Meta; m.TimeDigits > 0 {
			all = append(all, m.Time.UTC().Format("15:04:05."+"000000000"[:m.TimeDigits]))
		} else {
			all = append(all, "-")
		}
	}
	return strings.Join(all, " ")
}

func TestPcap(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for magic, want := range map[uint32]string{
			0xa1b2c3d4: "00:00:03.000007 00:00:03.000007 00:00:04.000007 00:00:05.000007 00:00:06.000007 00:00:06.000007",
			0xa1b23c4d: "00:00:03.000000007 00:00:03.000000007 00:00:04.000000007 00:00:05.000000007 00:00:06.000000007 00:00:06.000000007",
		} {
			file := pcapHeader(order, magic, 101)
			for _, p := range session() {
				file = pcapPacket(file, order, uint32(p.micros/1e6), 7, ipPacket(p))
			}
			frames := decode(t, file, nil, nil)
			if got := summary(frames); got != sessionText {
				t.Errorf("%x: %s", magic, got)
			}
			if got := times(frames); got != want {
				t.Errorf("%x: %s, want %s", magic, got, want)
			}
			for _, f := range frames {
				if f.Meta.TWS.Kind == "message" && f.Meta.TWS.ID != 3 && (f.Offset < 0 || !bytes.Equal(file[f.PayloadOffset:][:len(f.Payload)], f.Payload)) {
					t.Errorf("a payload is not at %d", f.PayloadOffset)
				}
			}
		}
	}
}

// TestConcatenated reads two files that were put together with cat.
func TestConcatenated(t *testing.T) {
	pkts := session()
	file := append(writePcap(pkts[:4]), writePcap(pkts[4:])...)
	if got := summary(decode(t, file, nil, nil)); got != sessionText {
		t.Error(got)
	}
}

// TestDamagedPcap goes on after bytes that are no packet.
func TestDamagedPcap(t *testing.T) {
	pkts := session()
	head := writePcap(pkts[:5])
	for _, noise := range []string{"\xff", strings.Repeat("\xff\xfe", 50), strings.Repeat("noise", 100)} {
		file := append(append(bytes.Clone(head), noise...), writePcap(pkts[5:])[24:]...)
		frames := decode(t, file, nil, nil)
		skipped := 0
		for _, f := range frames {
			if f.Problem != nil {
				skipped += int(f.Problem.Length)
			}
		}
		if skipped != len(noise) || len(frames) != 7 {
			t.Errorf("%q: %d skipped\n%s", noise, skipped, summary(frames))
		}
	}
}

func block(order binary.AppendByteOrder, kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	n := uint32(len(body) + 12)
	b := order.AppendUint32(order.AppendUint32(nil, kind), n)
	return order.AppendUint32(append(b, body...), n)
}

func section(order binary.AppendByteOrder) []byte {
	body := order.AppendUint32(nil, 0x1a2b3c4d)
	body = order.AppendUint16(order.AppendUint16(body, 1), 0)
	return block(order, 0x0a0d0d0a, order.AppendUint64(body, ^uint64(0)))
}

func option(order binary.AppendByteOrder, code uint16, value []byte) []byte {
	b := order.AppendUint16(order.AppendUint16(nil, code), uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func describeInterface(order binary.AppendByteOrder, link uint16, options ...[]byte) []byte {
	body := order.AppendUint16(order.AppendUint16(nil, link), 0)
	body = order.AppendUint32(body, 0)
	for _, o := range options {
		body = append(body, o...)
	}
	return block(order, 1, append(body, 0, 0, 0, 0))
}

func enhanced(order binary.AppendByteOrder, which uint32, units uint64, data []byte) []byte {
	body := order.AppendUint32(nil, which)
	body = order.AppendUint32(order.AppendUint32(body, uint32(units>>32)), uint32(units))
	body = order.AppendUint32(order.AppendUint32(body, uint32(len(data))), uint32(len(data)))
	return block(order, 6, append(body, data...))
}

func TestPcapng(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	pkts := session()
	file := section(little)
	file = append(file, describeInterface(little, 105)...)
	file = append(file, describeInterface(little, 101, option(little, 2, []byte("lo")), option(little, 9, []byte{9}))...)
	file = append(file, block(little, 0xbad, []byte("a custom block"))...)
	for _, p := range pkts[:3] {
		file = append(file, enhanced(little, 1, p.micros*1000+5, ipPacket(p))...)
	}
	// Another section, of the other byte order, whose times count from an offset
	// in units of a power of two.
	file = append(file, section(big)...)
	file = append(file, describeInterface(big, 1, option(big, 9, []byte{0x80 | 10}), option(big, 14, big.AppendUint64(nil, midnight+3)))...)
	file = append(file, enhanced(big, 0, 1024+512, ethernet(0x800, ipPacket(pkts[3])))...)
	body := big.AppendUint16(nil, 0)
	body = big.AppendUint16(body, 0)
	packet := ethernet(0x800, ipPacket(pkts[4]))
	body = big.AppendUint32(big.AppendUint32(body, 0), 2048)
	body = big.AppendUint32(big.AppendUint32(body, uint32(len(packet))), uint32(len(packet)))
	file = append(file, block(big, 2, append(body, packet...))...)
	for _, p := range pkts[5:] {
		packet := ethernet(0x800, ipPacket(p))
		file = append(file, block(big, 3, append(big.AppendUint32(nil, uint32(len(packet))), packet...))...)
	}
	frames := decode(t, file, nil, nil)
	if got := summary(frames); got != sessionText {
		t.Error(got)
	}
	if got, want := times(frames), "00:00:03.000000005 00:00:03.000000005 00:00:04.500 00:00:05.000 - -"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for i := range file[:len(file)-1] {
		if i < 28 {
			continue
		}
		for _, f := range decode(t, file[:i], nil, nil) {
			if f.Problem != nil && !f.Cut {
				t.Fatalf("%d bytes: %v", i, f.Problem)
			}
		}
	}
}

func TestNoCapture(t *testing.T) {
	for _, text := range []string{"", "a", "no capture at all, but long enough", "\xd4\xc3\xb2\xa1\x02\x00"} {
		var f frame.Frame
		err := capture.Form().Read(frame.NewInput(strings.NewReader(text)), nil).Next(&f)
		if err == nil || strings.Contains(err.Error(), "EOF") {
			t.Errorf("%q: %v", text, err)
		}
	}
	sure := capture.Form().Sure
	if !sure(writePcap(nil), true) || !sure(section(binary.BigEndian), true) || sure([]byte("\n\r\r\n and no more of it"), true) {
		t.Error("a capture is not recognised")
	}
}

// TestOddFractions reads files whose writers had the fraction of a second
// run over.
func TestOddFractions(t *testing.T) {
	file := pcapHeader(binary.LittleEndian, 0xa1b2c3d4, 101)
	for i, p := range session() {
		file = pcapPacket(file, binary.LittleEndian, uint32(p.micros/1e6), uint32(i%3)*1_500_000, ipPacket(p))
	}
	frames := decode(t, file, nil, nil)
	if got := summary(frames); got != sessionText {
		t.Error(got)
	}
	if got := times(frames[:3]); got != "00:00:06.000000 00:00:06.000000 00:00:04.000000" {
		t.Error(got)
	}
}

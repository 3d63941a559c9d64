package capture_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

// pkt is a TCP segment between two ports of 127.0.0.1.
type pkt struct {
	micros   uint64
	from, to uint16
	seq, ack uint32
	flags    byte
	data     []byte
}

const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
)

func capturesDir(t testing.TB) string {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES does not name the folder of captures")
	}
	return dir
}

func twsCaptures(t testing.TB) []string {
	files, _ := filepath.Glob(filepath.Join(capturesDir(t), "tws", "*.pcap"))
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	return files
}

// readPackets takes a little-endian pcap of Ethernet and IPv4 apart.
func readPackets(t testing.TB, file string) []pkt {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []pkt
	for b = b[24:]; len(b) > 0; {
		n := binary.LittleEndian.Uint32(b[8:])
		micros := uint64(binary.LittleEndian.Uint32(b))*1e6 + uint64(binary.LittleEndian.Uint32(b[4:]))
		ip := b[16+14 : 16+n]
		b = b[16+n:]
		ip = ip[:binary.BigEndian.Uint16(ip[2:])]
		tcp := ip[int(ip[0]&15)*4:]
		all = append(all, pkt{
			micros: micros, from: binary.BigEndian.Uint16(tcp), to: binary.BigEndian.Uint16(tcp[2:]),
			seq: binary.BigEndian.Uint32(tcp[4:]), ack: binary.BigEndian.Uint32(tcp[8:]),
			flags: tcp[13], data: tcp[int(tcp[12]>>4)*4:],
		})
	}
	return all
}

// writePcap is a pcap of raw IPv4.
func writePcap(pkts []pkt) []byte {
	out := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	out = append(out, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0)
	for _, p := range pkts {
		ip := ipPacket(p)
		out = binary.LittleEndian.AppendUint32(out, uint32(p.micros/1e6))
		out = binary.LittleEndian.AppendUint32(out, uint32(p.micros%1e6))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(ip)))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(ip)))
		out = append(out, ip...)
	}
	return out
}

func ipPacket(p pkt) []byte {
	n := 40 + len(p.data)
	ip := []byte{0x45, 0, byte(n >> 8), byte(n), 0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1}
	return append(ip, tcpHeader(p)...)
}

func tcpHeader(p pkt) []byte {
	b := binary.BigEndian.AppendUint16(nil, p.from)
	b = binary.BigEndian.AppendUint16(b, p.to)
	b = binary.BigEndian.AppendUint32(b, p.seq)
	b = binary.BigEndian.AppendUint32(b, p.ack)
	b = append(b, 5<<4, p.flags, 1, 0, 0, 0, 0, 0)
	return append(b, p.data...)
}

// decode is the frames of a capture; notes are collected where that is not nil.
func decode(t testing.TB, file []byte, o *frame.CaptureOptions, notes *[]string) []frame.Frame {
	t.Helper()
	return decodeFrom(t, bytes.NewReader(file), o, notes)
}

func decodeFrom(t testing.TB, r io.Reader, o *frame.CaptureOptions, notes *[]string) []frame.Frame {
	t.Helper()
	options := &frame.Options{Capture: o, Note: func(text string) {
		if notes != nil {
			*notes = append(*notes, text)
		}
	}}
	frames, err := frame.ReadAll(capture.Form(tws.OnTCP()).Read(frame.NewInput(r), options))
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

package capture_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
)

// recorder is a protocol that takes every connection and notes its bytes.
type recorder struct {
	streams map[int64]*[2][]byte
	next    int64
}

func (r *recorder) protocol() frame.Protocol {
	return frame.Protocol{
		Name: "recorded", Title: "anything",
		Recognise: func(*frame.Opening) frame.Verdict { return frame.Sure },
		Converse: func(*frame.Connection) frame.Conversation {
			r.next++
			r.streams[r.next] = new([2][]byte)
			return &recording{r.streams[r.next]}
		},
	}
}

type recording struct{ to *[2][]byte }

func (r *recording) Next(s *frame.Side, f *frame.Frame) error {
	s.In.Begin()
	if _, err := s.In.Need(1); err != nil {
		return err
	}
	b := s.In.Buffered()
	f.Offset, f.PayloadOffset = s.In.Offset(), s.In.Offset()
	f.Payload = b
	r.to[s.Index] = append(r.to[s.Index], b...)
	s.In.Advance(len(b))
	return nil
}

func (r *recording) Resume(*frame.Side) {}

// streams are the streams of a capture in the order in which connections had
// their first bytes, and the listing of its connections.
func streams(t testing.TB, file []byte) (*recorder, []capture.Listed) {
	t.Helper()
	r := &recorder{streams: map[int64]*[2][]byte{}}
	if _, err := frame.ReadAll(capture.Form(r.protocol()).Read(frame.NewInput(bytes.NewReader(file)), nil)); err != nil {
		t.Fatal(err)
	}
	return r, list(t, file, nil)
}

// TestTshark compares with what tshark finds in the same files: connections,
// packets and the bytes of every stream.
func TestTshark(t *testing.T) {
	dir := capturesDir(t)
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	var files []string
	for _, pattern := range []string{"tws/*.pcap", "grpc/*.pcap*", "kafka/pcap/*.pcap"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		files = append(files, found...)
	}
	if len(files) < 10 {
		t.Fatalf("%d captures", len(files))
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, listed := streams(t, b)
		args := []string{"-r", file, "-q", "-z", "conv,tcp"}
		for i := range listed {
			args = append(args, "-z", fmt.Sprintf("follow,tcp,raw,%d", i))
		}
		out, err := exec.Command(tshark, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		text := string(out)
		for _, l := range listed {
			line := regexp.MustCompile(`(?m)^(\Q` + l.Client + `\E\s+<-> \Q` + l.Server + `\E|\Q` + l.Server + `\E\s+<-> \Q` + l.Client + `\E).*$`).FindString(text)
			// The last columns are the packets and bytes of both directions, start and duration.
			if !regexp.MustCompile(` ` + fmt.Sprint(l.Packets) + ` +[0-9.]+ (bytes|kB)\s+[0-9.]+\s+[0-9.]+\s*$`).MatchString(line) {
				t.Errorf("%s: connection %d has %d packets, and with tshark: %s", filepath.Base(file), l.Connection, l.Packets, line)
			}
		}
		if n := strings.Count(text, "<->"); n != len(listed) {
			t.Errorf("%s: %d connections, tshark has %d", file, len(listed), n)
		}
		compareStreams(t, filepath.Base(file), text, r)
	}
}

// compareStreams holds recorded streams against tshark's: every connection that
// has bytes has the same ones.
func compareStreams(t *testing.T, name, text string, r *recorder) {
	found := map[string]int{}
	parts := strings.Split(text, "Follow: tcp,raw")
	for _, part := range parts[1:] {
		var sides [2][]byte
		for line := range strings.Lines(part) {
			line = strings.TrimRight(line, "\n")
			side := 0
			if strings.HasPrefix(line, "\t") {
				side, line = 1, line[1:]
			}
			if data, err := hex.DecodeString(line); err == nil {
				sides[side] = append(sides[side], data...)
			}
		}
		if len(sides[0])+len(sides[1]) > 0 {
			found[string(sides[0])+"|"+string(sides[1])]++
		}
	}
	total := 0
	for _, s := range r.streams {
		if len(s[0])+len(s[1]) == 0 {
			continue
		}
		total++
		// Which side is the first depends on who sent the first data.
		a, b := string(s[0])+"|"+string(s[1]), string(s[1])+"|"+string(s[0])
		if found[a]+found[b] == 0 {
			t.Errorf("%s: tshark has no stream of %d and %d bytes like ours", name, len(s[0]), len(s[1]))
		}
	}
	if total != len(found) {
		t.Errorf("%s: %d connections with bytes, tshark has %d", name, total, len(found))
	}
}

// TestTsharkLayers has tshark read the session through every link layer and
// tunnel, in one file.
func TestTsharkLayers(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	order := binary.LittleEndian
	file := section(order)
	all := slices.Concat(wraps, moreWraps)
	args := []string{"-q", "-r", filepath.Join(t.TempDir(), "layers.pcapng")}
	for i, w := range all {
		file = append(file, describeInterface(order, uint16(w.link))...)
		args = append(args, "-z", fmt.Sprintf("follow,tcp,raw,%d", i))
	}
	for i, w := range all {
		for _, p := range session() {
			// Apart from the ports, the streams must differ for compareStreams.
			p.data = bytes.Replace(p.data, []byte("v100..225"), fmt.Appendf(nil, "v100..%d", 300+i), 1)
			if p.from == 50000 {
				p.from += uint16(i)
			} else {
				p.to += uint16(i)
			}
			for _, packet := range w.wrap(tcpHeader(p)) {
				file = append(file, enhanced(order, uint32(i), p.micros, packet)...)
			}
		}
	}
	if err := os.WriteFile(args[2], file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range all {
		versions := fmt.Sprintf("v100..%d", 300+i)
		if has := strings.Contains(string(out), hex.EncodeToString([]byte(versions))); !has && !slices.Contains(notInTshark, w.name) {
			t.Errorf("tshark has no stream of %s", w.name)
		}
	}
	r, listed := streams(t, file)
	if len(listed) != len(all) {
		t.Errorf("%d connections of %d", len(listed), len(all))
	}
	for _, s := range r.streams {
		if len(s[0]) != 17 || len(s[1]) != 59 {
			t.Errorf("a stream of %d and %d bytes", len(s[0]), len(s[1]))
		}
	}
}

// notInTshark are what tshark (4.0) does not read, or takes to be of the
// capture's byte order.
var notInTshark = []string{"SLIP", "IPNET", "DSA", "DSA, long", "NFLOG of a big-endian machine"}

package cmd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// statsLine is what stats prints of a row.
type statsLine struct {
	Direction, Kind, Name, Type, Encoding, Error string
	Topic                                        string
	ID                                           *uint32
	Other                                        bool
	Count, Bytes, WireBytes, LostBytes           int64
	MinBytes, P50Bytes, MaxBytes                 int64
}

// recordLine is what decode prints of a record.
type recordLine struct {
	Type string
	TWS  *struct {
		Direction, Kind, Encoding string
		ID                        *uint32
	}
	Kafka *struct{ Topic string }
	Value json.RawMessage
	Error *struct{ Tag string }
}

// capturedInputs are the inputs of the captures' folder, and the form of each.
func capturedInputs(t *testing.T) map[string]string {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES does not name the folder of captures")
	}
	inputs := make(map[string]string)
	for pattern, form := range map[string]string{
		"*/*.pcap": "pcap", "*/*.pcapng": "pcap", "kafka/pcap/*.pcap": "pcap",
		"kafka/segments/*/*.log": "kafka-segment", "kafka/kcat/*.kcat-J*.json": "kcat-json", "kafka/kcat/*.kcat-R.bin": "kcat-r",
	} {
		files, _ := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		for _, file := range files {
			inputs[file] = form
		}
	}
	if len(inputs) == 0 {
		t.Fatal("no captures")
	}
	return inputs
}

// TestStatsCountWhatDecodePrints holds the rows of stats against the records of
// decode, for all captures of real programs: each record is in one row, and the
// rows have the bytes of all payloads.
func TestStatsCountWhatDecodePrints(t *testing.T) {
	inputs := capturedInputs(t)
	schemas := []string{"-I", filepath.Join(os.Getenv("PBSCOPE_CAPTURES"), "kafka", "schemas"), "-I", "../fixtures/schemas/tws"}
	records := 0
	for _, file := range slices.Sorted(maps.Keys(inputs)) {
		args := append([]string{"--from", inputs[file], "--topic-type", "*=trading.MessageWrapper", file}, schemas...)
		printed, _, code := runBinary(t, nil, append([]string{"decode"}, args...)...)
		counted, stderr, statsCode := runBinary(t, nil, append([]string{"stats", "--json", "--by", "type,encoding,topic"}, args...)...)
		to := "kcat-r"
		if inputs[file] == "pcap" {
			to = "u32be"
		}
		framed, _, _ := runBinary(t, nil, append([]string{"decode", "--to", to}, args...)...)
		if code != statsCode {
			t.Errorf("%s: decode exits with %d, stats with %d: %s", file, code, statsCode, stderr)
		}
		want, got := make(map[string]int64), make(map[string]int64)
		for _, r := range lines[recordLine](t, []byte(printed)) {
			want[r.key()]++
			records++
		}
		var bytes, lost, wire int64
		for _, r := range lines[statsLine](t, []byte(counted)) {
			got[r.key()] += r.Count
			bytes += r.Bytes
			lost += r.LostBytes
			wire += r.WireBytes
			if r.MinBytes > r.P50Bytes || r.P50Bytes > r.MaxBytes || r.Bytes < r.MinBytes || r.MaxBytes*r.Count < r.Bytes {
				t.Errorf("%s: sizes that cannot be: %+v", file, r)
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: counted %v, decoded %v", file, got, want)
		}
		if info, err := os.Stat(file); err != nil || wire > info.Size() {
			t.Errorf("%s: %d bytes on the wire of %d, %v", file, wire, info.Size(), err)
		}
		if payloads := framedBytes(framed); payloads != bytes && lost == 0 {
			t.Errorf("%s: %d bytes counted, %d decoded", file, bytes, payloads)
		}
	}
	if records == 0 {
		t.Error("no records in any capture")
	}
}

// key is what a row and the records in it have in common.
func (r *statsLine) key() string {
	id := "-"
	if r.ID != nil {
		id = fmt.Sprint(*r.ID)
	}
	encoding := r.Encoding
	if r.Error != "" {
		encoding = ""
	}
	return strings.Join([]string{r.Topic, r.Direction, r.Kind, id, r.Type, encoding, r.Error}, "|")
}

func (r *recordLine) key() string {
	row := statsLine{Type: r.Type, Encoding: "protobuf"}
	if string(r.Value) == "null" {
		row.Encoding = "null"
	}
	if r.Kafka != nil {
		row.Topic = r.Kafka.Topic
	}
	if r.TWS != nil {
		row.Direction, row.ID, row.Encoding = r.TWS.Direction, r.TWS.ID, r.TWS.Encoding
		if r.TWS.Kind != "message" {
			row.Kind = r.TWS.Kind
		}
	}
	if r.Error != nil {
		row.Error = r.Error.Tag
	} else if strings.Contains(string(r.Value), `"@error"`) {
		row.Error = "no-json-form"
	}
	return row.key()
}

// framedBytes is the sum of the lengths of u32be frames, and of those of kcat,
// which have -1 for null.
func framedBytes(framed string) int64 {
	var sum int64
	for b := []byte(framed); len(b) >= 4; {
		n := int(int32(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])))
		n = max(n, 0)
		sum += int64(n)
		b = b[4+n:]
	}
	return sum
}

// TestStatsHaveTheLengthsThatWereLogged holds the bytes on the wire against the
// lengths that the endpoints of TWS captures logged.
func TestStatsHaveTheLengthsThatWereLogged(t *testing.T) {
	for file, form := range capturedInputs(t) {
		log, err := os.ReadFile(strings.TrimSuffix(file, ".pcap") + ".expected.jsonl")
		if form != "pcap" || err != nil || filepath.Base(filepath.Dir(file)) != "tws" {
			continue
		}
		want, got := make(map[string]int64), make(map[string]int64)
		for _, l := range lines[struct {
			Direction, Kind, Name, Encoding string
			Length                          int64
		}](t, log) {
			key := l.Name + l.Encoding
			if l.Kind != "message" {
				key = l.Kind
			}
			want[key] += 4 + l.Length
		}
		out, _, _ := runBinary(t, nil, "stats", "--json", "--from", "pcap", file)
		for _, r := range lines[statsLine](t, []byte(out)) {
			got[r.Name+r.Kind+r.Encoding] += r.WireBytes
		}
		delete(want, "handshake") // which is no frame, and logged otherwise
		delete(got, "handshake")
		if !maps.Equal(got, want) {
			t.Errorf("%s: counted %v, logged %v", file, got, want)
		}
	}
}

// runningStats is a stats command over a pipe that stays open, which prints
// JSON at short intervals.
type runningStats struct {
	t       *testing.T
	command *exec.Cmd
	feed    *os.File
	printed *bufio.Scanner
}

func startStats(t *testing.T) *runningStats {
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(binary(t), "stats", "--every", "20ms", "--json", "--no-time", "--from", "delimited")
	c.Stdin = in
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	timer := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	t.Cleanup(func() { timer.Stop() })
	return &runningStats{t, c, feed, bufio.NewScanner(out)}
}

// upTo reads what is printed up to a row that has text.
func (s *runningStats) upTo(text string) {
	s.t.Helper()
	for !strings.Contains(s.printed.Text(), text) {
		if !s.printed.Scan() {
			s.t.Fatalf("no %s is printed", text)
		}
	}
}

// end is the last row and the exit code.
func (s *runningStats) end() (last string, code int) {
	for last = s.printed.Text(); s.printed.Scan(); {
		last = s.printed.Text()
	}
	s.command.Wait()
	return last, s.command.ProcessState.ExitCode()
}

// TestStatsAtIntervals feeds a pipe that stays open: what has been counted is
// printed meanwhile, and all of it at the end.
func TestStatsAtIntervals(t *testing.T) {
	data, err := os.ReadFile("../fixtures/data/trades/wrappers.delimited")
	if err != nil {
		t.Fatal(err)
	}
	s := startStats(t)
	s.feed.Write(data)
	s.upTo(`"count":12,`)
	s.feed.Write(data)
	s.upTo(`"count":24,`)
	s.feed.Write(data)
	s.feed.Close()
	if last, code := s.end(); code != exitDone || !strings.Contains(last, `"count":36,`) {
		t.Errorf("exit %d after %s", code, last)
	}
}

// TestStatsInterrupted interrupts a run over a pipe that stays open.
func TestStatsInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no interrupts to send to a process here")
	}
	data, err := os.ReadFile("../fixtures/data/trades/wrappers.delimited")
	if err != nil {
		t.Fatal(err)
	}
	s := startStats(t)
	defer s.feed.Close()
	s.feed.Write(data)
	s.upTo(`"count":12,`)
	s.command.Process.Signal(os.Interrupt)
	if last, code := s.end(); code != exitInterrupted || !strings.Contains(last, `"count":12,`) {
		t.Errorf("exit %d after %s", code, last)
	}
}

package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// logLine is what an endpoint of a captured TWS session logged of a message.
type logLine struct {
	Direction     string
	Kind          string
	WireID        *uint32 `json:"wire_msg_id"`
	ID            *uint32 `json:"msg_id"`
	Name          string
	Encoding      string
	Proto         string
	JSON          any
	Fields        []string
	Text          string
	ServerVersion int    `json:"server_version"`
	Time          string `json:"connection_time"`
}

// envelopeLine is what the tool prints of it.
type envelopeLine struct {
	Type string
	TWS  struct {
		Direction, Kind, Name, Encoding string
		ID, WireID                      *uint32
	}
	TCP struct {
		Packet int64
	}
	Value  any
	Fields []string
	Error  any
}

// TestTWSCaptures holds what the command prints of the captures against the
// endpoints' own logs, message by message and in order; with IB's schema where
// PBSCOPE_TWS_PROTO names a copy of it, else but for the values.
func TestTWSCaptures(t *testing.T) {
	dir := os.Getenv("PBSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("PBSCOPE_CAPTURES does not name the folder of captures")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "tws", "*.pcap"))
	if len(files) == 0 {
		t.Fatal("no captures")
	}
	args := []string{"decode", "--from", "pcap"}
	schema := os.Getenv("PBSCOPE_TWS_PROTO")
	if schema != "" {
		args = append(args, "-I", schema)
	}
	for _, file := range files {
		out, stderr, code := runBinary(t, nil, append(args, file)...)
		if code != 0 || stderr != "" {
			t.Errorf("%s: exit %d, %s", file, code, stderr)
		}
		log, err := os.ReadFile(strings.TrimSuffix(file, ".pcap") + ".expected.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		got, want := lines[envelopeLine](t, []byte(out)), lines[logLine](t, log)
		if len(got) != len(want) {
			t.Errorf("%s: %d records, %d logged", file, len(got), len(want))
			continue
		}
		for i := range got {
			if text := got[i].differs(&want[i], schema != ""); text != "" {
				t.Errorf("%s, record %d: %s", filepath.Base(file), i, text)
			}
			if i > 0 && got[i].TCP.Packet < got[i-1].TCP.Packet {
				t.Errorf("%s, record %d: not in the order of packets", file, i)
			}
		}
	}
}

func lines[T any](t *testing.T, text []byte) (all []T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for d.More() {
		var one T
		if err := d.Decode(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// differs says what is not as logged.
func (g *envelopeLine) differs(w *logLine, typed bool) string {
	sender, _, _ := strings.Cut(w.Direction, "->")
	encoding := w.Encoding
	if encoding == "handshake" {
		encoding = ""
	}
	if g.Error != nil || g.TWS.Direction != sender || g.TWS.Kind != w.Kind || g.TWS.Name != w.Name || g.TWS.Encoding != encoding ||
		!reflect.DeepEqual(g.TWS.ID, w.ID) || !reflect.DeepEqual(g.TWS.WireID, w.WireID) {
		return fmt.Sprintf("%+v, logged %+v", g, w)
	}
	if encoding == "text" && !reflect.DeepEqual(append([]string{}, g.Fields...), append([]string{}, w.Fields...)) {
		return fmt.Sprintf("fields %q, logged %q", g.Fields, w.Fields)
	}
	if encoding == "protobuf" && typed && (g.Type != w.Proto || !sameJSON(g.Value, w.JSON)) {
		return fmt.Sprintf("%s %v, logged %s %v", g.Type, g.Value, w.Proto, w.JSON)
	}
	if w.Kind == "server_info" {
		v, _ := g.Value.(map[string]any)
		if fmt.Sprint(v["serverVersion"]) != fmt.Sprint(w.ServerVersion) || v["connectionTime"] != w.Time {
			return fmt.Sprintf("%v, logged %+v", v, w)
		}
	}
	return ""
}

// sameJSON compares values; numbers as numbers.
func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		x, okX := new(big.Rat).SetString(a.String())
		y, okY := new(big.Rat).SetString(n.String())
		return ok && okX && okY && x.Cmp(y) == 0
	case map[string]any:
		m, ok := b.(map[string]any)
		if !ok || len(m) != len(a) {
			return false
		}
		for key := range a {
			if !sameJSON(a[key], m[key]) {
				return false
			}
		}
		return true
	case []any:
		l, ok := b.([]any)
		if !ok || len(l) != len(a) {
			return false
		}
		for i := range a {
			if !sameJSON(a[i], l[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// TestCaptureAsItIsWritten reads a capture from a pipe: each message is printed
// when its packet has come, before the next one is there.
func TestCaptureAsItIsWritten(t *testing.T) {
	file, err := os.ReadFile("../fixtures/data/tws/session.pcap")
	if err != nil {
		t.Fatal(err)
	}
	in, feed := io.Pipe()
	read, out := io.Pipe()
	c := exec.Command(binary(t), "decode", "--from", "pcap", "-I", "../fixtures/schemas/tws")
	c.Stdin, c.Stdout = in, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer timer.Stop()
	printed := bufio.NewScanner(read)
	printed.Buffer(nil, 1<<20)
	// The first packets up to the server's first message, and no more.
	const upTo = 470 + 29
	go feed.Write(file[:upTo])
	for i, want := range []string{"handshake", "server_info", "client_versions"} {
		if !printed.Scan() || !strings.Contains(printed.Text(), `"kind":"`+want+`"`) {
			t.Fatalf("record %d is not %s: %s", i, want, printed.Text())
		}
	}
	go func() {
		feed.Write(file[upTo:])
		feed.Close()
	}()
	rest := 0
	go func() {
		c.Wait()
		out.Close()
	}()
	for printed.Scan() {
		rest++
	}
	if rest != 22 {
		t.Errorf("%d further records", rest)
	}
}

package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pbscope")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "pbscope")
	out, err := exec.Command("go", "build", "-o", path, "..").CombinedOutput()
	if err != nil {
		return "", &usageError{message: string(out)}
	}
	return path, nil
})

// binary is the real program, for what a test within one process cannot show.
func binary(t *testing.T) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatalf("go build: %v", err)
	}
	return path
}

// runBinary runs the program over stdin and is what it prints and its exit
// code; it fails the test when that takes a minute.
func runBinary(t *testing.T, stdin io.Reader, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := exec.Command(binary(t), args...)
	var out, errors bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = stdin, &out, &errors
	c.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Dir(binary(t)))
	timer := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer timer.Stop()
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	if strings.Contains(errors.String(), "goroutine ") {
		t.Fatalf("%v panics:\n%s", args, errors.String())
	}
	return out.String(), errors.String(), c.ProcessState.ExitCode()
}

var trades = []string{"-I", "../fixtures/schemas/trades"}

func with(args ...string) []string { return append(args, trades...) }

// TestDamagedFixtures reads every damaged sample through the command: the
// first error has the tag that is due, and the exit code is 1.
func TestDamagedFixtures(t *testing.T) {
	list, err := os.Open("../fixtures/data/damaged/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	for lines := bufio.NewScanner(list); lines.Scan(); {
		var c struct{ File, Form, Type, Tag string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := runBinary(t, nil, "decode", "--from", c.Form, "-I", "../fixtures/schemas/trades",
			"-I", "../fixtures/schemas", "-t", c.Type, "../fixtures/data/damaged/"+c.File)
		_, after, found := strings.Cut(stdout, `rror":{"tag":"`)
		tag, _, _ := strings.Cut(after, `"`)
		if !found || tag != c.Tag || code != exitFailed {
			t.Errorf("%s: exit code %d, first tag %q, want %q\n%s%s", c.File, code, tag, c.Tag, stdout, stderr)
		}
	}
}

// TestClosedPipe ends quietly when whoever reads has enough.
func TestClosedPipe(t *testing.T) {
	stream, err := os.ReadFile("../fixtures/data/trades/wrappers.delimited")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(binary(t), with("decode", "--from", "delimited", "-t", "trades.v1.MessageWrapper")...)
	c.Stdin = bytes.NewReader(bytes.Repeat(stream, 5000))
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line == "" {
		t.Fatalf("first line %q, %v", line, err)
	}
	out.Close()
	_ = c.Wait() // writing its standard input fails too
	if c.ProcessState.ExitCode() != exitDone || stderr.Len() > 0 {
		t.Errorf("exit code %d, standard error %q", c.ProcessState.ExitCode(), stderr.String())
	}
}

// TestFullDisk is an error of the output, with code 3.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no /dev/full here: %v", err)
	}
	defer full.Close()
	c := exec.Command(binary(t), with("decode", "--from", "delimited", "-t", "trades.v1.Quote", "../fixtures/data/trades/quotes.delimited")...)
	var stderr bytes.Buffer
	c.Stdout, c.Stderr = full, &stderr
	_ = c.Run()
	if c.ProcessState.ExitCode() != exitUnreadable || stderr.String() != "pbscope: cannot write the output: no space left on device\n" {
		t.Errorf("exit code %d, standard error %q", c.ProcessState.ExitCode(), stderr.String())
	}
}

// TestArrivesAtOnce shows a message as soon as it is there, while the input
// stays open.
func TestArrivesAtOnce(t *testing.T) {
	c := exec.Command(binary(t), with("decode", "--from", "delimited", "-t", "trades.v1.Quote")...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(30*time.Second, func() { c.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewReader(out)
	for _, symbol := range []string{"A", "B", "C"} {
		if _, err := in.Write([]byte{3, 0x0a, 1, symbol[0]}); err != nil {
			t.Fatal(err)
		}
		if line, err := lines.ReadString('\n'); line != `{"symbol":"`+symbol+"\"}\n" {
			t.Fatalf("line %q, %v", line, err)
		}
	}
	in.Close()
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestInterrupt writes what is there, prints the summary and exits with 130.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send here")
	}
	c := exec.Command(binary(t), with("decode", "--summary", "text", "--from", "delimited", "-t", "trades.v1.Quote")...)
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	in.Write([]byte{3, 0x0a, 1, 'A'})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "{\"symbol\":\"A\"}\n" {
		t.Fatalf("line %q, %v", line, err)
	}
	c.Process.Signal(os.Interrupt)
	timer := time.AfterFunc(30*time.Second, func() { c.Process.Kill() })
	defer timer.Stop()
	_ = c.Wait()
	if c.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(stderr.String(), "1 read, 1 written") {
		t.Errorf("exit code %d, standard error %q", c.ProcessState.ExitCode(), stderr.String())
	}
}

// TestInterruptGathered writes the records that a segment's batch has gathered.
func TestInterruptGathered(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send here")
	}
	c := exec.Command(binary(t), with("encode", "--bare", "--to", "kafka-segment", "--summary", "text", "-t", "trades.v1.Quote")...)
	in, _ := c.StdinPipe()
	var stdout bytes.Buffer
	c.Stdout = &stdout
	stderr, _ := c.StderrPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(30*time.Second, func() { c.Process.Kill() })
	defer timer.Stop()
	// The message about the second line says that the first one was taken.
	io.WriteString(in, "{\"symbol\":\"A\"}\n{\"simbol\":\"B\"}\n")
	lines := bufio.NewReader(stderr)
	if line, err := lines.ReadString('\n'); !strings.Contains(line, "simbol") {
		t.Fatalf("line %q, %v", line, err)
	}
	c.Process.Signal(os.Interrupt)
	rest, _ := io.ReadAll(lines)
	_ = c.Wait()
	back, _, _ := runBinary(t, &stdout, with("decode", "--bare", "--from", "kafka-segment", "-t", "trades.v1.Quote")...)
	if c.ProcessState.ExitCode() != exitInterrupted || back != "{\"symbol\":\"A\"}\n" {
		t.Errorf("exit code %d, records %q, standard error %q", c.ProcessState.ExitCode(), back, rest)
	}
}

// TestTerminal shows no bytes of a binary form on a terminal.
func TestTerminal(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("no script command of Linux here")
	}
	for form, want := range map[string]string{"raw": "is not for a terminal", "kafka-segment": "is not for a terminal", "hex": "0a0441434d45"} {
		for _, command := range []string{
			binary(t) + " decode --from raw -I ../fixtures/schemas/trades -t trades.v1.Quote --to " + form + " ../fixtures/data/trades/quote.binpb",
			binary(t) + " encode --bare -I ../fixtures/schemas/trades -t trades.v1.Quote --to " + form + " ../fixtures/data/trades/quote.json",
		} {
			out, err := exec.Command(script, "-qec", command, "/dev/null").Output()
			if !strings.Contains(string(out), want) || (err == nil) != (form == "hex") {
				t.Errorf("%s: %v\n%q", command, err, out)
			}
		}
	}
}

// TestLongLines takes lines of 100 MB in and out.
func TestLongLines(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const size = 100 << 20
	long := `{"symbol":"` + strings.Repeat("x", size) + "\"}\n"
	encoded := filepath.Join(t.TempDir(), "long")
	_, stderr, code := runBinary(t, strings.NewReader(long+"{\"symbol\":\"y\"}\n"),
		with("encode", "--to", "hex", "-t", "trades.v1.Quote", "-o", encoded)...)
	if code != exitDone {
		t.Fatalf("encode: exit code %d, %s", code, stderr)
	}
	stdout, stderr, code := runBinary(t, nil, with("decode", "--from", "hex", "-t", "trades.v1.Quote", encoded)...)
	if code != exitDone || stdout != long+"{\"symbol\":\"y\"}\n" {
		t.Errorf("decode: exit code %d, %d bytes, %s", code, len(stdout), stderr)
	}
}

// TestDeepNesting accepts as many levels as the limit says, and refuses more.
func TestDeepNesting(t *testing.T) {
	nested := func(levels int) []byte {
		// google.protobuf.ListValue in Value in ListValue …: two levels a pair.
		var message []byte
		for range levels {
			message = append(appendVarint([]byte{0x0a}, len(message)), message...)
		}
		return message
	}
	schema := filepath.Join(t.TempDir(), "n.proto")
	if err := os.WriteFile(schema, []byte("syntax = \"proto3\"; message N { N n = 1; }"), 0o666); err != nil {
		t.Fatal(err)
	}
	for levels, want := range map[int]int{9999: exitDone, 10000: exitFailed, 20000: exitFailed} {
		stdout, stderr, code := runBinary(t, bytes.NewReader(nested(levels)), "decode", "--from", "raw", "-p", schema, "-t", "N")
		if code != want || want == exitFailed && !strings.Contains(stdout, `"tag":"too-deep"`) {
			t.Errorf("%d levels inside the message: exit code %d, %.200s", levels, code, stderr)
			continue
		}
		if want == exitDone {
			back, stderr, code := runBinary(t, strings.NewReader(stdout), "encode", "-p", schema, "-t", "N")
			if code != exitDone || back != string(nested(levels)) {
				t.Errorf("encode of %d levels: exit code %d, %d bytes, %.200s", levels, code, len(back), stderr)
			}
		}
	}
}

func appendVarint(dst []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(dst, byte(n))
}

// TestBinaryForJSON says that these are no JSON documents.
func TestBinaryForJSON(t *testing.T) {
	data, err := os.ReadFile("../fixtures/data/trades/wrappers.delimited")
	if err != nil {
		t.Fatal(err)
	}
	_, stderr, code := runBinary(t, bytes.NewReader(data), with("encode", "-t", "trades.v1.MessageWrapper")...)
	if code != exitFailed || !strings.Contains(stderr, "not JSON") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

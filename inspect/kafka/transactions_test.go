package kafka

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/inspect/frame"
)

// story builds a log from words: a letter is a record of the producer of that
// letter within a transaction, "a+" its commit, "a-" its abort, "." a record
// outside of any, "!" damage, "big" a record of a megabyte of producer z.
func story(t testing.TB, words string, first int64) []byte {
	t.Helper()
	var data []byte
	w := Segment().Write(nil)
	for i, word := range strings.Fields(words) {
		offset := first + int64(i)
		batch := offset
		k := &frame.Kafka{Offset: &offset, Batch: &batch, HasKey: true}
		f := frame.Frame{Payload: []byte("value"), Meta: &frame.Meta{Kafka: k}}
		producer := int64(word[0])
		switch word {
		case "!":
			data = append(data, "damage damage damage"...)
			continue
		case "big":
			producer = 'z'
			f.Payload = make([]byte, 1<<20)
		}
		if word != "." {
			k.ProducerID, k.Transactional = &producer, true
		}
		switch word[1:] {
		case "+":
			k.Control = "commit"
		case "-":
			k.Control = "abort"
		}
		var err error
		if data, err = w.Append(data, &f); err != nil {
			t.Fatal(err)
		}
		data, _ = w.Finish(data)
	}
	return data
}

func TestTransactions(t *testing.T) {
	tests := []struct{ name, words, stream, file string }{
		{"none", ". . .", "0 1 2", "0 1 2"},
		{"committed", "a a+ .", "0 1commit 2", "0 1commit 2"},
		{"aborted", "a a- .", "0a 1abort 2", "0a 1abort 2"},
		{"one after the other", "a a- a a+ a a-", "0a 1abort 2 3commit 4a 5abort", "0a 1abort 2 3commit 4a 5abort"},
		{"interleaved", "a . b a b- . a+ b b+", "0 1 2a 3 4abort 5 6commit 7 8commit", "0 1 2a 3 4abort 5 6commit 7 8commit"},
		{"open", "a b a+ b", "0 1? 2commit 3?", "0 1? 2commit 3?"},
		{"end alone", "a+ b- .", "0commit 1abort 2", "0commit 1abort 2"},
		{"damage between", "a ! a- a a+", "0? invalid-frame 2abort 3 4commit", "0? invalid-frame 2abort 3 4commit"},
		{"damage before", "! a a-", "invalid-frame 1a 2abort", "invalid-frame 1a 2abort"},
		{"too much in between", "a" + strings.Repeat(" big", 17) + " a- .", "0?" + numbers(1, 17, "?") + " 18abort 19", "0a" + numbers(1, 17, "?") + " 18abort 19"},
	}
	for _, test := range tests {
		data := story(t, test.words, 0)
		o := everything()
		if got := brief(readAll(t, Segment(), bytes.NewReader(data), o)); got != test.stream {
			t.Errorf("%s as a stream: got %s, want %s", test.name, got, test.stream)
		}
		path := filepath.Join(t.TempDir(), "00000000000000000000.log")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		o.Again = AgainFile(path)
		if got := brief(readAll(t, Segment(), bytes.NewReader(data), o)); got != test.file {
			t.Errorf("%s as a file: got %s, want %s", test.name, got, test.file)
		}
	}
}

// brief is outline without the places of damage.
func brief(frames []frame.Frame) string {
	words := strings.Fields(outline(frames))
	for i, w := range words {
		words[i], _, _ = strings.Cut(w, "@")
	}
	return strings.Join(words, " ")
}

func numbers(from, to int, suffix string) string {
	text := ""
	for n := from; n <= to; n++ {
		text += " " + itoa(n) + suffix
	}
	return text
}

// TestLaterSegments: the end of a transaction may lie in a later file of the
// same log, and only there.
func TestLaterSegments(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{
		"00000000000000000000.log":   story(t, ". a- b", 0),
		"00000000000000000003.log":   story(t, "a b .", 3),
		"00000000000000000006.log":   story(t, ". .", 6),
		"00000000000000000008.log":   story(t, "b+ a-", 8),
		"00000000000000000008.index": []byte("index"),
		"leader-epoch-checkpoint":    []byte("0"),
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "00000000000000000003.log")
	o := everything()
	o.Again = AgainFile(path)
	if got, want := outline(readAll(t, Segment(), bytes.NewReader(files[filepath.Base(path)]), o)), "3a 4 5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(files[filepath.Base(path)])
	z.Close()
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := outline(readAll(t, Segment(), bytes.NewReader(files[filepath.Base(path)]), o)), "3a 4 5"; got != want {
		t.Errorf("compressed: got %s, want %s", got, want)
	}
	if AgainFile(dir) != nil || AgainFile(filepath.Join(dir, "no such file")) != nil {
		t.Error("only a regular file can be opened again")
	}
}

// TestAgainFails: what cannot be looked up is undecided, and the reason is told.
func TestAgainFails(t *testing.T) {
	data := story(t, "a a-", 0)
	var notes []string
	o := everything()
	o.Note = func(text string) { notes = append(notes, text) }
	o.Again = func(int) (io.ReadCloser, error) { return nil, os.ErrPermission }
	if got := outline(readAll(t, Segment(), bytes.NewReader(data), o)); got != "0? 1abort" || len(notes) != 1 {
		t.Errorf("got %s with notes %q", got, notes)
	}
}

func TestHiddenRecords(t *testing.T) {
	data := story(t, "a a b . a- b+ b", 0)
	tests := []struct {
		control, uncommitted bool
		want                 string
		hidden               int
	}{
		{false, false, "2 3 6?", 4},
		{true, false, "2 3 4abort 5commit 6?", 2},
		{false, true, "0a 1a 2 3 6?", 2},
		{true, true, "0a 1a 2 3 4abort 5commit 6?", 0},
	}
	for _, test := range tests {
		hidden := 0
		o := &frame.Options{Control: test.control, Uncommitted: test.uncommitted, Hidden: func(n int) { hidden += n }}
		if got := outline(readAll(t, Segment(), bytes.NewReader(data), o)); got != test.want || hidden != test.hidden {
			t.Errorf("control %v, uncommitted %v: got %s and %d hidden, want %s and %d", test.control, test.uncommitted, got, hidden, test.want, test.hidden)
		}
	}
}

func TestTopicFromPath(t *testing.T) {
	const log = "/00000000000000000000.log"
	tests := []struct {
		path, topic string
		partition   int32
		ok          bool
	}{
		{"trades-0" + log, "trades", 0, true},
		{"/data/my-topic.v2-12" + log, "my-topic.v2", 12, true},
		{"__consumer_offsets-49" + log, "__consumer_offsets", 49, true},
		{"a-1.0123456789abcdef0123456789abcdef-delete" + log, "a", 1, true},
		{"a-1.0123456789abcdef0123456789abcdef-future" + log, "a", 1, true},
		{"trades-0/dump.log", "", 0, false},
		{"trades" + log, "", 0, false},
		{"trades-x" + log, "", 0, false},
		{"trades--1" + log, "trades-", 1, true},
		{"-1" + log, "", 0, false},
		{"a-99999999999" + log, "", 0, false},
		{log[1:], "", 0, false},
		{"", "", 0, false},
	}
	for _, test := range tests {
		topic, partition, ok := TopicFromPath(test.path)
		if topic != test.topic || partition != test.partition || ok != test.ok {
			t.Errorf("%s: got %q %d %v", test.path, topic, partition, ok)
		}
	}
}

func TestNamed(t *testing.T) {
	data, starts := build(t, 2, "value ")
	damaged := change(data, starts[1]+70, 1)
	topic, partition, _ := TopicFromPath("my-topic-7/00000000000000000000.log")
	frames, err := frame.ReadAll(Named(Segment().Read(frame.NewInput(strings.NewReader(damaged)), nil), topic, partition))
	if err != nil || len(frames) != 3 || frames[2].Problem == nil {
		t.Fatalf("%s, %v", outline(frames), err)
	}
	for i, f := range frames {
		if k := f.Meta.Kafka; k.Topic != "my-topic" || *k.Partition != 7 {
			t.Errorf("frame %d is of %q %v", i, k.Topic, k.Partition)
		}
	}
}

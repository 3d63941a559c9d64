package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// cover checks that batches and damage account for every byte of data, but for
// zeros at its end, and is the number of good batches.
func cover(t *testing.T, name string, data []byte) (good int) {
	t.Helper()
	in := frame.NewInput(bytes.NewReader(data))
	defer release(in)
	s := newScanner(in, &frame.Options{})
	at := int64(0)
	for {
		var b batch
		err := s.next(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.offset != at {
			t.Fatalf("%s: a batch at %d, want %d", name, b.offset, at)
		}
		n := int64(len(b.data))
		if b.problem == nil {
			good++
		} else if n = b.problem.Length; n <= maxKept && n != int64(len(b.data)) {
			t.Fatalf("%s: damage of %d bytes with %d kept", name, n, len(b.data))
		}
		if n <= 0 || b.data != nil && !bytes.Equal(b.data, data[at:at+n]) {
			t.Fatalf("%s: batch or damage at %d does not hold its bytes", name, at)
		}
		at += n
	}
	if !allZero(data[at:]) {
		t.Fatalf("%s: %d bytes at %d are lost", name, len(data)-int(at), at)
	}
	return good
}

// everyPrefix reads every prefix of data: a batch cut off is one problem.
func everyPrefix(t *testing.T, name string, data []byte) {
	t.Helper()
	for n := range len(data) {
		cover(t, name, data[:n])
		frames := readAll(t, Segment(), bytes.NewReader(data[:n]), everything())
		for i, f := range frames {
			if f.Problem != nil && (f.Problem.Tag != span.Truncated || i != len(frames)-1) {
				t.Fatalf("%s: the first %d bytes: %v", name, n, f.Problem)
			}
		}
	}
}

// everyByte changes every byte of data: at most one batch is lost by it, and
// no byte.
func everyByte(t *testing.T, name string, data []byte) {
	t.Helper()
	want := cover(t, name, data)
	changed := bytes.Clone(data)
	for i := range data {
		flip := [3]byte{1, 0x80, 0xff}[i%3]
		changed[i] = data[i] ^ flip
		if good := cover(t, name, changed); good < want-1 {
			t.Errorf("%s: byte %d changed by %#x: %d good batches of %d", name, i, flip, good, want)
		}
		readAll(t, Segment(), bytes.NewReader(changed), everything())
		changed[i] = data[i]
	}
}

// everySealedByte changes every byte of a batch and makes the checksum right
// again: whatever comes of it, nothing panics or hangs.
func everySealedByte(t *testing.T, name string, data []byte) {
	t.Helper()
	changed := bytes.Clone(data)
	for i := crcFrom; i < len(data); i++ {
		flip := [3]byte{1, 0x80, 0xff}[i%3]
		changed[i] = data[i] ^ flip
		seal(changed)
		frames := readAll(t, Segment(), bytes.NewReader(changed), everything())
		if i > headerSize+4 && len(frames) == 0 {
			t.Errorf("%s: byte %d changed by %#x: nothing is said", name, i, flip)
		}
		changed[i] = data[i]
	}
}

func TestSegmentDamage(t *testing.T) {
	for _, path := range logs(t) {
		data := read(t, path)
		if len(data) > 4000 || testing.Short() {
			continue
		}
		everyPrefix(t, path, data)
		everyByte(t, path, data)
	}
}

// build is a log of n batches with two records each, and where each begins.
func build(t testing.TB, n int, value string) (data []byte, starts []int) {
	t.Helper()
	w := Segment().Write(nil)
	for i := range n {
		starts = append(starts, len(data))
		for j := range 2 {
			base := int64(2 * i)
			offset := base + int64(j)
			f := frame.Frame{Payload: []byte(value + itoa(int(offset))), Meta: &frame.Meta{Kafka: &frame.Kafka{Batch: &base, Offset: &offset}}}
			var err error
			if data, err = w.Append(data, &f); err != nil {
				t.Fatal(err)
			}
		}
		data, _ = w.Finish(data)
	}
	return data, starts
}

// outline is a line of what frames there are.
func outline(frames []frame.Frame) string {
	var parts []string
	for _, f := range frames {
		if p := f.Problem; p != nil {
			parts = append(parts, string(p.Tag)+"@"+itoa(int(f.Offset))+"+"+itoa(int(p.Length)))
			continue
		}
		text := itoa(int(*f.Meta.Kafka.Offset))
		if f.Meta.Kafka.Aborted {
			text += "a"
		}
		if f.Meta.Kafka.Undecided {
			text += "?"
		}
		if f.Meta.Kafka.Control != "" {
			text += f.Meta.Kafka.Control
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func TestResync(t *testing.T) {
	data, starts := build(t, 3, "value ")
	size := itoa(starts[1])
	at := func(i int) string { return itoa(starts[i]) }
	garbage := strings.Repeat("garbage.", 10)
	tests := []struct{ name, data, want string }{
		{"good", string(data), "0 1 2 3 4 5"},
		{"garbage first", garbage + string(data), "invalid-frame@0+80 0 1 2 3 4 5"},
		{"garbage between", string(data[:starts[1]]) + garbage + string(data[starts[1]:]), "0 1 invalid-frame@" + at(1) + "+80 2 3 4 5"},
		{"garbage last", string(data) + garbage, "0 1 2 3 4 5 invalid-frame@" + itoa(len(data)) + "+80"},
		{"short garbage last", string(data) + "garbage", "0 1 2 3 4 5 truncated@" + itoa(len(data)) + "+7"},
		{"value changed", change(data, starts[1]+70, 1), "0 1 invalid-checksum@" + at(1) + "+" + size + " 4 5"},
		{"length too large", change(data, starts[1]+9, 1), "0 1 invalid-frame@" + at(1) + "+" + size + " 4 5"},
		{"length huge", change(data, starts[1]+8, 0x7f), "0 1 too-large@" + at(1) + "+" + size + " 4 5"},
		{"length negative", change(data, starts[1]+8, 0x80), "0 1 invalid-frame@" + at(1) + "+" + size + " 4 5"},
		{"length too small", change(data, starts[1]+11, 8), "0 1 invalid-checksum@" + at(1) + "+" + size + " 4 5"},
		{"last value changed", change(data, starts[2]+70, 1), "0 1 2 3 invalid-checksum@" + at(2) + "+" + size},
		{"magic changed", change(data, starts[1]+16, 8), "0 1 invalid-frame@" + at(1) + "+" + size + " 4 5"},
		{"a few zeros last", string(data) + strings.Repeat("\x00", 5), "0 1 2 3 4 5"},
		{"zeros last", string(data) + strings.Repeat("\x00", 1<<20), "0 1 2 3 4 5"},
		{"zeros between", string(data[:starts[1]]) + strings.Repeat("\x00", 1000) + string(data[starts[1]:]), "0 1 skipped@" + at(1) + "+1000 2 3 4 5"},
		{"zeros first", strings.Repeat("\x00", 1000) + string(data), "skipped@0+1000 0 1 2 3 4 5"},
		{"only zeros", strings.Repeat("\x00", 100), ""},
		{"much garbage", strings.Repeat(garbage, 1<<14) + string(data), "invalid-frame@0+1310720 0 1 2 3 4 5"},
	}
	for _, test := range tests {
		for _, source := range []io.Reader{strings.NewReader(test.data), iotest.HalfReader(strings.NewReader(test.data))} {
			frames := readAll(t, Segment(), source, nil)
			if got := outline(frames); got != test.want {
				t.Errorf("%s: got %s, want %s", test.name, got, test.want)
			}
			for _, f := range frames {
				if p := f.Problem; p != nil && (p.Length <= maxKept) != (f.Payload != nil) {
					t.Errorf("%s: damage of %d bytes with %d kept", test.name, p.Length, len(f.Payload))
				}
			}
		}
		cover(t, test.name, []byte(test.data))
	}
}

func change(data []byte, at int, by byte) string {
	changed := bytes.Clone(data)
	changed[at] ^= by
	return string(changed)
}

// TestHostileLengths: a header may claim what it likes; memory follows what is
// there.
func TestHostileLengths(t *testing.T) {
	h := header{length: 0, leaderEpoch: 0, magic: 2, lastOffsetDelta: 1<<31 - 1, count: 1<<31 - 1, producerID: -1, producerEpoch: -1, baseSequence: -1}
	var inputs [][]byte
	for codec := range 8 {
		h.attributes = int16(codec)
		b := h.append(nil)
		// gzip, snappy and zstd that claim much; the rest is nonsense to all.
		for _, body := range []string{"", "\xff\xff\xff\xff\x0f", "\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x00\x00", "\x04\x22\x4d\x18\x60\x70\x73\xff\xff\xff\x7f", xerialMagic + "\x00\x00\x00\x01\x00\x00\x00\x01\x7f\xff\xff\xff"} {
			whole := append(bytes.Clone(b), body...)
			seal(whole)
			inputs = append(inputs, whole)
			cut := bytes.Clone(whole)
			binary.BigEndian.PutUint32(cut[8:], 250<<20)
			inputs = append(inputs, cut)
		}
	}
	for i, input := range inputs {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		frames := readAll(t, Segment(), bytes.NewReader(input), nil)
		runtime.ReadMemStats(&after)
		if len(frames) != 1 || frames[0].Problem == nil {
			t.Errorf("input %d (%x): %s", i, input, outline(frames))
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
			t.Errorf("input %d (%x): %d bytes allocated", i, input, grown)
		}
	}
}

// TestHostileNesting: headers that claim the rest of the input, one behind the
// other, must not make each other's checksums be computed again and again.
func TestHostileNesting(t *testing.T) {
	h := header{magic: 2, lastOffsetDelta: 1, producerID: -1, producerEpoch: -1, baseSequence: -1}
	one := h.append(nil)
	data := bytes.Repeat(one, 100_000)
	for i := 0; i+headerSize <= len(data); i += headerSize {
		binary.BigEndian.PutUint32(data[i+8:], uint32(len(data)-i-prefixSize))
	}
	r := &countingScanner{scanner: newScanner(frame.NewInput(bytes.NewReader(data)), &frame.Options{})}
	spent := r.run(t)
	if limit := int64(frame.DefaultMaxSize) + earnedByte*int64(len(data)); spent > limit {
		t.Errorf("%d bytes of checksums over %d bytes of input, limit %d", spent, len(data), limit)
	}
	cover(t, "nested", data)
}

type countingScanner struct{ *scanner }

// run is the credit that was spent over the whole input.
func (s *countingScanner) run(t *testing.T) int64 {
	t.Helper()
	start := s.credit
	for {
		var b batch
		err := s.next(&b)
		if errors.Is(err, io.EOF) {
			return start - s.credit
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadErrors(t *testing.T) {
	data, _ := build(t, 3, "value ")
	broken := errors.New("broken")
	for n := range len(data) {
		for _, form := range []frame.Form{Segment(), KcatJSON(), KcatR()} {
			source := io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(broken))
			if _, err := collect(form, source, nil); !errors.Is(err, broken) {
				t.Fatalf("%s: after %d bytes: %v", form.Name, n, err)
			}
		}
	}
}

// FuzzSegment: any bytes are accounted for, read alike in any pieces, and what
// is read can be written and is read again.
func FuzzSegment(f *testing.F) {
	data, _ := build(f, 3, "value ")
	f.Add(data)
	f.Add(data[:len(data)-9])
	f.Add(append(make([]byte, 100), data...))
	for _, set := range legacySets() {
		f.Add(unhex(set.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cover(t, "fuzz", data)
		frames := readAll(t, Segment(), bytes.NewReader(data), everything())
		pieces := readAll(t, Segment(), iotest.OneByteReader(bytes.NewReader(data)), everything())
		compareFrames(t, "one byte a read", pieces, frames)
	})
}

// FuzzRecords reads any bytes as the records of a batch with a right checksum.
// What is read without a problem is written and read again as the same.
func FuzzRecords(f *testing.F) {
	data, _ := build(f, 2, "value ")
	f.Add(data, uint16(0))
	for _, b := range pythonBatches() {
		f.Add(unhex(b.data), uint16(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, from uint16) {
		if len(data) < headerSize {
			return
		}
		data = bytes.Clone(data)
		data[magicAt] = 2
		data[0] &= 0x7f
		seal(data)
		frames := readAll(t, Segment(), bytes.NewReader(data), everything())
		ordered, batch, end := int64(-1), int64(-1), int64(-1)
		for _, g := range frames {
			if g.Problem != nil {
				return
			}
			k := g.Meta.Kafka
			if *k.Offset <= ordered || *k.Offset < *k.Batch {
				return // impossible in a log: the writer begins other batches there
			}
			for _, e := range k.Extra {
				if delta, err := strconv.ParseInt(string(e.Value), 10, 64); err == nil && e.Key == "lastOffsetDelta" {
					batch, end = *k.Batch, *k.Batch+delta
				}
			}
			if *k.Batch == batch && *k.Offset > end {
				return // nor can a record lie behind its batch's last one
			}
			ordered = *k.Offset
		}
		out := writeAll(t, Segment(), nil, frames)
		again := readAll(t, Segment(), bytes.NewReader(out), everything())
		if len(again) != len(frames) {
			t.Fatalf("%d records, written and read %d", len(frames), len(again))
		}
		compareFrames(t, "again", again, frames)
	})
}

func TestRandomGarbage(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for n := range 300 {
		data := make([]byte, n*7)
		for i := range data {
			data[i] = byte(random.Intn(4)) // magic bytes are likely
		}
		cover(t, "random", data)
		readAll(t, Segment(), bytes.NewReader(data), nil)
	}
}

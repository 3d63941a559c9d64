package cache

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// old makes what lies under a directory older than any doubt about its times,
// as far as that can be done: the time of an inode's change cannot be set.
func old(t *testing.T, dir string) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type()&fs.ModeSymlink == 0 {
			err = os.Chtimes(path, then, then)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// look is a trace of the things that exist below a directory with a.proto,
// sub/b.proto, a link to sub and no c.proto.
func look(t *testing.T, dir string) *Trace {
	t.Helper()
	trace := new(Trace)
	for _, name := range []string{"a.proto", "sub/b.proto", "link/b.proto"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		trace.read(path, info.Size())
	}
	trace.list(dir)
	trace.list(filepath.Join(dir, "sub"))
	trace.Absent(filepath.Join(dir, "early", "a.proto"))
	info, err := os.Stat(filepath.Join(dir, "sub"))
	if err != nil {
		t.Fatal(err)
	}
	trace.Exists(filepath.Join(dir, "sub"), info)
	trace.Same(filepath.Join(dir, "link"), info)
	return trace
}

func files(t *testing.T) string {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.proto"), "message A {}")
	write(t, filepath.Join(dir, "sub", "b.proto"), "message B {}")
	write(t, filepath.Join(dir, "other", "b.proto"), "message B {}")
	if err := os.Symlink("sub", filepath.Join(dir, "link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	return dir
}

func store(t *testing.T) *Store {
	return New(filepath.Join(t.TempDir(), "caches", "pbscope"), "test", 0)
}

// TestChanges makes one change after another to what an entry rests on. Stamps
// are those of files that were just written, and of old ones; whether an entry
// is still good must not depend on that.
func TestChanges(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	changes := []struct {
		name   string
		stays  bool
		change func(t *testing.T, dir string)
	}{
		{"nothing", true, func(*testing.T, string) {}},
		{"other contents", false, func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.proto"), "message A { }") }},
		{"other contents of the same size", false, func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.proto"), "message C {}") }},
		{"other contents of the same size and time", false, func(t *testing.T, dir string) {
			path := filepath.Join(dir, "a.proto")
			info, err := os.Stat(path)
			must(t, err)
			write(t, path, "message C {}")
			must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
		}},
		{"the same contents again", true, func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.proto"), "message A {}") }},
		{"another file of the same contents", true, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "new"), "message A {}")
			must(t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "a.proto")))
		}},
		{"another file", false, func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "new"), "message D {}")
			must(t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "a.proto")))
		}},
		{"a new file earlier", false, func(t *testing.T, dir string) { write(t, filepath.Join(dir, "early", "a.proto"), "") }},
		{"a new directory that would have an earlier file", false, func(t *testing.T, dir string) { must(t, os.Mkdir(filepath.Join(dir, "early"), 0o777)) }},
		{"a new file in a listed directory", false, func(t *testing.T, dir string) { write(t, filepath.Join(dir, "sub", "c.proto"), "") }},
		{"a new file that does not matter", true, func(t *testing.T, dir string) { write(t, filepath.Join(dir, "sub", "README"), "") }},
		{"a file that is gone", false, func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "sub", "b.proto"))) }},
		{"a directory in place of a file", false, func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "a.proto")))
			must(t, os.Mkdir(filepath.Join(dir, "a.proto"), 0o777))
		}},
		{"a file in place of a directory", false, func(t *testing.T, dir string) {
			must(t, os.RemoveAll(filepath.Join(dir, "sub")))
			write(t, filepath.Join(dir, "sub"), "")
		}},
		{"another directory in the place of one", false, func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, "sub"), filepath.Join(dir, "gone")))
			write(t, filepath.Join(dir, "sub", "b.proto"), "message E {}")
		}},
		{"a link to somewhere else", false, func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "link")))
			must(t, os.Symlink("other", filepath.Join(dir, "link")))
		}},
		{"time set back", true, func(t *testing.T, dir string) {
			then := time.Now().Add(-24 * time.Hour)
			must(t, os.Chtimes(filepath.Join(dir, "a.proto"), then, then))
		}},
		{"a time to come", true, func(t *testing.T, dir string) {
			then := time.Now().Add(24 * time.Hour)
			must(t, os.Chtimes(filepath.Join(dir, "a.proto"), then, then))
		}},
	}
	for _, c := range changes {
		for _, aged := range []bool{false, true} {
			t.Run(c.name+"/aged "+strconv.FormatBool(aged), func(t *testing.T) {
				dir, s := files(t), store(t)
				if aged {
					old(t, dir)
				}
				key := []byte("key")
				s.Put(key, look(t, dir), []byte("value"))
				if v, ok := s.Get(key); !ok || string(v) != "value" {
					t.Fatalf("right after: %q, %v", v, ok)
				}
				c.change(t, dir)
				for range 2 { // a second time with what the first has written
					if _, ok := s.Get(key); ok != c.stays {
						t.Fatalf("valid %v, want %v", ok, c.stays)
					}
				}
			})
		}
	}
}

// TestYoungStamps sees a change that leaves every number of a stamp as it was,
// which only a file as young as the entry can have.
func TestYoungStamps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.proto")
	write(t, path, "message A {}")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	trace := new(Trace)
	trace.Contents(path, info, []byte("message X {}")) // what it had a moment ago
	s := store(t)
	s.Put(nil, trace, nil)
	if _, ok := s.Get(nil); ok {
		t.Error("contents were not compared")
	}
	if stampOf(info).young(time.Now().Add(time.Minute)) || !stampOf(info).young(time.Now().Add(-time.Hour)) {
		t.Error("youth does not go by the time, or ends before it")
	}
}

// TestUnfit keeps nothing that rests on what cannot be looked at again.
func TestUnfit(t *testing.T) {
	s := store(t)
	unfit := new(Trace)
	unfit.Unfit()
	sum := new(Trace)
	sum.Add(unfit)
	contradictory := new(Trace)
	path := filepath.Join(t.TempDir(), "a.proto")
	write(t, path, "1")
	contradictory.read(path, 1)
	write(t, path, "2")
	contradictory.read(path, 1)
	for i, trace := range []*Trace{unfit, sum, contradictory, nil} {
		s.Put([]byte{byte(i)}, trace, []byte("value"))
		if _, ok := s.Get([]byte{byte(i)}); ok {
			t.Errorf("%d was kept", i)
		}
	}
}

// TestKeys keeps builds and keys apart.
func TestKeys(t *testing.T) {
	s := store(t)
	s.Put([]byte("a"), new(Trace), []byte("1"))
	s.Put([]byte("b"), new(Trace), []byte("2"))
	if v, ok := s.Get([]byte("a")); !ok || string(v) != "1" {
		t.Errorf("%q %v", v, ok)
	}
	other := New(s.dir, "another build", 0)
	if _, ok := other.Get([]byte("a")); ok {
		t.Error("another build sees the entry")
	}
	// An entry under another's name.
	if err := os.Rename(s.path([]byte("b")), s.path([]byte("a"))); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get([]byte("a")); ok {
		t.Error("an entry of another key was taken")
	}
}

// TestDamage flips every bit of an entry and cuts it everywhere: it is not
// there then, and the next Put mends it.
func TestDamage(t *testing.T) {
	dir, s := files(t), store(t)
	key := []byte("key")
	s.Put(key, look(t, dir), []byte("value"))
	path := s.path(key)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if v, ok := s.Get(key); ok {
			t.Fatalf("%s: %q", what, v)
		}
	}
	for i := range whole {
		for bit := range 8 {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 1 << bit
			try(fmt.Sprintf("byte %d bit %d", i, bit), damaged)
		}
		try(fmt.Sprintf("cut at %d", i), whole[:i])
	}
	try("with more at the end", append(bytes.Clone(whole), 0))
	s.Put(key, look(t, dir), []byte("value"))
	if v, ok := s.Get(key); !ok || string(v) != "value" {
		t.Errorf("%q %v", v, ok)
	}
}

// FuzzEntry reads anything as an entry: nothing but what was written is one,
// and numbers that a file claims allocate nothing.
func FuzzEntry(f *testing.F) {
	e := entry{key: []byte("k"), trace: (&Trace{}).append(nil), value: []byte("v")}
	f.Add(e.append(nil))
	trace := new(Trace)
	trace.Absent("/nowhere/a.proto")
	f.Add(entry{trace: trace.append(nil)}.append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, ok := parseEntry(data); ok && !bytes.Equal(e.append(nil), data) {
			t.Errorf("%x is read as %x", data, e.append(nil))
		}
		all, ok := parseTrace(data)
		if !ok {
			return
		}
		again, ok := parseTrace(all.append(nil))
		if !ok || fmt.Sprint(again) != fmt.Sprint(all) {
			t.Errorf("%v is read again as %v", all, again)
		}
	})
}

// TestPrivate: files are 0600 and directories 0700, and a directory that
// others can have written to is not used.
func TestPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permissions here")
	}
	s := store(t)
	s.Put(nil, new(Trace), []byte("value"))
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if m := mode(s.dir); m != 0o700 {
		t.Errorf("the directory is %o", m)
	}
	if m := mode(s.path(nil)); m != 0o600 {
		t.Errorf("an entry is %o", m)
	}
	if err := os.Chmod(s.path(nil), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(nil); ok {
		t.Error("an entry that everybody can write to was taken")
	}
	if err := os.Chmod(s.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	s.Put(nil, new(Trace), []byte("value"))
	if m := mode(s.dir); m != 0o700 {
		t.Errorf("the directory stays %o", m)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	if err := os.Chown(s.dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(nil); ok {
		t.Error("the directory of somebody else was read")
	}
	s.Put([]byte("new"), new(Trace), nil)
	if _, err := os.Stat(s.path([]byte("new"))); err == nil {
		t.Error("the directory of somebody else was written to")
	}
	if info := s.Info(); info.Entries != 0 {
		t.Errorf("%+v", info)
	}
}

// TestNowhereToWrite: a store that cannot write keeps nothing and says
// nothing.
func TestNowhereToWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	stores := []*Store{nil, New(filepath.Join(file, "pbscope"), "", 0), New(file, "", 0), New("/proc/pbscope", "", 0)}
	if full, err := os.Stat("/dev/full"); err == nil && full.Mode()&fs.ModeDevice != 0 {
		stores = append(stores, New("/dev/full", "", 0))
	}
	for _, s := range stores {
		s.Put([]byte("key"), new(Trace), []byte("value"))
		if _, ok := s.Get([]byte("key")); ok {
			t.Errorf("%+v has kept it", s)
		}
	}
}

// TestLimit: what has not been used for the longest time goes first, and one
// value that would take most of the room is not kept.
func TestLimit(t *testing.T) {
	s := New(filepath.Join(t.TempDir(), "pbscope"), "", 10_000)
	put := func(i int) { s.Put([]byte{byte(i)}, new(Trace), make([]byte, 2000)) }
	age := func(i int, by time.Duration) {
		then := time.Now().Add(-by)
		if err := os.Chtimes(s.path([]byte{byte(i)}), then, then); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		put(i)
		age(i, time.Duration(10-i)*time.Hour)
	}
	if _, ok := s.Get([]byte{0}); !ok { // which makes it the youngest
		t.Fatal("the first is gone")
	}
	put(4)
	put(5)
	var there []int
	for i := range 6 {
		if _, err := os.Stat(s.path([]byte{byte(i)})); err == nil {
			there = append(there, i)
		}
	}
	if fmt.Sprint(there) != "[0 3 4 5]" {
		t.Errorf("there are %v", there)
	}
	if info := s.Info(); info.Entries != 4 || info.Bytes > s.limit || info.Limit != 10_000 || info.Dir != s.dir {
		t.Errorf("%+v", info)
	}
	s.Put([]byte("large"), new(Trace), make([]byte, 5000))
	if _, ok := s.Get([]byte("large")); ok {
		t.Error("a large value was kept")
	}
	left := filepath.Join(s.dir, temporary+"1")
	write(t, left, "of a process that was killed")
	then := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left, then, then); err != nil {
		t.Fatal(err)
	}
	put(0)
	if _, err := os.Stat(left); err == nil {
		t.Error("what a process left stays")
	}
	if n, err := s.Clear(); n != 4 || err != nil {
		t.Errorf("cleared %d, %v", n, err)
	}
	if _, err := os.Stat(s.dir); err == nil {
		t.Error("the directory stays")
	}
}

// TestProcesses has 50 processes at once read and write the same entries while
// the files change. Each sees whole values, of some state of the files that
// was there while it looked.
func TestProcesses(t *testing.T) {
	if dir := os.Getenv("PBSCOPE_TEST_STORE"); dir != "" {
		beProcess(dir, os.Getenv("PBSCOPE_TEST_FILE"))
		return
	}
	if testing.Short() {
		t.Skip("50 processes")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.proto")
	write(t, path, state(0))
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			_ = os.WriteFile(path+".new", []byte(state(i)), 0o666)
			_ = os.Rename(path+".new", path)
		}
	}()
	var processes []*exec.Cmd
	outputs := make([]bytes.Buffer, 50)
	for i := range 50 {
		c := exec.Command(os.Args[0], "-test.run=^TestProcesses$")
		c.Env = append(os.Environ(), "PBSCOPE_TEST_STORE="+filepath.Join(dir, "store"), "PBSCOPE_TEST_FILE="+path)
		c.Stdout, c.Stderr = &outputs[i], &outputs[i]
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, c)
	}
	for i, c := range processes {
		if err := c.Wait(); err != nil || strings.Contains(outputs[i].String(), "WRONG") {
			t.Errorf("%v: %s", err, outputs[i].String())
		}
	}
	close(stop)
	<-done
	left, err := filepath.Glob(filepath.Join(dir, "store", temporary+"*"))
	if len(left) > 0 || err != nil {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func state(i int) string { return fmt.Sprintf("%08d", i) + strings.Repeat("x", 5000) }

// beProcess keeps what a file has, and looks whether what was kept is whole.
func beProcess(dir, path string) {
	s := New(dir, "", 0)
	for range 40 {
		value, ok := s.Get([]byte("key"))
		if ok && (len(value) != 5008 || strings.Trim(string(value[8:]), "x") != "") {
			fmt.Println("WRONG", len(value))
		}
		if !ok {
			trace := new(Trace)
			trace.read(path, 5008)
			if data, err := os.ReadFile(path); err == nil {
				s.Put([]byte("key"), trace, data)
			}
		}
	}
}

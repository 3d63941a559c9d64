package filetree

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is one of an archive: a file, or a link where it has a target.
type entry struct{ name, text, link string }

func tarOf(t *testing.T, compressed bool, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Typeflag: tar.TypeReg}
		if e.link != "" {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e.link, 0
		}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if e.link == "" {
			if _, err := w.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name, data := "a.tar", b.Bytes()
	if compressed {
		var packed bytes.Buffer
		g := gzip.NewWriter(&packed)
		_, _ = g.Write(data)
		_ = g.Close()
		name, data = "a.tar.gz", packed.Bytes()
	}
	return write(t, name, data)
}

func zipOf(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(0o644)
		text := e.text
		if e.link != "" {
			h.SetMode(0o777 | os.ModeSymlink)
			text = e.link
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "a.zip", b.Bytes())
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// each reads the entries as all three kinds of archive.
func each(t *testing.T, entries []entry, check func(t *testing.T, tree *Tree, err error)) {
	t.Helper()
	for kind, path := range map[string]string{"tar": tarOf(t, false, entries...), "tar.gz": tarOf(t, true, entries...), "zip": zipOf(t, entries...)} {
		t.Run(kind, func(t *testing.T) {
			tree, err := Archive(t.Context(), path)
			check(t, tree, err)
		})
	}
}

func TestArchive(t *testing.T) {
	entries := []entry{
		{name: "repo-1.0/README.md", text: "no schema"},
		{name: "repo-1.0/proto/a.proto", text: "A"},
		{name: "./repo-1.0/proto/b.proto", text: "B"},
		{name: "repo-1.0/proto/.hidden/c.proto", text: "C"},
		{name: "repo-1.0/buf.yaml", text: "version: v2"},
		{name: "repo-1.0/link.proto", link: "proto/a.proto"},
		{name: "repo-1.0/elsewhere", link: "/etc/passwd"}, // is not looked at
	}
	each(t, entries, func(t *testing.T, tree *Tree, err error) {
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range tree.Protos("") {
			names = append(names, f.Path+"="+string(f.Text))
		}
		if got := strings.Join(names, " "); got != "repo-1.0/link.proto=A repo-1.0/proto/a.proto=A repo-1.0/proto/b.proto=B" {
			t.Error(got)
		}
		if tree.Top() != "repo-1.0" || len(tree.Protos("repo-1.0/proto")) != 2 || len(tree.Protos("repo-1")) != 0 {
			t.Error("directories")
		}
		text, err := fs.ReadFile(tree.FS(t.Context(), "repo-1.0"), "buf.yaml")
		if err != nil || string(text) != "version: v2" {
			t.Errorf("%q %v", text, err)
		}
	})
}

func TestHostileArchives(t *testing.T) {
	for name, c := range map[string]struct {
		entry entry
		want  string
	}{
		"upwards":          {entry{name: "../a.proto"}, `"../a.proto" leads out`},
		"upwards, inside":  {entry{name: "x/../../a.proto"}, `leads out`},
		"absolute":         {entry{name: "/etc/a.proto"}, `"/etc/a.proto" leads out`},
		"drive":            {entry{name: `C:\a.proto`}, `leads out`},
		"link out":         {entry{name: "a.proto", link: "../../secret.proto"}, `"a.proto" is a link out of the archive`},
		"absolute link":    {entry{name: "a.proto", link: "/etc/passwd"}, `"a.proto" is a link out of the archive`},
		"link to nothing":  {entry{name: "a.proto", link: "b.proto"}, `"a.proto" is a link to "b.proto", which is no`},
		"link to itself":   {entry{name: "a.proto", link: "a.proto"}, `"a.proto" is a link to "a.proto", which is no`},
		"other, not .pro…": {entry{name: "../x.txt"}, `leads out`},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, []entry{{name: "ok.proto"}, c.entry}, func(t *testing.T, _ *Tree, err error) {
				var e *Error
				if !errors.As(err, &e) || !strings.Contains(e.Message, c.want) {
					t.Errorf("%v, want %s", err, c.want)
				}
			})
		})
	}
}

// A small archive of a large file stops at the limit, whatever it claims.
func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", MaxFile+1)
	for _, path := range []string{tarOf(t, true, entry{name: "big.proto", text: zeros}), zipOf(t, entry{name: "big.proto", text: zeros})} {
		if _, err := Archive(t.Context(), path); err == nil || !strings.Contains(err.Error(), `"big.proto" is too large`) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestDamagedArchives(t *testing.T) {
	whole, err := os.ReadFile(tarOf(t, true, entry{name: "a.proto", text: strings.Repeat("x", 5000)}))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		write(t, "empty.tar", nil), write(t, "text.tar", []byte("no archive")), write(t, "text.zip", []byte("no archive")),
		write(t, "cut.tgz", whole[:len(whole)/2]), write(t, "gzip.tgz", []byte("\x1f\x8bno")),
	} {
		var e *Error
		if _, err := Archive(t.Context(), path); !errors.As(err, &e) || !strings.HasPrefix(e.Message, path+": ") {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	if _, err := Archive(t.Context(), "nowhere.zip"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

// FuzzArchive: no archive makes files outside of itself, or a panic.
func FuzzArchive(f *testing.F) {
	for _, seed := range []string{"PK\x05\x06" + strings.Repeat("\x00", 18), "\x1f\x8b\x08", strings.Repeat("\x00", 1024)} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, zipped bool) {
		name := "a.tar"
		if zipped {
			name = "a.zip"
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		tree, err := Archive(t.Context(), path)
		if err != nil {
			return
		}
		for _, file := range tree.Files() {
			if !fs.ValidPath(file.Path) {
				t.Errorf("file %q", file.Path)
			}
		}
	})
}

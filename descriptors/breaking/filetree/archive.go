package filetree

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Bounds of an archive: what lies within, and how much of it is read.
const (
	maxEntries  = 1 << 20
	maxUnpacked = 4 << 30 // of a compressed tar archive, all entries
	maxTexts    = 1 << 30 // of .proto files
)

// IsArchive says whether a file is one that Archive reads, by its name.
func IsArchive(name string) bool {
	for _, suffix := range []string{".tar", ".tar.gz", ".tgz", ".zip"} {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return true
		}
	}
	return false
}

// Archive is the tree in a tar archive, compressed with gzip or not, or in a
// zip archive. Nothing is written; an entry that lies outside of the archive,
// or links there, is an error. Errors are *Error.
func Archive(ctx context.Context, name string) (*Tree, error) {
	a := &archive{ctx: ctx, name: name, links: make(map[string]string)}
	file, err := os.Open(name)
	if err != nil {
		return nil, plain(err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, plain(err)
	case strings.HasSuffix(strings.ToLower(name), ".zip"):
		err = a.readZip(file, info.Size())
	default:
		err = a.readTar(file)
	}
	if err != nil {
		return nil, err
	}
	if err := a.resolveLinks(); err != nil {
		return nil, err
	}
	return New(a.files, func(context.Context, []*File) error { return nil }), nil
}

// archive is one that is being read.
type archive struct {
	ctx     context.Context
	name    string
	files   []*File
	links   map[string]string // path of a link to a .proto file → its target
	entries int
	read    int64 // bytes of files
}

func (a *archive) errorf(format string, args ...any) error {
	return &Error{a.name + ": " + fmt.Sprintf(format, args...), ""}
}

// entry checks one entry; wanted is false where it is passed over.
func (a *archive) entry(name string, directory bool) (clean string, ok bool, err error) {
	if a.entries++; a.entries > maxEntries {
		return "", false, a.errorf("has more than %d entries", maxEntries)
	}
	if a.ctx.Err() != nil {
		return "", false, a.ctx.Err()
	}
	clean = strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
	if clean == "" || clean == "." {
		return "", false, nil
	}
	if !local(clean) {
		return "", false, a.errorf("the entry %q leads out of the archive", name)
	}
	return clean, !directory && wanted(clean), nil
}

// add reads the contents of an entry. The size that the archive claims is not
// relied on.
func (a *archive) add(name string, contents io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(contents, MaxFile+1))
	switch {
	case err != nil:
		return a.errorf("the entry %q cannot be read: %v", name, err)
	case len(text) > MaxFile:
		return a.errorf("the entry %q is too large for a schema: more than %d MiB", name, MaxFile>>20)
	}
	if a.read += int64(len(text)); a.read > maxTexts {
		return a.errorf("the entry %q makes more than %d MiB of .proto files", name, maxTexts>>20)
	}
	if text == nil {
		text = []byte{}
	}
	a.files = append(a.files, &File{Path: name, Text: text})
	return nil
}

// bounded fails when an archive unpacks to more than it may.
type bounded struct {
	from io.Reader
	left int64
}

var errTooMuch = errors.New("it unpacks to more than an archive of schemas may")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (a *archive) readTar(file io.Reader) error {
	in := bufio.NewReaderSize(file, 1<<16)
	var from io.Reader = in
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return a.errorf("is no gzip file: %v", err)
		}
		from = unpacked
	}
	entries := tar.NewReader(&bounded{from, maxUnpacked})
	for last := ""; ; {
		header, err := entries.Next()
		switch {
		case err == io.EOF && a.entries == 0:
			return a.errorf("is an empty archive, or none")
		case err == io.EOF:
			return nil
		case err != nil && last == "":
			return a.errorf("is no tar archive: %v", err)
		case err != nil:
			return a.errorf("is damaged after the entry %q: %v", last, err)
		}
		last = header.Name
		if err := a.tarEntry(header, entries); err != nil {
			return err
		}
	}
}

func (a *archive) tarEntry(header *tar.Header, contents io.Reader) error {
	if header.Typeflag == tar.TypeXGlobalHeader {
		return nil // git writes the commit there
	}
	name, ok, err := a.entry(header.Name, header.Typeflag == tar.TypeDir)
	if err != nil || !ok {
		return err
	}
	switch header.Typeflag {
	case tar.TypeReg:
		return a.add(name, contents)
	case tar.TypeSymlink:
		a.links[name] = path.Join(path.Dir(name), header.Linkname)
		if path.IsAbs(header.Linkname) {
			a.links[name] = header.Linkname
		}
	case tar.TypeLink:
		a.links[name] = strings.TrimPrefix(header.Linkname, "./")
	default:
		return a.errorf("the entry %q is neither a file nor a link", header.Name)
	}
	return nil
}

func (a *archive) readZip(file io.ReaderAt, size int64) error {
	in, err := zip.NewReader(file, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return a.errorf("is no zip archive: %v", err)
	}
	for _, f := range in.File {
		name, ok, err := a.entry(f.Name, f.Mode().IsDir())
		if err != nil {
			return err
		}
		if ok {
			if err := a.zipEntry(name, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *archive) zipEntry(name string, f *zip.File) error {
	contents, err := f.Open()
	if err != nil {
		return a.errorf("the entry %q cannot be read: %v", f.Name, err)
	}
	defer contents.Close()
	if f.Mode()&os.ModeSymlink == 0 {
		return a.add(name, contents)
	}
	target, err := io.ReadAll(io.LimitReader(contents, 4096))
	if err != nil {
		return a.errorf("the link %q cannot be read: %v", f.Name, err)
	}
	if a.links[name] = string(target); !path.IsAbs(a.links[name]) {
		a.links[name] = path.Join(path.Dir(name), a.links[name])
	}
	return nil
}

// resolveLinks gives links to .proto files the contents of what they lead to.
func (a *archive) resolveLinks() error {
	if len(a.links) == 0 {
		return nil
	}
	byPath := make(map[string]*File, len(a.files))
	for _, f := range a.files {
		byPath[f.Path] = f
	}
	for name := range a.links {
		at := name
		for range 40 { // links to links
			target, ok := a.links[at]
			if !ok {
				break
			}
			if !local(target) {
				return a.errorf("the entry %q is a link out of the archive, to %q", name, target)
			}
			at = target
		}
		f := byPath[at]
		if f == nil {
			return a.errorf("the entry %q is a link to %q, which is no .proto file of the archive", name, at)
		}
		a.files = append(a.files, &File{Path: name, Text: f.Text})
	}
	return nil
}

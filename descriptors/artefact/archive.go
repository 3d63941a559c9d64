package artefact

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	// maxUnpacked bounds what all entries of an archive unpack to, in bytes.
	maxUnpacked = 4 << 30
	// maxEntry bounds one entry, which is held in memory, in bytes.
	maxEntry = 512 << 20
	// maxArchives bounds archives within archives.
	maxArchives = 4
)

// archive looks into each entry of a zip file that can hold generated code.
func (l *lifter) archive(r io.ReaderAt, size int64, at place) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return errDamagedZip
	}
	for _, f := range z.File {
		if !mayHold(f.Name) {
			continue
		}
		inner := place{entry: strings.TrimPrefix(at.entry+"!/"+f.Name, "!/"), depth: at.depth + 1}
		err := l.entry(f, inner)
		if errors.Is(err, errUnpacked) {
			return err
		}
		if err != nil {
			l.note(fmt.Sprintf("%s is passed over: it %v", inner.entry, err))
		}
	}
	return nil
}

// mayHold says whether an entry of that name can be, or hold, generated code.
func mayHold(name string) bool {
	switch path.Ext(name) {
	case ".class", ".jar", ".war", ".ear", ".aar", ".zip", ".whl", ".egg", ".apk", ".jmod",
		".py", ".pyc", ".so", ".dll", ".dylib", ".exe", ".pyd", ".jnilib", ".a", ".o", ".obj", ".lib", ".wasm":
		return true
	}
	return strings.Contains(name, ".so.")
}

func (l *lifter) entry(f *zip.File, at place) error {
	if f.UncompressedSize64 > maxEntry {
		return errTooLarge
	}
	r, err := f.Open()
	if err != nil {
		return errDamagedZip
	}
	defer r.Close()
	// The size that the directory claims is not believed.
	data, err := io.ReadAll(io.LimitReader(r, min(maxEntry, l.unpacked)+1))
	if l.unpacked -= int64(len(data)); l.unpacked < 0 {
		return errUnpacked
	}
	if err != nil {
		return errDamagedZip
	}
	kind := Sniff(f.Name, data[:min(len(data), SniffLength)])
	if kind == None || kind == Zip && at.depth >= maxArchives {
		return nil
	}
	return l.lift(kind, bytes.NewReader(data), int64(len(data)), at)
}

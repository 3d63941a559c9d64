package kafka

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/inspect/frame"
)

// TopicFromPath is the topic and partition of a log segment, which stand only
// in the name of its folder: trades-0/00000000000000000000.log is partition 0
// of trades. ok is false for other names. Folders that Kafka is about to
// delete or move (trades-0.<id>-delete, -future, -stray) count too.
func TopicFromPath(path string) (topic string, partition int32, ok bool) {
	path = filepath.ToSlash(path)
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 {
		return "", 0, false
	}
	if _, ok := segmentBase(path[slash+1:]); !ok {
		return "", 0, false
	}
	folder := path[strings.LastIndexByte(path[:slash], '/')+1 : slash]
	for _, suffix := range []string{"-delete", "-future", "-stray"} {
		if rest, found := strings.CutSuffix(folder, suffix); found {
			if dot := strings.LastIndexByte(rest, '.'); dot > 0 && len(rest)-dot-1 == 32 {
				folder = rest[:dot]
			}
		}
	}
	dash := strings.LastIndexByte(folder, '-')
	if dash <= 0 || dash == len(folder)-1 || folder[dash+1] < '0' || folder[dash+1] > '9' {
		return "", 0, false
	}
	n, err := strconv.ParseInt(folder[dash+1:], 10, 32)
	if err != nil {
		return "", 0, false
	}
	return folder[:dash], int32(n), true
}

// segmentBase is the base offset in a segment's name: twenty digits and .log.
func segmentBase(name string) (int64, bool) {
	digits, ok := strings.CutSuffix(name, ".log")
	if !ok || len(digits) != 20 {
		return 0, false
	}
	base, err := strconv.ParseUint(digits, 10, 63)
	return int64(base), err == nil
}

// AgainFile is what Options.Again wants for a segment file: the file itself,
// then the later segments in its folder, in their order, each with gzip or
// zstd taken off. Only a regular file is opened twice: for others it is nil.
func AgainFile(path string) func(part int) (io.ReadCloser, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	var later []string
	return func(part int) (io.ReadCloser, error) {
		if part == 0 {
			return openPlain(path)
		}
		if part == 1 {
			later = laterSegments(path)
		}
		if part > len(later) {
			return nil, nil
		}
		return openPlain(later[part-1])
	}
}

// plainFile is a file read through a decompressor.
type plainFile struct {
	io.Reader
	io.Closer
}

func openPlain(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	plain, _, err := frame.Decompress(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return plainFile{plain, file}, nil
}

// laterSegments are the segment files of a folder behind the one at path.
func laterSegments(path string) []string {
	base, ok := segmentBase(filepath.Base(path))
	if !ok {
		return nil
	}
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder) // sorted by name, which is by offset
	if err != nil {
		return nil
	}
	var later []string
	for _, entry := range entries {
		if other, ok := segmentBase(entry.Name()); ok && other > base {
			later = append(later, filepath.Join(folder, entry.Name()))
		}
	}
	return later
}

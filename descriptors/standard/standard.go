// Package standard holds the descriptors of the files that schemas import
// without shipping them: google/api, google/longrunning, google/rpc and
// google/type. (google/protobuf comes with protobuf-go.) Nothing is unpacked
// before it is asked for.
//
// standard.bin is a protobuf message: field 1, repeated, is a file: 1 its
// path, 2 its package, 3 (repeated) the full names of its top-level
// declarations, 4 its FileDescriptorProto, deflated. NOTICE states where the
// files come from and their licence.
package standard

import (
	"compress/flate"
	_ "embed" // for standard.bin
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

//go:generate go run -C generate . -o ../standard.bin

//go:embed standard.bin
var data string

// file is one entry of the data, still packed.
type file struct {
	path, pkg string
	names     []string
	packed    string
}

// each calls yield for each file until it says false.
func each(yield func(file) bool) {
	fields(data, func(number protowire.Number, value string) bool {
		var f file
		fields(value, func(number protowire.Number, value string) bool {
			switch number {
			case 1:
				f.path = value
			case 2:
				f.pkg = value
			case 3:
				f.names = append(f.names, value)
			case 4:
				f.packed = value
			}
			return true
		})
		return yield(f)
	})
}

// fields calls yield for each field of a message that has only
// length-delimited ones.
func fields(message string, yield func(number protowire.Number, value string) bool) {
	for len(message) > 0 {
		number, size := tag(message)
		message = message[size:]
		length, size := varint(message)
		value := message[size : size+int(length)]
		message = message[size+int(length):]
		if !yield(number, value) {
			return
		}
	}
}

func tag(s string) (protowire.Number, int) {
	v, n := varint(s)
	return protowire.Number(v >> 3), n
}

func varint(s string) (v uint64, n int) {
	for {
		v |= uint64(s[n]&0x7f) << (7 * n)
		n++
		if s[n-1] < 0x80 {
			return v, n
		}
	}
}

// File is the FileDescriptorProto of the file that imports call path, in wire
// form; ok is false if there is none.
func File(path string) (descriptor []byte, ok bool) {
	each(func(f file) bool {
		if f.path != path {
			return true
		}
		unpacked, err := io.ReadAll(flate.NewReader(strings.NewReader(f.packed)))
		descriptor, ok = unpacked, err == nil
		return false
	})
	return descriptor, ok
}

// Has says whether there is a file of that path.
func Has(path string) bool {
	found := false
	each(func(f file) bool {
		found = f.path == path
		return !found
	})
	return found
}

// Declaring is the path of the file that declares a full name, or a name that
// it lies in; "" if none does.
func Declaring(name string) string {
	path := ""
	each(func(f file) bool {
		if !within(name, f.pkg) {
			return true
		}
		for _, declared := range f.names {
			if within(name, declared) {
				path = f.path
			}
		}
		return path == ""
	})
	return path
}

func within(name, scope string) bool {
	return strings.HasPrefix(name, scope) && (len(name) == len(scope) || name[len(scope)] == '.')
}

// Paths are the paths of all files, sorted.
func Paths() []string {
	var paths []string
	each(func(f file) bool {
		paths = append(paths, f.path)
		return true
	})
	return paths
}

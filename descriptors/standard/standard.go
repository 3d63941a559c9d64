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

// The fields of an entry.
const (
	entryPath protowire.Number = iota + 1
	entryPackage
	entryName
	entryDescriptor
)

// each calls yield for each file until it says false; the path is an entry's
// first field.
func each(yield func(path, entry string) bool) {
	fields(data, func(_ protowire.Number, entry string) bool {
		path := ""
		fields(entry, func(_ protowire.Number, value string) bool {
			path = value
			return false
		})
		return yield(path, entry)
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
	each(func(at, entry string) bool {
		if at != path {
			return true
		}
		fields(entry, func(number protowire.Number, value string) bool {
			if number == entryDescriptor {
				unpacked, err := io.ReadAll(flate.NewReader(strings.NewReader(value)))
				descriptor, ok = unpacked, err == nil
			}
			return true
		})
		return false
	})
	return descriptor, ok
}

// Has says whether there is a file of that path.
func Has(path string) bool {
	found := false
	each(func(at, _ string) bool {
		found = at == path
		return !found
	})
	return found
}

// Declaring is the path of the file that declares a full name, or a name that
// it lies in; "" if none does.
func Declaring(name string) string {
	path := ""
	each(func(at, entry string) bool {
		fields(entry, func(number protowire.Number, value string) bool {
			switch number {
			case entryPackage:
				return within(name, value)
			case entryName:
				if within(name, value) {
					path = at
				}
			}
			return path == ""
		})
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
	each(func(path, _ string) bool {
		paths = append(paths, path)
		return true
	})
	return paths
}

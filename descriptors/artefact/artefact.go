// Package artefact lifts descriptors out of what compilers made of generated
// code: programs, libraries and object files, Java classes and archives,
// Python modules. It knows bytes alone: what the descriptors declare, and
// whether they hold together, is for package descriptors.
//
// What the languages embed, and where it stands:
//
//   - Go (protoc-gen-go of google.golang.org/protobuf, all versions, open,
//     hybrid and opaque API alike): each file's descriptor as it is, a string or
//     a byte slice in read-only data. protoc-gen-go before 1.4 and gogo/protobuf
//     to this day: the same, gzip-compressed.
//   - C++: the descriptor as it is, the array descriptor_table_protodef_… . The
//     lite runtime and optimize_for = LITE_RUNTIME embed none.
//   - Java (and Kotlin): string constants of the outer class that are put into
//     an array, one character a byte, in modified UTF-8 (JVMS 4.4.7), a new
//     constant every 400 lines of 40 bytes. javalite embeds none.
//   - Rust: whatever a program includes as bytes; tonic-reflection's descriptor
//     set is found file by file. prost alone embeds none.
//   - Python: a literal, the argument of AddSerializedFile (protoc 3.20 and
//     later) or of serialized_pb. A compiled module (.pyc) has it as it is.
//
// What is embedded is the file without comments and positions and, by recent
// versions of protoc, without options whose retention is the source. Nothing
// can be had from programs that are packed (UPX) or whose literals are encrypted
// (garble -literals, string encryption of Java's obfuscators); stripped
// symbols do no harm, no symbol is read.
package artefact

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// File is one FileDescriptorProto in wire form.
type File struct {
	Raw []byte
	// Where says where in the artefact it was found, for people.
	Where string
}

// Result is what an artefact holds.
type Result struct {
	Kind Kind
	// Files are in the order in which they were found; the same file may be
	// there several times, and differ.
	Files []File
	// Notes are what was passed over, for people: lower case, no full stop.
	Notes []string
}

// Kind is the form of an artefact, in words: "an ELF program or library".
type Kind string

// The forms that are read.
const (
	None      Kind = ""
	ELF       Kind = "an ELF program or library"
	PE        Kind = "a Windows program or library"
	MachO     Kind = "a Mach-O program or library"
	Object    Kind = "an object file or static library"
	Wasm      Kind = "a WebAssembly module"
	Class     Kind = "a Java class"
	Zip       Kind = "a zip archive (.jar, .war, .whl)"
	Python    Kind = "a Python module"
	Bytecode  Kind = "a compiled Python module"
	Directory Kind = "a directory of generated code"
)

// SniffLength is how many bytes of a file Sniff wants to see.
const SniffLength = 4096

// Sniff says what form a file has by its first bytes and its name; None for
// what is no artefact.
func Sniff(name string, head []byte) Kind {
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return ELF
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("JM\x01\x00PK\x03\x04")):
		return Zip
	case bytes.HasPrefix(head, []byte("\x00asm")):
		return Wasm
	case bytes.HasPrefix(head, []byte("!<arch>\n")), bytes.HasPrefix(head, []byte("go object ")):
		return Object
	case bytes.HasPrefix(head, []byte{0xca, 0xfe, 0xba, 0xbe}):
		// A Mach-O file for several processors has their number here, a class
		// its version, which has been 45 or more from the first.
		if len(head) >= 8 && binary.BigEndian.Uint32(head[4:]) < 45 {
			return MachO
		}
		return Class
	case isMachO(head):
		return MachO
	case isPE(head):
		return PE
	case isCOFF(name, head):
		return Object
	case strings.HasSuffix(name, ".pyc") && len(head) > 16 && head[2] == '\r' && head[3] == '\n':
		return Bytecode
	case isPython(name, head):
		return Python
	}
	return None
}

func isMachO(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	switch binary.BigEndian.Uint32(head) {
	case 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabf:
		return true
	}
	return false
}

// isPE follows the header of DOS to that of Windows.
func isPE(head []byte) bool {
	if len(head) < 0x40 || head[0] != 'M' || head[1] != 'Z' {
		return false
	}
	at := int64(binary.LittleEndian.Uint32(head[0x3c:]))
	return at+4 > int64(len(head)) || bytes.HasPrefix(head[at:], []byte("PE\x00\x00"))
}

// isCOFF knows the object files of Windows, which have no magic number: by
// the processor and the name.
func isCOFF(name string, head []byte) bool {
	if len(head) < 20 || !strings.HasSuffix(name, ".obj") && !strings.HasSuffix(name, ".o") {
		return false
	}
	switch binary.LittleEndian.Uint16(head) {
	case 0x8664, 0x014c, 0xaa64, 0x01c4:
		return true
	}
	return false
}

// Lift finds the descriptors in an artefact of that kind, as Sniff gave it.
// Work is linear in the size and memory bounded, whatever the artefact claims;
// one that is built to waste either is an error.
func Lift(kind Kind, r io.ReaderAt, size int64) (*Result, error) {
	l := &lifter{result: &Result{Kind: kind}, unpacked: maxUnpacked}
	err := l.lift(kind, r, size, place{})
	return l.result, err
}

// lifter is one run of Lift.
type lifter struct {
	result *Result
	// unpacked is how many more bytes may be unpacked from archives.
	unpacked int64
}

// place is where something lies: the entry of an archive, or "".
type place struct {
	entry string
	depth int // archives around it
}

// at is the place with more said of it.
func (p place) at(detail string) string {
	switch {
	case p.entry == "":
		return detail
	case detail == "":
		return p.entry
	}
	return p.entry + ", " + detail
}

func (l *lifter) lift(kind Kind, r io.ReaderAt, size int64, at place) error {
	switch kind {
	case Zip:
		return l.archive(r, size, at)
	case Class, Python:
		data, err := readAll(r, size, maxModule)
		if err != nil {
			return err
		}
		if kind == Class {
			return l.class(data, at)
		}
		return l.python(data, at)
	}
	return l.scan(r, size, at)
}

// maxModule bounds a Java class or Python module, in bytes.
const maxModule = 128 << 20

func readAll(r io.ReaderAt, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, errTooLarge
	}
	data := make([]byte, size)
	n, err := r.ReadAt(data, 0)
	if err == io.EOF {
		err = nil
	}
	return data[:n], err
}

func (l *lifter) found(raw []byte, where string) {
	l.result.Files = append(l.result.Files, File{raw, where})
}

func (l *lifter) note(text string) {
	if len(l.result.Notes) < maxNotes {
		l.result.Notes = append(l.result.Notes, text)
	}
}

// maxNotes bounds what is said of one artefact.
const maxNotes = 10

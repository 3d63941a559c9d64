package descriptors

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// maxSetSize bounds a descriptor set, unpacked, in bytes.
const maxSetSize = 512 << 20

// readSet reads a file with a FileDescriptorSet and gives it in wire form,
// whatever form the file has.
func (s *sets) readSet(path string) ([]byte, *Error) {
	data, err := s.disk.readAtMost(path, maxSetSize)
	if err != nil {
		e := unreadable(path, err)
		if strings.HasSuffix(e.Message, "is a directory") {
			e.Message = "is a directory, not a descriptor set"
			e.Hint = "for a directory of .proto files use -I " + path
		}
		return nil, e
	}
	// Twice, for a compressed file that was compressed once more.
	for range 2 {
		unpacked, packed, err := unpack(data)
		if len(unpacked) > maxSetSize {
			return nil, unreadable(path, errTooLarge)
		}
		if err != nil {
			return nil, &Error{Kind: KindFile, File: path, Message: "is compressed and cannot be unpacked: it is damaged or cut off"}
		}
		if !packed {
			break
		}
		data = unpacked
	}
	switch trimmed := bytes.TrimLeft(data, " \t\r\n\xef\xbb\xbf"); {
	case bytes.HasPrefix(trimmed, []byte("{")):
		return fromNames(path, data, readJSON)
	case looksLikeTextFormat(trimmed):
		return fromNames(path, data, readText)
	}
	if looksLikeFile(data) && !looksLikeSet(data) && isFileDescriptor(data) {
		return protowire.AppendBytes(protowire.AppendTag(nil, setFile, protowire.BytesType), data), nil
	}
	return data, nil
}

// unpack undoes gzip or zstd.
func unpack(data []byte) (unpacked []byte, packed bool, err error) {
	var r io.Reader
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		if r, err = gzip.NewReader(bytes.NewReader(data)); err != nil {
			return nil, true, err
		}
	case bytes.HasPrefix(data, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		decoder, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, true, err
		}
		defer decoder.Close()
		r = decoder
	default:
		return data, false, nil
	}
	unpacked, err = io.ReadAll(io.LimitReader(r, maxSetSize+1))
	return unpacked, true, err
}

// isFileDescriptor says whether all of data reads as one FileDescriptorProto.
func isFileDescriptor(data []byte) bool {
	return eachField(data, func(field protowire.Number, value []byte, _ uint64) bool {
		return field <= 14 && (field != fileName || utf8.Valid(value))
	})
}

// fromNames reads a set in JSON or text format. Custom options stand there by
// the names of their extensions, which mostly the set itself declares: it is
// read a second time with those.
func fromNames(path string, data []byte, read func([]byte, *Schema) ([]byte, *span.Problem)) ([]byte, *Error) {
	wire, problem := read(withoutMark(data), newSchema(Sources{}))
	if problem != nil {
		return nil, &Error{Kind: KindFile, File: path, Line: problem.Line, Column: problem.Column,
			Message: "is text that is no FileDescriptorSet: " + printable(problem.Message),
			Hint:    `a set in JSON is one object with the key "file"`}
	}
	s := newSchema(Sources{})
	if s.sets.add(path, wire) != nil {
		return wire, nil
	}
	if whole, problem := read(withoutMark(data), s); problem == nil {
		return whole, nil
	}
	return wire, nil
}

// looksLikeTextFormat says whether text begins like a set in text format:
// with the field "file", or with the comment that names its type.
func looksLikeTextFormat(text []byte) bool {
	rest, ok := bytes.CutPrefix(text, []byte("file"))
	rest = bytes.TrimLeft(rest, " \t:")
	return ok && bytes.HasPrefix(rest, []byte("{")) || bytes.HasPrefix(text, []byte("# proto-message: google.protobuf.FileDescriptorSet"))
}

// setPlan is the type of a set, with the extensions that a schema declares.
func setPlan(s *Schema) *plan.Message {
	return plan.NewSet(s).Message((*descriptorpb.FileDescriptorSet)(nil).ProtoReflect().Descriptor())
}

// readJSON reads a set as decode prints it, what stands under @unknown
// included; keys that are no field are those of other tools.
func readJSON(data []byte, s *Schema) ([]byte, *span.Problem) {
	encoder := transcode.NewEncoder(transcode.EncodeOptions{IgnoreUnknownKeys: true})
	wire, problem := encoder.Append(nil, setPlan(s), data)
	if problem == nil && len(wire) == 0 {
		problem = span.New(span.InvalidJSON, span.Unknown, "it has no files")
	}
	return wire, problem
}

// readText reads a set as decode prints it, fields given by number included,
// or with fields that other tools have added.
func readText(data []byte, s *Schema) ([]byte, *span.Problem) {
	wire, problem := transcode.ParseText(nil, setPlan(s), data, transcode.TextOptions{})
	if problem != nil {
		set := new(descriptorpb.FileDescriptorSet)
		options := prototext.UnmarshalOptions{DiscardUnknown: true, AllowPartial: true, Resolver: extensionTypes{Schema: s}}
		if options.Unmarshal(data, set) != nil {
			return nil, problem
		}
		var err error
		if wire, err = (proto.MarshalOptions{AllowPartial: true, Deterministic: true}).Marshal(set); err != nil {
			return nil, problem
		}
	}
	if len(wire) == 0 {
		return nil, span.New(span.InvalidText, span.Unknown, "it has no files")
	}
	return wire, nil
}

// extensionTypes are the extensions of a schema, for options to be read with.
type extensionTypes struct {
	noTypes
	*Schema
}

func (t extensionTypes) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageType, error) {
	return t.noTypes.FindMessageByName(name)
}

func (t extensionTypes) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionType, error) {
	d, err := t.Schema.FindExtensionByName(name)
	if err != nil {
		return nil, errNotFound
	}
	return dynamicpb.NewExtensionType(d), nil
}

func (t extensionTypes) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	d, err := t.Schema.FindExtensionByNumber(message, number)
	if err != nil {
		return nil, errNotFound
	}
	return dynamicpb.NewExtensionType(d), nil
}

// noTypes resolves nothing: custom options stay bytes that nobody reads.
type noTypes struct{}

func (noTypes) FindMessageByName(protoreflect.FullName) (protoreflect.MessageType, error) {
	return nil, protoregistry.NotFound
}

func (noTypes) FindMessageByURL(string) (protoreflect.MessageType, error) {
	return nil, protoregistry.NotFound
}

func (noTypes) FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

func (noTypes) FindExtensionByNumber(protoreflect.FullName, protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

// notASet says what a file is that is no descriptor set.
func notASet(path string, data []byte) *Error {
	e := &Error{Kind: KindFile, File: path, Message: "is not a descriptor set"}
	switch {
	case len(data) == 0:
		e.Message = "is empty, not a descriptor set"
		e.Hint = "make one with: pbscope schema build -o FILE, or protoc --include_imports -o FILE"
	case looksLikeSource(data):
		e.Message = "is .proto source, not a descriptor set"
		e.Hint = "give it with -p instead of -d"
	case isText(data):
		e.Message = "is text, not a descriptor set"
	case bytes.HasPrefix(data, []byte("\x7fELF")), bytes.HasPrefix(data, []byte("MZ")), bytes.HasPrefix(data, []byte{0xcf, 0xfa, 0xed, 0xfe}):
		e.Message = "is a program, not a descriptor set"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		e.Message = "is a zip archive, not a descriptor set"
	case eachField(data, func(protowire.Number, []byte, uint64) bool { return true }):
		e.Message = "is not a descriptor set; it could be a message of another type"
		e.Hint = "a message to decode is given without a flag: pbscope decode -t TYPE " + path
	}
	return e
}

func looksLikeSource(data []byte) bool {
	if !isText(data) {
		return false
	}
	o := scanSource(data)
	return len(o.decls) > 0 || len(o.imports) > 0 || o.pkg != "" || bytes.Contains(data, []byte("syntax ="))
}

func isText(data []byte) bool {
	head := data[:min(len(data), 4096)]
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' {
			return false
		}
	}
	for i := 0; i < utf8.UTFMax && len(head) < len(data) && !utf8.Valid(head); i++ {
		head = head[:len(head)-1]
	}
	return utf8.Valid(head)
}

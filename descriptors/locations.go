package descriptors

import (
	"bytes"
	"io"
	"slices"
	"strings"

	//lint:ignore SA1019 the compiler of .proto source that this project uses
	"github.com/jhump/protoreflect/desc/protoparse"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Locations are the places and comments of a file that Open compiled without
// Sources.SourceInfo: finding them takes as long as compiling, and keeping them
// more memory than all the rest. Of custom options it knows those that are built
// in, features of languages, since no other file is looked at. It is nil for a file that does not parse or has
// lines of more than 64 KiB, in which the compiler counts columns from the
// start for each of its tokens.
func Locations(name string, text []byte) *descriptorpb.SourceCodeInfo {
	if hasLongLine(text) {
		return nil
	}
	for _, interpret := range []bool{true, false} {
		if info := parseLocations(name, text, interpret); info != nil {
			return info
		}
	}
	return nil
}

func parseLocations(name string, text []byte, interpret bool) (info *descriptorpb.SourceCodeInfo) {
	defer func() {
		if recover() != nil {
			info = nil
		}
	}()
	files, err := protoparse.Parser{
		Accessor:                        func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
		IncludeSourceCodeInfo:           true,
		InterpretOptionsInUnlinkedFiles: interpret,
		AllowExperimentalEditions:       true,
	}.ParseFilesButDoNotLink(name)
	if err != nil || len(files) != 1 {
		return nil
	}
	info = files[0].GetSourceCodeInfo()
	for _, l := range info.GetLocation() {
		if path := optionPath(files[0].ProtoReflect(), l.GetPath()); path != nil {
			l.Path = path
		}
	}
	return info
}

// uninterpretedOption is the number of that field in all messages of options.
const uninterpretedOption = 999

// optionPath is the path that an option has once it is interpreted, for the
// path that it has before; nil for the path of anything else, and for an option
// that is not known.
func optionPath(file protoreflect.Message, path []int32) []int32 {
	if len(path) < 3 || path[len(path)-2] != uninterpretedOption {
		return nil
	}
	option, ok := descend(file, path).Interface().(*descriptorpb.UninterpretedOption)
	if !ok {
		return nil
	}
	const fieldDefault = 7
	at := descend(file, path[:len(path)-2])
	names := option.GetName()
	if len(names) == 1 && names[0].GetNamePart() == "default" && at.Descriptor().Name() == "FieldOptions" {
		return append(slices.Clone(path[:len(path)-3]), fieldDefault)
	}
	full := slices.Clone(path[:len(path)-2])
	in := at.Descriptor()
	for _, name := range names {
		if in == nil {
			return nil
		}
		var field protoreflect.FieldDescriptor
		if name.GetIsExtension() {
			full := protoreflect.FullName(strings.TrimPrefix(name.GetNamePart(), "."))
			d, err := protoregistry.GlobalFiles.FindDescriptorByName(full)
			field, ok = d.(protoreflect.FieldDescriptor)
			if err != nil || !ok || field.ContainingMessage().FullName() != in.FullName() {
				return nil
			}
		} else if field = in.Fields().ByName(protoreflect.Name(name.GetNamePart())); field == nil {
			return nil
		}
		full = append(full, int32(field.Number()))
		in = field.Message()
	}
	return full
}

// descend is the message at a path.
func descend(m protoreflect.Message, path []int32) protoreflect.Message {
	for i := 0; i < len(path); i++ {
		field := m.Descriptor().Fields().ByNumber(protoreflect.FieldNumber(path[i]))
		switch {
		case field == nil || field.Message() == nil:
			return m
		case !field.IsList():
			m = m.Get(field).Message()
		case i+1 < len(path) && int(path[i+1]) < m.Get(field).List().Len():
			i++
			m = m.Get(field).List().Get(int(path[i])).Message()
		default:
			return m
		}
	}
	return m
}

// hasLongLine says whether a line is longer than maxLine.
func hasLongLine(text []byte) bool {
	for len(text) > maxLine {
		end := bytes.IndexByte(text, '\n')
		if end < 0 || end > maxLine {
			return true
		}
		text = text[end+1:]
	}
	return false
}

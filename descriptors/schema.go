// Package descriptors finds schemas and makes descriptors of them: from .proto
// source, from descriptor sets, and from the standard files that every tool
// knows. Nothing is built before it is wanted: only the imports' closure of
// the wanted types is compiled or linked.
//
// It hands out protoreflect descriptors only. It does not read messages (see
// inspect) and prints nothing; package cmd does.
package descriptors

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Sources says where a schema comes from. Of several sources that have a file
// the first wins: .proto files, then descriptor sets, then the standard files
// that are built in (google/protobuf, google/api, google/rpc, google/type).
type Sources struct {
	// ImportPaths are directories that imports are relative to, searched in
	// this order.
	ImportPaths []string
	// Protos are .proto files, relative to an import path or paths on disk.
	// The directory of one that lies under no import path becomes one.
	Protos []string
	// DescriptorSets are paths of files with a FileDescriptorSet: binary or
	// JSON, gzip- or zstd-compressed or not.
	DescriptorSets []string
	// Types are full names of types that are wanted. With ImportPaths alone,
	// the files that declare them are found.
	Types []string
	// SourceInfo keeps positions and comments in descriptors; compiling takes
	// longer.
	SourceInfo bool
	// Note is told what was chosen in silence otherwise (one line, lower case,
	// no full stop); nil drops it.
	Note func(string)
}

// Schema is an open schema. It is safe for concurrent use and implements
// plan.Resolver.
type Schema struct {
	src Sources
}

// Open opens a schema. Errors are *Error or Errors.
func Open(src Sources) (*Schema, error) {
	return &Schema{src: src}, nil
}

// FindMessageByName finds a message in any source; protoregistry.NotFound
// where none declares it.
func (s *Schema) FindMessageByName(name protoreflect.FullName) (protoreflect.MessageDescriptor, error) {
	return nil, protoregistry.NotFound
}

// FindExtensionByName finds an extension field by its full name.
func (s *Schema) FindExtensionByName(name protoreflect.FullName) (protoreflect.ExtensionDescriptor, error) {
	return nil, protoregistry.NotFound
}

// FindExtensionByNumber finds the extension of a message by its number.
func (s *Schema) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionDescriptor, error) {
	return nil, protoregistry.NotFound
}

// FindDescriptorByName finds a declaration of any kind.
func (s *Schema) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	return nil, protoregistry.NotFound
}

// FindFileByPath finds a file by the name that imports use.
func (s *Schema) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	return nil, protoregistry.NotFound
}

// Message is the message type of that full name. For an unknown one the error
// names the nearest.
func (s *Schema) Message(name string) (protoreflect.MessageDescriptor, error) {
	return nil, &Error{Kind: KindUnknownType, Message: "unknown type " + name}
}

// OnlyMessage is the message type of the files that were named, where they
// declare one; the error lists them where they are several.
func (s *Schema) OnlyMessage() (protoreflect.MessageDescriptor, error) {
	return nil, &Error{Kind: KindAmbiguous, Message: "no message type given"}
}

// Files are the files that were named, or all files of the sources where none
// was, in the order in which they were given; without their imports.
func (s *Schema) Files() ([]protoreflect.FileDescriptor, error) {
	return nil, nil
}

// Entry is one declaration of a schema.
type Entry struct {
	Kind EntryKind
	// Name is the full name; of a method, service.Method.
	Name protoreflect.FullName
	// File is the name that imports use, Line counts from 1 and is 0 where it
	// is not known (a descriptor set without source info).
	File string
	Line int
}

// EntryKind is what an Entry declares.
type EntryKind string

// The kinds of declarations.
const (
	MessageEntry   EntryKind = "message"
	EnumEntry      EntryKind = "enum"
	ServiceEntry   EntryKind = "service"
	MethodEntry    EntryKind = "method"
	ExtensionEntry EntryKind = "extension"
)

// Entries are the declarations of Files, in their order.
func (s *Schema) Entries() []Entry {
	return nil
}

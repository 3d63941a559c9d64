package artefact

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
)

// Missing says of an artefact in which no descriptor was found what was looked
// for, and what the language, as far as it can be told, would need. Both texts
// are for people: lower case, no full stop.
func Missing(kind Kind, r io.ReaderAt, size int64) (message, hint string) {
	message = "is " + string(kind) + " without descriptors of generated code in it"
	switch kind {
	case Python:
		return message + ": it has no AddSerializedFile(b'…') and no serialized_pb=…", pythonHint(r, size)
	case Class:
		return message + ": no array of strings in it is one", javaHint(has(r, size, javaLite()...))
	case Zip:
		return message + ": no Java class, _pb2.py or library in it holds one", archiveHint(r, size)
	case Directory:
		return message, "it was searched for .class, .jar, .whl and _pb2.py files; for a directory of .proto files use -I"
	}
	return message + ": nothing in it begins with the name of a .proto file and goes on like a FileDescriptorProto", binaryHint(r, size)
}

func pythonHint(r io.ReaderAt, size int64) string {
	if has(r, size, "import grpc") != "" {
		return "this is the stub for calls; the messages are in the _pb2.py file beside it"
	}
	return "give the file that protoc --python_out makes, NAME_pb2.py"
}

func javaLite() []string {
	return []string{"com/google/protobuf/GeneratedMessageLite", "com.google.protobuf.GeneratedMessageLite"}
}

func javaHint(lite string) string {
	if lite != "" {
		return "it is made for protobuf's lite runtime (javalite), which keeps no descriptors: the .proto files are needed"
	}
	return "descriptors are in the outer class, one for each .proto file (NameProto, or NameOuterClass): give that class or the whole .jar"
}

// archiveHint reads the names in an archive.
func archiveHint(r io.ReaderAt, size int64) string {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return ""
	}
	lite := ""
	for _, f := range z.File {
		switch {
		case path.Ext(f.Name) == ".proto":
			return "it has .proto files: unpack it and give its directory with -I"
		case f.Name == "classes.dex":
			return "programs for Android hold Dalvik code, which is not read, and mostly protobuf's lite runtime, which keeps no descriptors"
		case strings.HasPrefix(f.Name, "com/google/protobuf/GeneratedMessageLite"):
			lite = f.Name
		}
	}
	if lite != "" {
		return javaHint(lite)
	}
	return "generated code of protobuf's lite runtime has none; the .proto files are needed then"
}

// binaryHint goes by the marks that compilers and packers leave.
func binaryHint(r io.ReaderAt, size int64) string {
	marks := []struct{ text, hint string }{
		{"UPX!", "it is packed with UPX: unpack a copy first (upx -d)"},
		{"\xff Go buildinf:", "a Go program has them when it links packages made by protoc-gen-go or gogo, not for vtprotobuf or hand-written codecs alone, and not when garble -literals has encrypted them"},
		{"mscorlib", ".NET keeps descriptors as base64 text, which is not read; give the .proto files, or a set with -d"},
		{"System.Private.CoreLib", ".NET keeps descriptors as base64 text, which is not read; give the .proto files, or a set with -d"},
		{"google8protobuf11MessageLite", "it links protobuf for C++; code that is made for the lite runtime (optimize_for = LITE_RUNTIME) has no descriptors, and a shared library of messages has its own: try that"},
		{"com.oracle.svm", "a native image of GraalVM keeps no constants of its classes: give the .jar that it was made of"},
		{"rustc", "a Rust program has them only when it embeds a descriptor set, as tonic-reflection and rust-protobuf do; prost alone embeds none"},
	}
	texts := make([]string, len(marks))
	for i, m := range marks {
		texts[i] = m.text
	}
	found := has(r, size, texts...)
	for _, m := range marks {
		if m.text == found {
			return m.hint
		}
	}
	return "generated code for C++ (not lite), Go and Rust (with reflection) holds them, unless it is packed or encrypted; libraries of messages may be files of their own"
}

// has is the first of the texts, in their order, that stands somewhere in a
// file; "" if none does.
func has(r io.ReaderAt, size int64, texts ...string) string {
	const longest = 64
	block := make([]byte, min(blockSize+longest, size))
	best := len(texts)
	for start := int64(0); start < size && best > 0; start += blockSize {
		n, err := r.ReadAt(block[:min(int64(len(block)), size-start)], start)
		if err != nil && err != io.EOF {
			break
		}
		for i, text := range texts[:best] {
			if bytes.Contains(block[:n], []byte(text)) {
				best = i
				break
			}
		}
	}
	if best == len(texts) {
		return ""
	}
	return texts[best]
}

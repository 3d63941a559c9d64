package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// treeFiles is how many files the generated tree has: as many as googleapis,
// in as many directories and of about the same size.
const treeFiles = 7000

// treeType is declared by a file in the middle of it.
const treeType, treeTypeFile = "acme.service100.v1.Message0", "acme/service100/v1/file0.proto"

// schemaFile is file i of the tree. A service has ten files; they import each
// other and a few that all services share.
func schemaFile(r *rand.Rand, i int) *descriptorpb.FileDescriptorProto {
	service := i / 10
	name := func(i int) string { return fmt.Sprintf("acme/service%d/v1/file%d.proto", i/10, i%10) }
	message := func(i, j int) string { return fmt.Sprintf("Message%d", i%10*10+j) }
	full := func(i, j int) string { return fmt.Sprintf(".acme.service%d.v1.%s", i/10, message(i, j)) }
	f := &descriptorpb.FileDescriptorProto{
		Name: proto.String(name(i)), Package: proto.String(fmt.Sprintf("acme.service%d.v1", service)), Syntax: proto.String("proto3"),
		Dependency: []string{"google/protobuf/timestamp.proto"},
	}
	refs := []string{".google.protobuf.Timestamp"}
	for k, other := range []int{i - 1, 3, 11, 25} {
		// The one before of the same service, and what many share.
		if other >= i || other < 0 || k == 0 && i%10 == 0 || contains(f.Dependency, name(other)) {
			continue
		}
		f.Dependency = append(f.Dependency, name(other))
		refs = append(refs, full(other, k))
	}
	g := &descriptorMaker{r: r}
	used := 0
	for j := range 10 {
		m := &descriptorpb.DescriptorProto{Name: proto.String(message(i, j))}
		refs := append(refs[:len(refs):len(refs)], full(i, j))
		for number := range 8 + r.IntN(12) {
			f := &descriptorpb.FieldDescriptorProto{Name: proto.String(fmt.Sprintf("%s_%s_%d", g.word(), g.word(), number)),
				Number: proto.Int32(int32(number + 1)), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
			f.JsonName = proto.String(jsonName(f.GetName()))
			if r.IntN(5) == 0 {
				f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
			}
			if used < len(refs) || r.IntN(4) == 0 {
				f.TypeName, f.Type = proto.String(refs[used%len(refs)]), descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
				used++
			} else {
				f.Type = []descriptorpb.FieldDescriptorProto_Type{9, 9, 9, 5, 3, 8, 1, 13, 4, 12}[r.IntN(10)].Enum()
			}
			m.Field = append(m.Field, f)
		}
		f.MessageType = append(f.MessageType, m)
	}
	return f
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func jsonName(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = title(w)
	}
	return strings.Join(words, "")
}

// eachSchemaFile calls yield with all files of the tree.
func eachSchemaFile(yield func(*descriptorpb.FileDescriptorProto) error) error {
	r := rand.New(rand.NewPCG(5, 7))
	for i := range treeFiles {
		if err := yield(schemaFile(r, i)); err != nil {
			return err
		}
	}
	return nil
}

// writeTree writes the tree as .proto source, with a comment to each field.
func writeTree(dir string) error {
	return eachSchemaFile(func(f *descriptorpb.FileDescriptorProto) error {
		path := filepath.Join(dir, f.GetName())
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		return create(path, func(w *bufio.Writer) error {
			fmt.Fprintf(w, "syntax = \"proto3\";\n\npackage %s;\n\n", f.GetPackage())
			for _, d := range f.Dependency {
				fmt.Fprintf(w, "import %q;\n", d)
			}
			for _, m := range f.MessageType {
				fmt.Fprintf(w, "\n// %s is what one request of the service is about.\nmessage %s {\n", m.GetName(), m.GetName())
				for _, f := range m.Field {
					label, kind := "", strings.ToLower(strings.TrimPrefix(f.GetType().String(), "TYPE_"))
					if f.GetLabel() == descriptorpb.FieldDescriptorProto_LABEL_REPEATED {
						label = "repeated "
					}
					if f.TypeName != nil {
						kind = f.GetTypeName()
					}
					fmt.Fprintf(w, "  // Optional. The %s of it.\n  %s%s %s = %d;\n", f.GetName(), label, kind, f.GetName(), f.GetNumber())
				}
				fmt.Fprintln(w, "}")
			}
			return nil
		})
	})
}

// treeSetSize is how large the set of the tree is, in bytes; the files that
// do not fit are left out.
const treeSetSize = 20_000_000

// writeTreeSet writes the tree as one FileDescriptorSet.
func writeTreeSet(path string) error {
	return create(path, func(w *bufio.Writer) error {
		timestamp := &descriptorpb.FileDescriptorProto{
			Name: proto.String("google/protobuf/timestamp.proto"), Package: proto.String("google.protobuf"), Syntax: proto.String("proto3"),
			MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Timestamp"), Field: []*descriptorpb.FieldDescriptorProto{
				{Name: proto.String("seconds"), Number: proto.Int32(1), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), Type: descriptorpb.FieldDescriptorProto_TYPE_INT64.Enum(), JsonName: proto.String("seconds")},
				{Name: proto.String("nanos"), Number: proto.Int32(2), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), Type: descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum(), JsonName: proto.String("nanos")},
			}}},
		}
		size := 0
		write := func(f *descriptorpb.FileDescriptorProto) error {
			if size > treeSetSize {
				return nil
			}
			one, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{f}})
			if size += len(one); err == nil {
				_, err = w.Write(one)
			}
			return err
		}
		if err := write(timestamp); err != nil {
			return err
		}
		return eachSchemaFile(write)
	})
}

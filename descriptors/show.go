package descriptors

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors/source"
)

// Show is a declaration, or a whole file, as .proto source. Comments are in it
// where the schema has source info.
func (s *Schema) Show(d protoreflect.Descriptor) string {
	return source.Print(d, s)
}

// Place is where a declaration stands: file:line, or the file alone without
// source info.
func Place(d protoreflect.Descriptor) string {
	path := d.ParentFile().Path()
	if location := d.ParentFile().SourceLocations().ByDescriptor(d); len(location.Path) > 0 {
		return fmt.Sprintf("%s:%d", path, location.StartLine+1)
	}
	return path
}

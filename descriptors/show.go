package descriptors

import (
	"fmt"
	"strings"

	"github.com/jhump/protoreflect/desc"
	"github.com/jhump/protoreflect/desc/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Show is a declaration, or a whole file, as .proto source. Comments are in it
// where the schema has source info.
func Show(d protoreflect.Descriptor) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			text, err = "", fmt.Errorf("%s cannot be shown: %v", d.FullName(), p)
		}
	}()
	wrapped, err := desc.WrapDescriptor(d)
	if err != nil {
		return "", err
	}
	printer := protoprint.Printer{Compact: true, ForceFullyQualifiedNames: false}
	text, err = printer.PrintProtoToString(wrapped)
	if err != nil {
		return "", fmt.Errorf("%s cannot be shown: %w", d.FullName(), err)
	}
	return strings.TrimRight(text, "\n") + "\n", nil
}

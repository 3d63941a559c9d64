// Command generate writes standard.bin: the descriptors of the published
// google/api, google/longrunning, google/rpc and google/type files, taken from
// the Go packages that are generated from them. It is a module of its own, so
// that pbscope itself does not depend on those packages.
package main

import (
	"bytes"
	"compress/flate"
	"flag"
	"log"
	"os"
	"sort"
	"strings"

	_ "cloud.google.com/go/longrunning/autogen/longrunningpb"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/configchange"
	_ "google.golang.org/genproto/googleapis/api/distribution"
	_ "google.golang.org/genproto/googleapis/api/error_reason"
	_ "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
	_ "google.golang.org/genproto/googleapis/api/expr/v1beta1"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/api/label"
	_ "google.golang.org/genproto/googleapis/api/metric"
	_ "google.golang.org/genproto/googleapis/api/monitoredres"
	_ "google.golang.org/genproto/googleapis/api/serviceconfig"
	_ "google.golang.org/genproto/googleapis/api/visibility"
	_ "google.golang.org/genproto/googleapis/rpc/code"
	_ "google.golang.org/genproto/googleapis/rpc/context"
	_ "google.golang.org/genproto/googleapis/rpc/context/attribute_context"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/http"
	_ "google.golang.org/genproto/googleapis/rpc/status"
	_ "google.golang.org/genproto/googleapis/type/calendarperiod"
	_ "google.golang.org/genproto/googleapis/type/color"
	_ "google.golang.org/genproto/googleapis/type/date"
	_ "google.golang.org/genproto/googleapis/type/date_range"
	_ "google.golang.org/genproto/googleapis/type/date_time_range"
	_ "google.golang.org/genproto/googleapis/type/datetime"
	_ "google.golang.org/genproto/googleapis/type/dayofweek"
	_ "google.golang.org/genproto/googleapis/type/decimal"
	_ "google.golang.org/genproto/googleapis/type/expr"
	_ "google.golang.org/genproto/googleapis/type/fraction"
	_ "google.golang.org/genproto/googleapis/type/interval"
	_ "google.golang.org/genproto/googleapis/type/latlng"
	_ "google.golang.org/genproto/googleapis/type/localized_text"
	_ "google.golang.org/genproto/googleapis/type/money"
	_ "google.golang.org/genproto/googleapis/type/month"
	_ "google.golang.org/genproto/googleapis/type/phone_number"
	_ "google.golang.org/genproto/googleapis/type/postaladdress"
	_ "google.golang.org/genproto/googleapis/type/quaternion"
	_ "google.golang.org/genproto/googleapis/type/timeofday"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	output := flag.String("o", "standard.bin", "file to write")
	flag.Parse()
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		// protobuf-go links google/protobuf itself.
		if !strings.HasPrefix(f.Path(), "google/protobuf/") {
			files = append(files, f)
		}
		return true
	})
	sort.Slice(files, func(i, j int) bool { return files[i].Path() < files[j].Path() })
	var all []byte
	for _, f := range files {
		all = protowire.AppendTag(all, 1, protowire.BytesType)
		all = protowire.AppendBytes(all, entry(f))
	}
	if err := os.WriteFile(*output, all, 0o666); err != nil {
		log.Fatal(err)
	}
}

// entry is one file of standard.bin; package standard states the format.
func entry(f protoreflect.FileDescriptor) []byte {
	b := appendString(nil, 1, f.Path())
	b = appendString(b, 2, string(f.Package()))
	for _, name := range declared(f) {
		b = appendString(b, 3, string(name))
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(protodesc.ToFileDescriptorProto(f))
	if err != nil {
		log.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	return appendString(b, 4, packed.String())
}

// declared are the full names of the file's top-level declarations.
func declared(f protoreflect.FileDescriptor) []protoreflect.FullName {
	var names []protoreflect.FullName
	for i := range f.Messages().Len() {
		names = append(names, f.Messages().Get(i).FullName())
	}
	for i := range f.Enums().Len() {
		names = append(names, f.Enums().Get(i).FullName())
	}
	for i := range f.Services().Len() {
		names = append(names, f.Services().Get(i).FullName())
	}
	for i := range f.Extensions().Len() {
		names = append(names, f.Extensions().Get(i).FullName())
	}
	return names
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendString(b, s)
}

package descriptors

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// write makes files below a new directory and returns it.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustOpen(t testing.TB, src Sources) *Schema {
	t.Helper()
	s, err := openTwice(t, src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// failure opens sources that cannot be opened.
func failure(t testing.TB, src Sources) Errors {
	t.Helper()
	_, err := Open(src)
	if err == nil {
		t.Fatal("opened")
	}
	errs := flatten(err)
	for _, e := range errs {
		var one *Error
		if !errors.As(error(e), &one) || strings.HasSuffix(e.Message, ".") || strings.HasSuffix(e.Hint, ".") || e.Kind == "" {
			t.Errorf("style of %q, hint %q, kind %q", e.Message, e.Hint, e.Kind)
		}
	}
	return errs
}

const orders = `syntax = "proto3";
package shop.v1;
import "shop/v1/money.proto";
import "google/protobuf/timestamp.proto";
import "google/rpc/status.proto";
import "google/type/date.proto";
import "google/api/annotations.proto";

message Order {
  string id = 1;
  Money total = 2;
  google.protobuf.Timestamp at = 3;
  google.rpc.Status status = 4;
  google.type.Date day = 5;
  message Line { string sku = 1; map<string, Money> prices = 2; }
  repeated Line lines = 6;
  oneof how { string card = 7; bool cash = 8; }
}

service Orders {
  rpc Get(Order) returns (Order) { option (google.api.http) = { get: "/v1/{id=orders/*}" }; }
}
`

const money = `syntax = "proto3"; package shop.v1; message Money { string currency = 1; int64 units = 2; }`

func shop(t testing.TB) string {
	return write(t, map[string]string{"shop/v1/order.proto": orders, "shop/v1/money.proto": money})
}

func TestSourcesFindTheType(t *testing.T) {
	dir := shop(t)
	for name, src := range map[string]Sources{
		"root and type":         {ImportPaths: []string{dir}, Types: []string{"shop.v1.Order"}},
		"root and relative":     {ImportPaths: []string{dir}, Protos: []string{"shop/v1/order.proto"}},
		"root and path on disk": {ImportPaths: []string{dir}, Protos: []string{filepath.Join(dir, "shop/v1/order.proto")}},
		"path on disk alone":    {Protos: []string{filepath.Join(dir, "shop/v1/order.proto")}},
		"leading dot":           {ImportPaths: []string{dir}, Types: []string{".shop.v1.Order"}},
	} {
		t.Run(name, func(t *testing.T) {
			var notes []string
			src.Note = func(text string) { notes = append(notes, text) }
			m, err := mustOpen(t, src).Message("shop.v1.Order")
			if err != nil {
				t.Fatal(err)
			}
			if m.FullName() != "shop.v1.Order" || m.ParentFile().Path() != "shop/v1/order.proto" {
				t.Errorf("%s in %s", m.FullName(), m.ParentFile().Path())
			}
			if got := m.Fields().ByName("total").Message(); got.FullName() != "shop.v1.Money" || got.Fields().Len() != 2 {
				t.Errorf("total is %s with %d fields", got.FullName(), got.Fields().Len())
			}
			if got := m.Fields().ByName("status").Message().Fields().Len(); got != 3 {
				t.Errorf("google.rpc.Status has %d fields", got)
			}
			guessed := len(src.ImportPaths) == 0
			if guessed != (len(notes) == 1) {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

func TestOnlyWantedFilesAreCompiled(t *testing.T) {
	dir := shop(t)
	broken := filepath.Join(dir, "shop/v1/broken.proto")
	if err := os.WriteFile(broken, []byte(`syntax = "proto3"; package shop.v1; message Broken { Nothing x = 1; }`), 0o666); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, Sources{ImportPaths: []string{dir}, Types: []string{"shop.v1.Money"}})
	if len(s.files) != 1 {
		t.Errorf("%d files are linked", len(s.files))
	}
	if _, err := s.FindMessageByName("shop.v1.Order"); err != nil {
		t.Errorf("a file beside the wanted one: %v", err)
	}
	if _, err := s.FindMessageByName("shop.v1.Broken"); err == nil {
		t.Error("the broken file compiled")
	}
	if _, err := s.FindMessageByName("shop.v1.Nothing"); !errors.Is(err, errNotFound) {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestUnknownTypeNamesTheNearest(t *testing.T) {
	dir := shop(t)
	for _, src := range []Sources{{ImportPaths: []string{dir}}, {ImportPaths: []string{dir}, Protos: []string{"shop/v1/order.proto"}}} {
		_, err := mustOpen(t, src).Message("shop.v1.Ordr")
		errs := flatten(err)
		if len(errs) != 1 || errs[0].Kind != KindUnknownType || len(errs[0].Names) == 0 || errs[0].Names[0] != "shop.v1.Order" {
			t.Errorf("%v", err)
		}
	}
	src := Sources{ImportPaths: []string{dir}, Types: []string{"shop.v1.Ordr", "shop.v1.Mony"}}
	if errs := failure(t, src); len(errs) != 2 || !strings.Contains(errs[1].Hint, "shop.v1.Money") {
		t.Errorf("%v", errs)
	}
	if errs := failure(t, Sources{Types: []string{"a.B"}}); !strings.Contains(errs[0].Hint, "-p FILE") {
		t.Errorf("%v", errs)
	}
	_, err := mustOpen(t, Sources{ImportPaths: []string{dir}}).Message("shop.v1.Orders")
	if err == nil || !strings.Contains(err.Error(), "a service") {
		t.Errorf("%v", err)
	}
}

func TestOnlyMessage(t *testing.T) {
	dir := shop(t)
	m, err := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"shop/v1/order.proto"}}).OnlyMessage()
	if err != nil || m.FullName() != "shop.v1.Order" {
		t.Fatal(m, err)
	}
	_, err = mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"shop/v1/order.proto", "shop/v1/money.proto"}}).OnlyMessage()
	if errs := flatten(err); len(errs) != 1 || strings.Join(errs[0].Names, " ") != "shop.v1.Order shop.v1.Money" {
		t.Errorf("%v", err)
	}
	_, err = mustOpen(t, Sources{ImportPaths: []string{dir}}).OnlyMessage()
	if e, ok := err.(*Error); !ok || !strings.Contains(e.Hint, "with -t: ") || !strings.Contains(e.Hint, "shop.v1.Order") {
		t.Errorf("no file named: %v", err)
	}
}

func TestTwoFilesDeclareTheType(t *testing.T) {
	dir := write(t, map[string]string{
		"a.proto": `syntax = "proto3"; package p; message M { int32 a = 1; }`,
		"b.proto": `syntax = "proto3"; package p; message M { int32 b = 1; }`,
	})
	errs := failure(t, Sources{ImportPaths: []string{dir}, Types: []string{"p.M"}})
	if errs[0].Kind != KindAmbiguous || !strings.Contains(errs[0].Message, "a.proto") || !strings.Contains(errs[0].Message, "b.proto") {
		t.Errorf("%v", errs)
	}
}

func TestBuiltinTypes(t *testing.T) {
	for _, name := range []string{
		"google.protobuf.Timestamp", "google.protobuf.FileDescriptorSet", "google.protobuf.compiler.CodeGeneratorRequest",
		"google.rpc.Status", "google.rpc.BadRequest.FieldViolation", "google.type.Money", "google.api.HttpRule",
		"google.longrunning.Operation",
	} {
		m, err := mustOpen(t, Sources{Types: []string{name}}).Message(name)
		if err != nil || string(m.FullName()) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := mustOpen(t, Sources{})
	for _, path := range []string{
		"google/protobuf/any.proto", "google/protobuf/descriptor.proto", "google/protobuf/compiler/plugin.proto",
		"google/protobuf/go_features.proto", "google/protobuf/cpp_features.proto", "google/protobuf/java_features.proto",
	} {
		if _, err := s.FindFileByPath(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	x, err := s.FindExtensionByName("google.api.http")
	if err != nil || x.Number() != 72295728 {
		t.Errorf("google.api.http: %v %v", x, err)
	}
}

func TestFileOnDiskWinsOverBuiltin(t *testing.T) {
	dir := write(t, map[string]string{
		"google/protobuf/timestamp.proto": `syntax = "proto3"; package google.protobuf; message Timestamp { int64 mine = 77; }`,
		"google/rpc/status.proto":         `syntax = "proto3"; package google.rpc; message Status { int64 mine = 77; }`,
		"m.proto": `syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/rpc/status.proto";
			message M { google.protobuf.Timestamp t = 1; google.rpc.Status s = 2; }`,
	})
	m, err := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"m.proto"}}).Message("M")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []protoreflect.Name{"t", "s"} {
		if f := m.Fields().ByName(name).Message().Fields().ByName("mine"); f == nil {
			t.Errorf("%s is the built-in one", name)
		}
	}
}

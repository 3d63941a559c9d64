package descriptors

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestEditionRules holds that what protoc refuses in files of editions is
// refused here, and nothing else: symbol visibility, naming style, what
// edition 2024 took away, features in wrong places.
func TestEditionRules(t *testing.T) {
	a, err := txtar.ParseFile("testdata/editions.txtar")
	if err != nil {
		t.Fatal(err)
	}
	protoc := strings.Fields(os.Getenv("PBSCOPE_PROTOC"))
	t.Chdir(unpacked(t, a))
	for _, f := range a.Files {
		want, _, isCase := strings.Cut(f.Name, "/")
		if !isCase {
			continue
		}
		_, err := Open(Sources{ImportPaths: []string{"."}, Protos: []string{f.Name}})
		if (err == nil) != (want == "ok") {
			t.Errorf("%s:\n%s%v", f.Name, f.Data, err)
		}
		if len(protoc) > 0 {
			err := exec.Command(protoc[0], append(protoc[1:], "-I.", "-o"+os.DevNull, filepath.FromSlash(f.Name))...).Run()
			if (err == nil) != (want == "ok") {
				t.Errorf("%s: protoc: %v", f.Name, err)
			}
		}
	}
}

package bufyaml

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// configurations are files that buf and this package must both take, or both
// refuse. a, b, x and proto are directories.
func configurations() []string {
	var all []string
	for _, v := range []string{"v1beta1", "v1", "v2"} {
		for _, lint := range []string{"enum_zero_value_suffix: _X", "rpc_allow_same_request_response: true", "rpc_allow_google_protobuf_empty_requests: true",
			"rpc_allow_google_protobuf_empty_responses: true", "service_suffix: X", "allow_comment_ignores: true", "disallow_comment_ignores: true",
			"disable_builtin: true", "ignore: [a]", "ignore_only: {X: [a]}", "use: []", "except: []", "bogus: 1"} {
			all = append(all, "version: "+v+"\nlint: {"+lint+"}\n")
		}
		for _, breaking := range []string{"disable_builtin: true", "use: null", "ignore_only: null", "ignore: ", `ignore: [""]`, "use: [1]", "use: [[a]]", "use: FILE",
			`ignore_unstable_packages: "true"`, "ignore_unstable_packages: yes", "ignore_only: {X: a}", "ignore: [../a]", "ignore: [/a]", "ignore: [a, a]", "ignore: [a,]",
			`use: ["", A, A]`, "ignore_only: {X: }", "ignore_only: {X: []}", "ignore: [a, a/b]", "ignore_only: {X: [a, a/b]}", "ignore: [.]", "bogus: 1"} {
			all = append(all, "version: "+v+"\nbreaking: {"+breaking+"}\n")
		}
		for _, name := range []string{"buf.build/acme/x", "acme/x", `""`, "1"} {
			all = append(all, "version: "+v+"\nname: "+name+"\n")
		}
		for _, deps := range []string{"[buf.build/a/b:main, buf.build/a/c]", "[foo]", "foo", "[buf.build/x/y, buf.build/x/y]"} {
			all = append(all, "version: "+v+"\ndeps: "+deps+"\n")
		}
		for _, build := range []string{"roots: [a]", "roots: [a, b]", "roots: []", "roots: [a, a/b]", "roots: [., a]", "excludes: [a]", "excludes: [a, a/b]", "excludes: [../x]", "excludes: [.]", "excludes: [a.proto]"} {
			all = append(all, "version: "+v+"\nbuild: {"+build+"}\n")
		}
	}
	for _, build := range []string{"roots: [a], excludes: [a]", "roots: [a], excludes: [b]", "roots: [a, b], excludes: [b/x]"} {
		all = append(all, "version: v1beta1\nbuild: {"+build+"}\n")
	}
	for _, v2 := range []string{
		"plugins: [{plugin: buf-plugin-x, options: {a: 1}, digest: x}]", "plugins: [{plugin: x}]", "policies: [{policy: x, ignore: [a]}]", "policies: [{policy: x, foo: 1}]",
		"modules: [{path: x, foo: 1}]", "modules: {path: x}", "modules: [x]", "modules: [{}]", `modules: [{path: ""}]`, "modules: [null]", "modules: []",
		"modules: [{path: a, name: buf.build/a/b},{path: b, name: buf.build/a/b}]", "modules: [{path: a, name: buf.build/a/b}]\nname: buf.build/a/c",
		"modules: [{path: x, includes: [x/a], excludes: [x/a]}]", "modules: [{path: x, includes: [x]}]", "modules: [{path: x, includes: [x/a.proto]}]", "modules: [{path: x, excludes: [x/a.proto]}]",
		"modules: [{path: x, includes: [x/a], excludes: [x/b]}]", "modules: [{path: x, includes: [x/a, x/a/b]}]", "modules: [{path: x, excludes: [y/z]}]", "modules: [{path: x, excludes: [x]}]",
		"modules: [{path: x, includes: [x/a], excludes: [x/a/b]},{path: x, includes: [x/b]}]", "modules: [{path: ../x}]", "modules: [{path: /x}]", "modules: [{path: ./a/../x/}]",
		"modules: [{path: x, breaking: {ignore: [y/z]}}]", "modules: [{path: x, breaking: {ignore: [x/z]}}]", "modules: [{path: x}, {path: a}]\nbreaking: {ignore: [q, x]}",
		"modules: [{path: x, name: foo}]", "foo: 1\nbar: 2\nName: q",
	} {
		all = append(all, "version: v2\n"+v2+"\n")
	}
	return append(all, "", "{}", "a", "- a\n", "version: 1\n", `version: "v1"`, "version: v3\n", "{version: v1, breaking: {use: [FILE]}}", `{"version": "v1"}`,
		"version: v1\nname: x\nversion: v1\n", "version: v1 # c\nbreaking:\n  use:\n  - FILE\n", "version: v1\nbreaking: &b\n  use: [FILE]\nlint: *b\n")
}

// TestAgreesWithBuf compares with the real program: which files are refused,
// and which modules there are. A start of it takes a third of a second: all
// files are compared where PBSCOPE_PEERS is set.
func TestAgreesWithBuf(t *testing.T) {
	buf, err := exec.LookPath("buf")
	if err != nil {
		t.Skip("buf is not installed")
	}
	if testing.Short() {
		t.Skip("runs a program for each of many files")
	}
	dir := t.TempDir()
	for _, sub := range []string{"a/b", "b/x", "x/a/b", "x/b", "proto"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	every := 15
	if os.Getenv("PBSCOPE_PEERS") != "" {
		every = 1
	}
	for i, text := range configurations() {
		if i%every != 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		want, refused := modulesOf(t, buf, dir)
		w, err := Find(dir)
		if (err != nil) != refused {
			t.Errorf("%q: buf refuses it: %t; here: %v", text, refused, err)
			continue
		}
		var got []string
		if err == nil {
			for _, m := range w.Modules {
				got = append(got, m.Path+" "+m.Name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: modules %q, buf has %q", text, got, want)
		}
	}
}

func modulesOf(t *testing.T, buf, dir string) (modules []string, refused bool) {
	t.Helper()
	command := exec.Command(buf, "config", "ls-modules", "--format", "json")
	command.Dir = dir
	out, err := command.Output()
	if err != nil {
		return nil, true
	}
	for line := range strings.Lines(string(out)) {
		var m struct{ Path, Name string }
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		modules = append(modules, m.Path+" "+m.Name)
	}
	slices.Sort(modules)
	return modules, false
}

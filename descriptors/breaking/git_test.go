package breaking

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pbscope/pbscope/descriptors"
)

// repo is a git repository in a temporary directory.
type repo struct {
	t         *testing.T
	directory string
}

func newRepo(t *testing.T) *repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &repo{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	c := exec.Command("git", args...)
	c.Dir = r.directory
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := c.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.directory, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) commit(name, text string) {
	r.t.Helper()
	r.write(name, text)
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "x")
}

// against compares the working tree below sub with a ref.
func (r *repo) against(ref, sub string, noMergeBase bool) (*Report, error) {
	r.t.Helper()
	name := filepath.Join(r.directory, sub)
	n, err := LoadNew(context.Background(), Input{Name: name})
	if err != nil {
		return nil, err
	}
	o, err := LoadOld(context.Background(), Input{Name: ref, Beside: name, NoMergeBase: noMergeBase})
	if err != nil {
		return nil, err
	}
	return Compare(o, n, Options{}), nil
}

func rulesOf(r *Report) string {
	var ids []string
	for _, f := range r.Findings {
		ids = append(ids, f.Rule)
	}
	return strings.Join(ids, " ")
}

func TestGitRefs(t *testing.T) {
	r := newRepo(t)
	r.commit("proto/a/a.proto", edition+`import "common/c.proto"; message M { int32 id = 1; p.common.C c = 2; }`)
	r.commit("proto/common/c.proto", "edition = \"2023\"; package p.common; message C { string x = 1; }")
	r.git("tag", "-a", "v1", "-m", "first")
	r.git("checkout", "-q", "-b", "topic")
	r.commit("proto/a/a.proto", edition+`import "common/c.proto"; message M { string id = 1; p.common.C c = 2; }`)
	r.git("checkout", "-q", "main")
	r.commit("proto/common/c.proto", "edition = \"2023\"; package p.common; message C { string x = 1; string later = 2; }")
	r.git("checkout", "-q", "topic")
	for _, c := range []struct {
		ref, sub    string
		noMergeBase bool
		want        string
	}{
		{"main", "", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"main", "proto", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"main", "proto/a", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"main", "proto/common", false, ""},
		{"main", "proto", true, "FIELD_TYPE_INCOMPATIBLE FIELD_DELETED_NOT_RESERVED"},
		{"v1", "proto", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"v1:proto", "proto", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"HEAD", "proto", false, ""},
		{"HEAD~1", "proto", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"main:proto/a/a.proto", "proto/a/a.proto", false, "FIELD_TYPE_INCOMPATIBLE"},
		{"main", "proto/a/a.proto", false, "FIELD_TYPE_INCOMPATIBLE"},
	} {
		t.Run(c.ref+" "+c.sub, func(t *testing.T) {
			report, err := r.against(c.ref, c.sub, c.noMergeBase)
			if err != nil {
				t.Fatal(err)
			}
			if got := rulesOf(report); got != c.want {
				t.Errorf("got %q, want %q\n%s", got, c.want, report.AppendText(nil, TextOptions{}))
			}
		})
	}
	t.Run("repository by name", func(t *testing.T) {
		report, err := r.against(filepath.Join(r.directory, ".git")+"#branch=main,subdir=proto", "proto", false)
		if err != nil || rulesOf(report) != "FIELD_TYPE_INCOMPATIBLE FIELD_DELETED_NOT_RESERVED" {
			t.Errorf("%v %v", report, err)
		}
	})
}

func TestGitErrors(t *testing.T) {
	r := newRepo(t)
	r.commit("a.proto", edition+"message M { }")
	r.git("checkout", "-q", "--orphan", "alone")
	r.commit("a.proto", edition+"message M { int32 a = 1; }")
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "a.proto"), []byte(edition), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ ref, beside, want string }{
		{"nowhere", r.directory, "no such git ref"},
		{"HEAD:sub", r.directory, "no .proto file in"},
		{"main", r.directory, "no common history"},
		{"--upload-pack=x", r.directory, "no git ref can be called"},
		{"main", outside, "in no git repository"},
		{"gone.binpb", r.directory, "no such file or directory"},
		{"./gone", r.directory, "no such file or directory"},
		{r.directory + "/.git#colour=red", r.directory, "unknown part"},
	} {
		_, err := LoadOld(context.Background(), Input{Name: c.ref, Beside: c.beside})
		var side *SideError
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &side) || side.Side != OldSide {
			t.Errorf("%s: %v, want %s", c.ref, err, c.want)
		}
	}
	t.Setenv("PATH", "")
	if _, err := LoadOld(context.Background(), Input{Name: "main", Beside: r.directory}); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Errorf("without git: %v", err)
	}
}

func TestGitSchemaThatDoesNotCompile(t *testing.T) {
	r := newRepo(t)
	r.commit("proto/a.proto", edition+"message M {\n  strng a = 1;\n}\n")
	r.commit("proto/a.proto", edition+"message M {\n  string a = 1;\n}\n")
	_, err := LoadOld(context.Background(), Input{Name: "HEAD~1", Beside: filepath.Join(r.directory, "proto")})
	var side *SideError
	var source *descriptors.Error
	if !errors.As(err, &side) || side.Side != OldSide || !errors.As(err, &source) {
		t.Fatalf("%v", err)
	}
	if source.File != "HEAD~1:proto/a.proto" || source.Line != 4 {
		t.Errorf("%s", source)
	}
}

func TestShallowClone(t *testing.T) {
	r := newRepo(t)
	for _, text := range []string{"message M { }", "message M { int32 a = 1; }", "message M { int32 a = 1; int32 b = 2; }"} {
		r.commit("a.proto", edition+text)
	}
	r.git("checkout", "-q", "-b", "topic", "HEAD~1")
	r.commit("b.proto", edition+"message N { }")
	clone := &repo{t, t.TempDir()}
	clone.git("clone", "-q", "--depth", "1", "--no-single-branch", "file://"+r.directory, ".")
	_, err := LoadOld(context.Background(), Input{Name: "origin/main", Beside: clone.directory})
	var problem *Problem
	if !errors.As(err, &problem) || !strings.Contains(problem.Message, "shallow") || !strings.Contains(problem.Hint, "--unshallow") {
		t.Errorf("%v", err)
	}
	if _, err := LoadOld(context.Background(), Input{Name: "origin/main", Beside: clone.directory, NoMergeBase: true}); err != nil {
		t.Error(err)
	}
	_, err = LoadOld(context.Background(), Input{Name: "main", Beside: clone.directory})
	if !errors.As(err, &problem) || !strings.Contains(problem.Hint, "origin/main") {
		t.Errorf("%v", err)
	}
}

// TestInterruptedGit: whoever interrupts a slow git gets the prompt back at
// once.
func TestInterruptedGit(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the slow git is a shell script")
	}
	r := newRepo(t)
	r.commit("a.proto", `syntax = "proto3"; message M { string a = 1; }`)
	r.write("a.proto", `syntax = "proto3"; message M { string a = 1; string b = 2; }`)
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	started := filepath.Join(bin, "started")
	script := "#!/bin/sh\nif [ \"$1\" = cat-file ]; then touch '" + started + "'; exec sleep 60; fi\nexec '" + git + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(started); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, _, err = Load(ctx, Input{Name: "main", Beside: r.directory}, Input{Name: r.directory}); err != context.Canceled {
		t.Errorf("error %v, want that of the context", err)
	}
}

// TestLoadBothSides: of two sides that cannot be read the new one is told of,
// and an error of it does not wait for the old one.
func TestLoadBothSides(t *testing.T) {
	bad := side(t, map[string]string{"p.proto": `syntax = "proto3"; message M { strng a = 1; }`})
	good := side(t, map[string]string{"p.proto": `syntax = "proto3"; message M { string a = 1; }`})
	for _, c := range []struct {
		old, new string
		want     Side
	}{{bad, bad, NewSide}, {good, bad, NewSide}, {bad, good, OldSide}, {good, good, ""}} {
		_, _, err := Load(t.Context(), Input{Name: c.old}, Input{Name: c.new})
		var failed *SideError
		if errors.As(err, &failed); failed == nil && c.want != "" || failed != nil && failed.Side != c.want {
			t.Errorf("error %v, want one of the side %q", err, c.want)
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// historyVariable names a bare repository and two commits of it,
// "DIR.git OLD NEW", in place of the generated one.
const historyVariable = "PBSCOPE_HISTORY"

// breakingRows are the rows of breaking, whole process. All changes are
// additions, so that nobody finds anything; only a real history does.
// Those of thousands of files, for which buf takes half a minute each time,
// are of the full table.
func breakingRows(pbscope, dir string, full bool, runs int) []row {
	h := &history{pbscope: pbscope, dir: dir, buf: have("buf")}
	if full {
		return []row{
			{name: "breaking: thousands of files, 3 of them changed", runs: min(runs, 3), prepare: h.few},
			{name: "breaking: thousands of files, half of them changed", runs: min(runs, 3), prepare: h.many},
		}
	}
	return []row{{name: "breaking: 20 files, 3 of them changed", runs: runs, prepare: h.small}}
}

type history struct {
	pbscope, dir, buf string
}

func (h *history) small(r *row) error {
	before, repo := filepath.Join(h.dir, "small.before"), filepath.Join(h.dir, "small")
	for i := range 20 {
		var b strings.Builder
		fmt.Fprintf(&b, "syntax = \"proto3\";\npackage small;\n")
		for j := range 8 {
			fmt.Fprintf(&b, "message M%dX%d {\n", i, j)
			for number := 1; number < 12; number++ {
				fmt.Fprintf(&b, "  // What it is.\n  string field_%d = %d;\n", number, number)
			}
			b.WriteString("}\n")
		}
		for _, root := range []string{before, repo} {
			if err := os.MkdirAll(root, 0o777); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("f%d.proto", i)), []byte(b.String()), 0o666); err != nil {
				return err
			}
		}
	}
	if err := commit(repo, 0); err != nil {
		return err
	}
	if err := commit(repo, 7); err != nil {
		return err
	}
	h.compare(r, repo, "HEAD~1", "<= 50 ms")
	r.add(h.pbscope, command{name: "pbscope, two directories", args: []string{"breaking", "--against", before, repo}, goal: "<= 20 ms"})
	r.add(h.buf, command{name: "buf, two directories", args: []string{"breaking", repo, "--against", before}})
	return nil
}

// compare adds the commands that compare a working tree with a commit.
func (h *history) compare(r *row, repo, ref, goal string) {
	git := filepath.Join(repo, ".git") + "#ref=" + ref
	r.add(h.pbscope, command{name: "pbscope, git and directory", args: []string{"breaking", "--against", git, repo}, goal: goal})
	r.add(h.pbscope, command{name: "pbscope, two commits", args: []string{"breaking", "--against", git, filepath.Join(repo, ".git") + "#ref=HEAD"}, goal: goal})
	r.add(h.buf, command{name: "buf breaking", args: []string{"breaking", repo, "--against", git}})
}

// large is the repository of the generated tree: a commit that changes 3 files
// and then one that changes every other one.
func (h *history) large() (string, error) {
	repo := filepath.Join(h.dir, "history")
	if _, err := os.Stat(repo); err == nil {
		return repo, nil
	}
	if err := writeTree(repo); err != nil {
		return "", err
	}
	return repo, commit(repo, 0)
}

func (h *history) few(r *row) error {
	repo, err := h.large()
	if err == nil {
		err = commit(repo, treeFiles/3+1)
	}
	if err == nil {
		h.compare(r, repo, "HEAD~1", "<= 500 ms")
	}
	return err
}

func (h *history) many(r *row) error {
	if words := strings.Fields(os.Getenv(historyVariable)); len(words) == 3 {
		git := words[0] + "#ref="
		r.add(h.pbscope, command{name: "pbscope, two commits", args: []string{"breaking", "--fail-on", "break", "--use", "ANY_TYPE_DELETED", "--against", git + words[1], git + words[2]}, goal: "<= 15 s"})
		r.add(h.buf, command{name: "buf breaking", args: []string{"breaking", git + words[2], "--against", git + words[1],
			"--config", `{"version":"v2","breaking":{"use":["MESSAGE_SAME_REQUIRED_FIELDS"]}}`}})
		return nil
	}
	repo, err := h.large()
	if err == nil {
		err = commit(repo, 2)
	}
	if err == nil {
		h.compare(r, repo, "HEAD~1", "<= 15 s")
	}
	return err
}

// commit adds a field to a message of every file whose turn it is, of none for
// 0, and commits the tree.
func commit(repo string, every int) error {
	turn := 0
	err := filepath.WalkDir(repo, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".proto") {
			return err
		}
		if turn++; every == 0 || turn%every != 0 {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		head := bytes.Index(text, []byte("\nmessage "))
		open := head + bytes.IndexByte(text[max(head, 0):], '{') + 1
		added := fmt.Sprintf("\n  int32 added_for_every_%d = %d;\n", every, 1000+every)
		return os.WriteFile(path, append(text[:open:open], append([]byte(added), text[open:]...)...), 0o666)
	})
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all"},
		{"-c", "user.name=measure", "-c", "user.email=measure@example.com", "-c", "gc.auto=0", "commit", "--quiet", "--message=a change"},
	} {
		c := exec.Command("git", args...)
		c.Dir = repo
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, out)
		}
	}
	return nil
}

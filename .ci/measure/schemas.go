package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The environment variables that name a real tree of .proto files, and a type
// in it, in place of the generated ones.
const (
	treeVariable     = "PBSCOPE_TREE"
	treeTypeVariable = "PBSCOPE_TREE_TYPE"
)

// schemaRows are the rows of large schemas, whole process: the first time, as
// --no-cache has it, and every time after.
func schemaRows(pbscope, dir string, runs int) []row {
	s := &schemas{pbscope: pbscope, dir: dir, protoc: have("protoc"), buf: have("buf")}
	return []row{
		{name: "decode with a type out of a set of 20 MB", runs: runs, prepare: s.set},
		{name: "decode with a type under an import path of thousands of files", runs: runs, prepare: s.tree},
		{name: "list all types of thousands of files", runs: min(runs, 5), prepare: s.list},
	}
}

type schemas struct{ pbscope, dir, protoc, buf string }

func (s *schemas) set(r *row) error {
	set, empty := filepath.Join(s.dir, "tree.binpb"), filepath.Join(s.dir, "empty")
	if err := writeTreeSet(set); err != nil {
		return err
	}
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		return err
	}
	decode := []string{"decode", "--from", "raw", "-d", set, "-t", treeType, empty}
	r.add(s.pbscope, command{name: "pbscope decode, cached", args: decode, goal: "<= 10 ms"})
	r.add(s.pbscope, command{name: "pbscope decode, first time", args: with(decode, "--no-cache"), goal: "<= 30 ms"})
	r.add(s.protoc, command{name: "protoc --decode", args: []string{"--descriptor_set_in=" + set, "--decode=" + treeType, treeTypeFile}, input: empty})
	r.add(s.buf, command{name: "buf convert", args: []string{"convert", set, "--type", treeType, "--from", empty + "#format=binpb", "--to", "-#format=json"}})
	return warm(r)
}

// root is the tree of .proto files and a type in it.
func (s *schemas) root() (dir, typ string, err error) {
	if dir := os.Getenv(treeVariable); dir != "" {
		typ := os.Getenv(treeTypeVariable)
		if typ == "" {
			typ = "google.pubsub.v1.PubsubMessage"
		}
		return dir, typ, nil
	}
	dir = filepath.Join(s.dir, "tree")
	if _, err := os.Stat(dir); err == nil {
		return dir, treeType, nil
	}
	return dir, treeType, writeTree(dir)
}

func (s *schemas) tree(r *row) error {
	root, typ, err := s.root()
	if err != nil {
		return err
	}
	empty := filepath.Join(s.dir, "empty")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		return err
	}
	decode := []string{"decode", "--from", "raw", "-I", root, "-t", typ, empty}
	r.add(s.pbscope, command{name: "pbscope decode, cached", args: decode, goal: "<= 10 ms"})
	r.add(s.pbscope, command{name: "pbscope decode, first time", args: with(decode, "--no-cache"), goal: "<= 150 ms"})
	if typ == treeType {
		r.add(s.protoc, command{name: "protoc --decode, told the file", args: []string{"-I", root, "--decode=" + typ, treeTypeFile}, input: empty})
	}
	return warm(r)
}

func (s *schemas) list(r *row) error {
	root, _, err := s.root()
	if err != nil {
		return err
	}
	names := filepath.Join(s.dir, "names")
	if err := writeNames(root, names); err != nil {
		return err
	}
	list := []string{"schema", "list", "-I", root}
	r.add(s.pbscope, command{name: "pbscope schema list, cached", args: list, goal: "<= 200 ms"})
	r.add(s.pbscope, command{name: "pbscope schema list, first", args: with(list, "--no-cache"), goal: "<= protoc"})
	r.add(s.protoc, command{name: "protoc -o /dev/null", args: []string{"-I", root, "-o", "/dev/null", "@" + names}})
	return warm(r)
}

// writeNames writes the names of all .proto files below a root, for protoc.
func writeNames(root, to string) error {
	var names []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".proto") {
			var name string
			if name, err = filepath.Rel(root, path); err == nil {
				names = append(names, filepath.ToSlash(name))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return os.WriteFile(to, []byte(strings.Join(names, "\n")+"\n"), 0o666)
}

// warm runs the first command until the cache has what it needs: a file that
// was just written is compared with its hash once more when it is older.
func warm(r *row) error {
	if _, err := once(r.commands[0]); err != nil {
		return err
	}
	time.Sleep(2500 * time.Millisecond)
	_, err := once(r.commands[0])
	return err
}

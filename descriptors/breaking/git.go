package breaking

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pbscope/pbscope/descriptors/breaking/filetree"
)

// repository runs the git binary in a directory.
type repository struct {
	ctx       context.Context
	directory string
}

// git is the output of a git command without the last line's end.
func (r *repository) git(args ...string) (string, error) {
	c := exec.CommandContext(r.ctx, "git", args...)
	c.Dir = r.directory
	c.Env = environment()
	var out, problems bytes.Buffer
	c.Stdout, c.Stderr = &out, &problems
	err := c.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", &Problem{"git is not installed, and " + strings.Join(args, " ") + " needs it", "compare with a directory or a descriptor set"}
	case err != nil:
		r.awaitInterrupt(c.ProcessState)
		text, _, _ := strings.Cut(strings.TrimSpace(problems.String()), "\n")
		return "", &gitError{args[0], strings.TrimPrefix(text, "fatal: "), err}
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// environment keeps git from asking, from writing, and from other languages.
func environment() []string {
	return append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
}

// awaitInterrupt: a terminal interrupts git together with this process, which
// may hear of it a moment later.
func (r *repository) awaitInterrupt(ended *os.ProcessState) {
	const signalled = -1
	if ended == nil || ended.ExitCode() != signalled {
		return
	}
	select {
	case <-r.ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

// gitError is a git command that failed.
type gitError struct {
	command, text string
	err           error
}

func (e *gitError) Error() string {
	if e.text == "" {
		return "git " + e.command + " failed: " + e.err.Error()
	}
	return "git " + e.command + ": " + e.text
}

// reference is what an old side from git says.
type reference struct {
	repository string // "" is that of the new side
	ref        string
	path       string // in the repository; meaningful with hasPath
	hasPath    bool
}

func parseReference(name string) (reference, error) {
	repository, options, ok := strings.Cut(name, "#")
	if !ok || !strings.HasSuffix(repository, ".git") {
		ref, subdir, hasPath := strings.Cut(name, ":")
		return reference{ref: ref, path: subdir, hasPath: hasPath}, nil
	}
	r := reference{repository: repository, ref: "HEAD", hasPath: true}
	for _, option := range strings.Split(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "branch", "tag", "ref", "commit":
			r.ref = value
		case "subdir":
			r.path = value
		default:
			return r, &Problem{"unknown part " + option + " of " + name, "branch=, tag=, ref=, commit= and subdir= are known"}
		}
	}
	return r, nil
}

// gitSide is the side that a git ref stands for, or part of a commit.
func gitSide(ctx context.Context, in Input, other *treeSide) (*treeSide, error) {
	ref, err := parseReference(in.Name)
	if err != nil {
		return nil, err
	}
	repo, inside, err := findRepository(ctx, in, ref, other)
	if err != nil {
		return nil, err
	}
	if !ref.hasPath {
		ref.path = inside
	}
	ref.path = strings.Trim(path.Clean("/"+filepath.ToSlash(ref.path)), "/")
	commit, err := repo.resolve(in, ref, other)
	if err != nil {
		return nil, err
	}
	files, err := repo.list(commit, in.note)
	if err != nil {
		return nil, err
	}
	s := &treeSide{
		in: in, tree: filetree.New(files, repo.load), dir: ref.path, commit: commit, repo: repo,
		shown: func(file string) string { return ref.ref + ":" + file },
	}
	if s.tree.Lookup(ref.path) != nil {
		s.only, s.dir = ref.path, parentOf(ref.path)
	}
	if len(s.compared()) == 0 {
		if submodule := repo.submoduleOf(commit, ref.path); submodule != "" {
			return nil, &Problem{ref.path + " lies in the submodule " + submodule + " of " + ref.ref + ", whose files are in another repository",
				"name that: --against " + submodule + "/.git#ref=$(git rev-parse " + ref.ref + ":" + submodule + ")"}
		}
		return nil, &Problem{fmt.Sprintf("%s has no .proto file in %q", ref.ref, ref.path), "--against " + ref.ref + ":PATH names another path"}
	}
	s.importPaths = repo.importPaths(in.ImportPaths)
	return s, nil
}

// findRepository is the repository of the new side, and the path of the new
// side in it.
func findRepository(ctx context.Context, in Input, ref reference, other *treeSide) (*repository, string, error) {
	repo := &repository{ctx: ctx, directory: in.Beside}
	if ref.repository == "" && other != nil && other.repo != nil {
		inside := other.only
		if inside == "" {
			inside = other.dir
		}
		return other.repo, inside, nil
	}
	if ref.repository != "" {
		repo.directory = ref.repository
		if base := strings.TrimSuffix(ref.repository, ".git"); filepath.Base(ref.repository) == ".git" || !isDirectory(ref.repository) {
			repo.directory = base
		}
		if repo.directory == "" {
			repo.directory = "."
		}
		_, err := repo.git("rev-parse", "--git-dir")
		return repo, "", notARepository(err, in.Name, ref.repository)
	}
	file := ""
	if repo.directory == "" {
		repo.directory = "."
	}
	if !isDirectory(repo.directory) {
		repo.directory, file = filepath.Split(repo.directory)
		if repo.directory == "" {
			repo.directory = "."
		}
	}
	if !strings.HasSuffix(file, ".proto") {
		file = ""
	}
	prefix, err := repo.git("rev-parse", "--show-prefix")
	return repo, path.Join(prefix, file), notARepository(err, in.Name, repo.directory)
}

func notARepository(err error, name, directory string) error {
	var failed *gitError
	if !errors.As(err, &failed) {
		return err
	}
	switch {
	case strings.Contains(failed.text, "dubious ownership"):
		return &Problem{"git refuses the repository in " + directory + ": " + failed.text, "git config --global --add safe.directory DIR allows it"}
	case strings.Contains(failed.text, "not a git repository"):
		return &Problem{name + ": no such file or directory, and " + directory + " is in no git repository whose ref it could be", ""}
	}
	return failed
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// resolve is the commit to compare with: the ref's, or where its history and
// HEAD's parted.
func (r *repository) resolve(in Input, ref reference, other *treeSide) (string, error) {
	if strings.HasPrefix(ref.ref, "-") {
		return "", &Problem{"no git ref can be called " + ref.ref, ""}
	}
	commit, err := r.git("rev-parse", "--verify", "--quiet", "--end-of-options", ref.ref+"^{commit}")
	if err != nil {
		var failed *gitError
		if !errors.As(err, &failed) {
			return "", err
		}
		return "", r.unknownRef(ref.ref)
	}
	if in.NoMergeBase || ref.repository != "" || in.itself {
		return commit, nil
	}
	head, called := "HEAD", "HEAD"
	if other != nil && other.commit != "" {
		head, called = other.commit, other.in.Name
	}
	base, err := r.git("merge-base", head, commit)
	if err == nil {
		if base != commit {
			in.note("comparing with " + short(base) + ", where " + called + " and " + ref.ref + " parted (--no-merge-base takes " + ref.ref + " itself)")
		}
		return base, nil
	}
	if _, headless := r.git("rev-parse", "--verify", "--quiet", head); headless != nil {
		return commit, nil
	}
	hint := "--no-merge-base compares with " + ref.ref + " itself"
	if r.shallow() {
		return "", &Problem{"this clone is shallow and does not reach back to where " + called + " and " + ref.ref + " parted", "`git fetch --unshallow` gets the history; " + hint}
	}
	return "", &Problem{called + " and " + ref.ref + " have no common history", hint}
}

func short(commit string) string { return commit[:min(len(commit), 12)] }

func (r *repository) shallow() bool {
	out, err := r.git("rev-parse", "--is-shallow-repository")
	return err == nil && out == "true"
}

func (r *repository) unknownRef(ref string) error {
	p := &Problem{Message: ref + ": no such file or directory, and no such git ref"}
	remotes, _ := r.git("remote")
	remote, _, _ := strings.Cut(remotes, "\n")
	if _, err := r.git("rev-parse", "--verify", "--quiet", "--end-of-options", "refs/remotes/"+remote+"/"+ref); remote != "" && err == nil {
		p.Hint = "--against " + remote + "/" + ref + " is the remote's branch"
		return p
	}
	branch, tracked := strings.CutPrefix(ref, remote+"/")
	switch {
	case remote != "" && tracked:
		p.Hint = "`git fetch " + remote + " +refs/heads/" + branch + ":refs/remotes/" + ref + "` gets it; a clone of CI often has one branch only, and often needs --depth 1000 for the history too"
	case remote != "":
		p.Hint = "`git fetch " + remote + " " + ref + "` gets it, then --against FETCH_HEAD; a clone of CI often has one branch only"
	default:
		p.Hint = "`git branch -a` and `git tag` list what there is"
	}
	return p
}

// list is the .proto files of a commit, all of them, since imports can lead out
// of the part that is compared, and the buf.yaml files beside them.
func (r *repository) list(commit string, note func(string)) ([]*filetree.File, error) {
	out, err := r.git("ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var files []*filetree.File
	var links []*filetree.File
	for entry := range strings.SplitSeq(out, "\x00") {
		info, name, _ := strings.Cut(entry, "\t")
		mode, rest, _ := strings.Cut(info, " ")
		kind, id, _ := strings.Cut(rest, " ")
		wanted := filetree.IsProto(name) || filetree.IsModuleFile(name)
		switch {
		case mode == "160000" && r.compared(name):
			note("the submodule " + name + " is not read from git; give it with -I if imports need it")
		case kind != "blob" || !wanted:
		case mode == "120000":
			links = append(links, &filetree.File{Path: name, ID: id})
		default:
			files = append(files, &filetree.File{Path: name, ID: id})
		}
	}
	return append(files, r.linked(links, files)...), nil
}

// linked are the symbolic links among the files of a commit that lead to
// others of them.
func (r *repository) linked(links, files []*filetree.File) []*filetree.File {
	if len(links) == 0 || r.load(r.ctx, links) != nil {
		return nil
	}
	ids := make(map[string]string, len(files))
	for _, f := range files {
		ids[f.Path] = f.ID
	}
	var found []*filetree.File
	for _, l := range links {
		if id, ok := ids[path.Join(path.Dir(l.Path), string(l.Text))]; ok {
			found = append(found, &filetree.File{Path: l.Path, ID: id})
		}
	}
	return found
}

// submoduleOf is the submodule of a commit that a path lies in, "" for none.
func (r *repository) submoduleOf(commit, inside string) string {
	for at := inside; at != "" && at != "."; at = path.Dir(at) {
		if out, err := r.git("ls-tree", "--full-tree", commit, "--", at); err == nil && strings.HasPrefix(out, "160000 ") {
			return at
		}
	}
	return ""
}

// compared says whether a submodule is worth a word: it is not when nothing
// is checked out there either.
func (r *repository) compared(name string) bool {
	top, err := r.git("rev-parse", "--show-toplevel")
	if err != nil {
		return true
	}
	tree, err := filetree.Directory(filepath.Join(top, filepath.FromSlash(name)))
	return err == nil && len(tree.Protos("")) > 0
}

// load runs one git cat-file for the blobs of all files.
func (r *repository) load(ctx context.Context, files []*filetree.File) error {
	c := exec.CommandContext(ctx, "git", "cat-file", "--batch", "--buffer")
	c.Dir, c.Env = r.directory, environment()
	var names bytes.Buffer
	for _, f := range files {
		names.WriteString(f.ID + "\n")
	}
	c.Stdin = &names
	stdout, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	in := bufio.NewReaderSize(stdout, 1<<16)
	for _, f := range files {
		if err = readBlob(in, f); err != nil {
			break
		}
	}
	_, _ = io.Copy(io.Discard, in)
	if waited := c.Wait(); waited != nil {
		r.awaitInterrupt(c.ProcessState)
		var problem *Problem
		if !errors.As(err, &problem) {
			err = &gitError{"cat-file", "", waited}
		}
	}
	return err
}

func readBlob(in *bufio.Reader, f *filetree.File) error {
	head, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return &Problem{"git has no contents of " + f.Path + " (" + strings.TrimSpace(head) + ")",
			"`git fetch --refetch` gets all contents of a partial clone; `git fsck` tells of a damaged one"}
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return err
	}
	if size > filetree.MaxFile {
		return &Problem{f.Path + ": is too large for a schema", ""}
	}
	f.Text = make([]byte, size)
	if _, err := io.ReadFull(in, f.Text); err != nil {
		return err
	}
	_, err = in.Discard(1)
	return err
}

// importPaths are directories as paths in the commit's tree, those outside of
// the repository as they are.
func (r *repository) importPaths(paths []string) (all []importPath) {
	if len(paths) == 0 {
		return nil
	}
	top, err := r.git("rev-parse", "--show-toplevel")
	for _, p := range paths {
		abs, absErr := filepath.Abs(p)
		if err == nil && absErr == nil {
			if real, err := filepath.EvalSymlinks(abs); err == nil {
				abs = real
			}
			if rel, err := filepath.Rel(filepath.FromSlash(top), abs); err == nil && filepath.IsLocal(rel) {
				all = append(all, importPath{inTree: true, path: strings.TrimPrefix(path.Clean("/"+filepath.ToSlash(rel)), "/")})
				continue
			}
		}
		all = append(all, importPath{path: p})
	}
	return all
}

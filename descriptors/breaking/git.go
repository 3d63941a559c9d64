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

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/bufyaml"
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
	c.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
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

func loadGit(ctx context.Context, in Input) (*Schema, error) {
	ref, err := parseReference(in.Name)
	if err != nil {
		return nil, err
	}
	repo, inside, err := findRepository(ctx, in, ref)
	if err != nil {
		return nil, err
	}
	if !ref.hasPath {
		ref.path = inside
	}
	ref.path = strings.Trim(path.Clean("/"+filepath.ToSlash(ref.path)), "/")
	commit, err := repo.resolve(in, ref)
	if err != nil {
		return nil, err
	}
	directory, err := os.MkdirTemp("", "pbscope-git-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	if err := repo.extract(commit, directory, in.note); err != nil {
		return nil, err
	}
	return promptly(ctx, func() (*Schema, error) { return repo.loadExtracted(in, ref, directory) })
}

// findRepository is the repository of the new side, and the path of the new
// side in it.
func findRepository(ctx context.Context, in Input, ref reference) (*repository, string, error) {
	repo := &repository{ctx: ctx, directory: in.Beside}
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
func (r *repository) resolve(in Input, ref reference) (string, error) {
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
	if in.NoMergeBase || ref.repository != "" {
		return commit, nil
	}
	base, err := r.git("merge-base", "HEAD", commit)
	if err == nil {
		if base != commit {
			in.note("comparing with " + short(base) + ", where HEAD and " + ref.ref + " parted (--no-merge-base takes " + ref.ref + " itself)")
		}
		return base, nil
	}
	if _, headless := r.git("rev-parse", "--verify", "--quiet", "HEAD"); headless != nil {
		return commit, nil
	}
	hint := "--no-merge-base compares with " + ref.ref + " itself"
	if r.shallow() {
		return "", &Problem{"this clone is shallow and does not reach back to where HEAD and " + ref.ref + " parted", "`git fetch --unshallow` gets the history; " + hint}
	}
	return "", &Problem{"HEAD and " + ref.ref + " have no common history", hint}
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

// blob is a file of a commit.
type blob struct{ id, path string }

func isModuleFile(name string) bool {
	return path.Base(name) == bufyaml.FileName || path.Base(name) == bufyaml.WorkspaceFileName
}

// extract writes all .proto files of a commit below a directory, since imports
// can lead out of the part that is compared, and the buf.yaml files beside
// them.
func (r *repository) extract(commit, directory string, note func(string)) error {
	out, err := r.git("ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return err
	}
	var blobs []blob
	for _, entry := range strings.Split(out, "\x00") {
		info, name, _ := strings.Cut(entry, "\t")
		fields := strings.Fields(info)
		switch {
		case len(fields) < 3:
		case fields[0] == "160000" && r.compared(name):
			note("the submodule " + name + " is not read from git; give it with -I if imports need it")
		case fields[0] != "120000" && fields[1] == "blob" && (strings.HasSuffix(name, ".proto") || isModuleFile(name)):
			blobs = append(blobs, blob{fields[2], name})
		}
	}
	return r.write(blobs, directory)
}

// compared says whether a submodule is worth a word: it is not when nothing
// is checked out there either.
func (r *repository) compared(name string) bool {
	top, err := r.git("rev-parse", "--show-toplevel")
	if err != nil {
		return true
	}
	files, err := protoFiles(filepath.Join(top, filepath.FromSlash(name)))
	return err == nil && len(files) > 0
}

// write runs one git cat-file for all blobs.
func (r *repository) write(blobs []blob, directory string) error {
	c := exec.CommandContext(r.ctx, "git", "cat-file", "--batch")
	c.Dir = r.directory
	var names bytes.Buffer
	for _, b := range blobs {
		names.WriteString(b.id + "\n")
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
	for _, b := range blobs {
		if err = copyBlob(in, b, directory); err != nil {
			break
		}
	}
	io.Copy(io.Discard, in)
	if waited := c.Wait(); waited != nil {
		r.awaitInterrupt(c.ProcessState)
		if err == nil {
			err = &gitError{"cat-file", "", waited}
		}
	}
	return err
}

func copyBlob(in *bufio.Reader, b blob, directory string) error {
	head, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return &Problem{"git has no contents of " + b.path + " (" + strings.TrimSpace(head) + ")", "a partial clone gets them with `git fetch --refetch`"}
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return err
	}
	to := filepath.Join(directory, filepath.FromSlash(path.Clean("/"+b.path)))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.CopyN(file, in, size)
	if err == nil {
		_, err = in.Discard(1)
	}
	return errors.Join(err, file.Close())
}

// loadExtracted loads the compared part out of an extracted commit.
func (r *repository) loadExtracted(in Input, ref reference, directory string) (*Schema, error) {
	shown := func(file string) string {
		rel, err := filepath.Rel(directory, file)
		if err != nil || strings.HasPrefix(rel, "..") {
			return file
		}
		return ref.ref + ":" + filepath.ToSlash(rel)
	}
	sub := filepath.Join(directory, filepath.FromSlash(ref.path))
	info, err := os.Stat(sub)
	if err != nil {
		return nil, &Problem{fmt.Sprintf("%s has no .proto file in %q", ref.ref, ref.path), "--against " + ref.ref + ":PATH names another path"}
	}
	in.ImportPaths = r.importPaths(in.ImportPaths, directory)
	if !info.IsDir() {
		return open(in, shown, descriptors.Sources{ImportPaths: in.ImportPaths, Protos: []string{sub}, DescriptorSets: in.ImportSets})
	}
	return loadDirectory(in, sub, shown)
}

// importPaths are the same directories in an extracted commit; those outside
// the repository stay what they are.
func (r *repository) importPaths(paths []string, directory string) []string {
	if len(paths) == 0 {
		return nil
	}
	top, err := r.git("rev-parse", "--show-toplevel")
	var all []string
	for _, p := range paths {
		abs, absErr := filepath.Abs(p)
		if err == nil && absErr == nil {
			if real, err := filepath.EvalSymlinks(abs); err == nil {
				abs = real
			}
			rel, err := filepath.Rel(filepath.FromSlash(top), abs)
			if inside := filepath.Join(directory, rel); err == nil && filepath.IsLocal(rel) && isDirectory(inside) {
				p = inside
			}
		}
		all = append(all, p)
	}
	return all
}

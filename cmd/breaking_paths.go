package cmd

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// pathFlags say which files a report is about, in the words that buf's users
// know.
type pathFlags struct {
	include, exclude []string
	excludeImports   bool
	inputFilesOnly   bool
	errorFormat      string
	// missed are paths that exist nowhere and that no file was below.
	missed []string
}

func (f *pathFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.include, "path", nil, "report only what is in these `FILES` and directories; * and ** are patterns (repeatable)")
	flags.StringSliceVar(&f.exclude, "exclude-path", nil, "report nothing that is in these `FILES` and directories (repeatable)")
	flags.BoolVar(&f.excludeImports, "exclude-imports", false, "leave out the files that a descriptor set marks as imports")
	flags.BoolVar(&f.inputFilesOnly, "limit-to-input-files", false, "leave out what was in files that NEW does not have")
	flags.StringVar(&f.errorFormat, "error-format", "", "buf's `NAME` of a --format")
	_ = flags.MarkHidden("error-format")
}

// settle makes paths comparable, and an --error-format a --format.
func (f *pathFlags) settle(o *breakingOptions, flags *pflag.FlagSet) error {
	for _, list := range [][]string{f.include, f.exclude} {
		for i := range list {
			list[i] = comparablePath(list[i])
		}
	}
	if !flags.Changed("error-format") {
		return nil
	}
	if flags.Changed("format") {
		return usagef("--error-format is another word for --format", "give one of them")
	}
	names := []string{"text", "json", "junit", "github-actions", "gitlab-code-quality"}
	if !slices.Contains(names, f.errorFormat) {
		hint := "--format says it too, and sarif"
		if near := nearest.Name(f.errorFormat, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return usagef("--error-format "+f.errorFormat+" is none of "+strings.Join(names, ", "), hint)
	}
	o.format, _, _ = strings.Cut(f.errorFormat, "-")
	return nil
}

// comparablePath is a path with slashes, from the working directory where it
// lies below that.
func comparablePath(name string) string {
	if filepath.IsAbs(name) {
		if here, err := filepath.Abs("."); err == nil {
			if rel, err := filepath.Rel(here, name); err == nil && filepath.IsLocal(rel) {
				name = rel
			}
		}
	}
	return path.Clean(filepath.ToSlash(name))
}

// selector says which files count beside a new side of that name; nil for all.
func (f *pathFlags) selector(newSide string) func(file, path string) bool {
	if len(f.include)+len(f.exclude) == 0 {
		return nil
	}
	f.missed = nil
	for _, pattern := range f.include {
		if !exists(pattern) && !exists(path.Join(filepath.ToSlash(newSide), pattern)) {
			f.missed = append(f.missed, pattern)
		}
	}
	return func(file, onDisk string) bool {
		names := []string{file}
		if onDisk == "" {
			// What is gone, or in a descriptor set: its import name, and where
			// it would be on the new side.
			onDisk = path.Join(filepath.ToSlash(newSide), file)
		}
		names = append(names, comparablePath(onDisk))
		below := func(pattern string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return isBelow(pattern, name) })
		}
		f.missed = slices.DeleteFunc(f.missed, below)
		return (len(f.include) == 0 || slices.ContainsFunc(f.include, below)) && !slices.ContainsFunc(f.exclude, below)
	}
}

func exists(name string) bool {
	_, err := os.Stat(filepath.FromSlash(name))
	return err == nil
}

// isBelow says whether a file is what a pattern names, or in a directory that
// it names.
func isBelow(pattern, file string) bool {
	if pattern == "." {
		return true
	}
	for at := file; at != "." && at != "/"; at = path.Dir(at) {
		if config.Matches(pattern, at) {
			return true
		}
	}
	return false
}

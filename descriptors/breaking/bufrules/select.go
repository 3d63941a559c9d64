package bufrules

import (
	"regexp"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Select is the rules that use names and except does not, ids and categories
// of a version; without use it is FILE. unknown are the names that the
// version does not know.
func Select(v Version, use, except []string) (rules []Rule, unknown []string) {
	if len(use) == 0 {
		use = []string{"FILE"}
	}
	all := Rules()
	for _, name := range slices.Concat(use, except) {
		if !Known(name, v, all) {
			unknown = append(unknown, name)
		}
	}
	use, except = Current(use, v), Current(except, v)
	for _, r := range all {
		if r.in(use, v) && !r.in(except, v) {
			rules = append(rules, r)
		}
	}
	return rules, unknown
}

// Known says whether a name is a rule or category of a version, or was one.
func Known(name string, v Version, all []Rule) bool {
	_, ok := Replacements(name, v)
	return ok || slices.ContainsFunc(all, func(r Rule) bool { return r.in([]string{name}, v) })
}

// Current are names with those of rules in place of what they replaced.
func Current(names []string, v Version) []string {
	var all []string
	for _, name := range names {
		if ids, ok := Replacements(name, v); ok {
			all = append(all, ids...)
			continue
		}
		all = append(all, name)
	}
	return all
}

func (r *Rule) in(names []string, v Version) bool {
	categories := r.Categories(v)
	return categories != 0 && slices.ContainsFunc(names, func(name string) bool {
		return name == r.ID || slices.Contains(categories.Names(), name)
	})
}

// Files are the packages and names of the files that a finding is about, the
// new one first: whether it is ignored depends on each of them.
func (f *Finding) Files() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	if f.File != nil {
		files = append(files, f.File)
	}
	if f.Old != nil {
		files = append(files, f.Old.ParentFile())
	}
	return files
}

// Unstable says whether the last part of a package's name is a version that
// promises nothing: v1alpha1, v2beta, v1p1alpha1, v1test.
func Unstable(pkg protoreflect.FullName) bool {
	return regexp.MustCompile(`\.v[1-9][0-9]*(test.*|(p[1-9][0-9]*)?(alpha|beta)([1-9][0-9]*)?)$`).MatchString("." + string(pkg))
}

package config

import (
	"path/filepath"
	"strings"
)

// TopicType is the rule whose pattern fits a topic's name first.
func (t *Types) TopicType(topic string) (rule Topic, ok bool) {
	for _, rule := range t.Topics {
		if matches(rule.Pattern.Text, topic, 0) {
			return rule, true
		}
	}
	return Topic{}, false
}

// FileType is the rule whose pattern fits an input's path first; dir is the
// directory of the configuration.
func (t *Types) FileType(path, dir string) (rule File, ok bool) {
	slashed := filepath.ToSlash(filepath.Clean(path))
	base := slashed[strings.LastIndexByte(slashed, '/')+1:]
	from := ""
	for _, rule := range t.Files {
		pattern := rule.Pattern.Text
		name := base
		if strings.Contains(pattern, "/") {
			if from == "" {
				from = relativeTo(dir, path)
			}
			name = from
			pattern = strings.TrimPrefix(pattern, "./")
			if strings.HasPrefix(pattern, "/") {
				name = absolute(path)
			}
		}
		if matches(pattern, name, '/') {
			return rule, true
		}
	}
	return File{}, false
}

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(abs)
}

func relativeTo(dir, path string) string {
	rel, err := filepath.Rel(absolute(dir), absolute(path))
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// Matches says whether a pattern fits a whole path with slashes: * is any run of
// characters without a slash, ** any run, **/ also nothing, ? any one.
func Matches(pattern, path string) bool { return matches(pattern, path, '/') }

// matches says whether a pattern fits a whole name. * is any run of characters
// without the separator, ** any run with it (and **/ nothing at all too), ? any
// one character. With separator 0 both stars are the same.
func matches(pattern, name string, separator byte) bool {
	// back is where to go on when what follows the last star fits nowhere: the
	// shortest run of a star comes first. A ** outlives the stars after it.
	type back struct {
		p, n  int
		whole bool // goes on at the next separator
	}
	star, deep := back{p: -1}, back{p: -1}
	p, n := 0, 0
	for n < len(name) || p < len(pattern) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			end := p + 1
			for end < len(pattern) && pattern[end] == '*' {
				end++
			}
			if end-p > 1 && separator != 0 {
				whole := end < len(pattern) && pattern[end] == separator && (n == 0 || name[n-1] == separator)
				if whole {
					end++
				}
				deep, star = back{end, n, whole}, back{p: -1}
			} else {
				star = back{p: end, n: n}
			}
			p = end
			continue
		case n < len(name) && p < len(pattern) && (pattern[p] == name[n] || pattern[p] == '?' && name[n] != separator):
			p++
			n++
			continue
		case star.p >= 0 && star.n < len(name) && (separator == 0 || name[star.n] != separator):
			star.n++
			p, n = star.p, star.n
			continue
		case deep.p >= 0 && deep.n < len(name):
			deep.n++
			for deep.whole && deep.n < len(name) && name[deep.n-1] != separator {
				deep.n++
			}
			star = back{p: -1}
			p, n = deep.p, deep.n
			continue
		}
		return false
	}
	return true
}

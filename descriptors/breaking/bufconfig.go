package breaking

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pbscope/pbscope/descriptors/breaking/bufrules"
	"github.com/pbscope/pbscope/descriptors/bufyaml"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// BufConfig is what the buf.yaml of a schema asks for, by module.
type BufConfig struct {
	// Rules are those of all modules.
	Rules []Rule
	// File is where it stands, Notes are remarks about it, one line each.
	File  string
	Notes []string

	modules map[string]*moduleRules // by the module's path
}

// moduleRules are the rules of one module and where they do not apply.
type moduleRules struct {
	rules   []Rule
	section bufyaml.Breaking
	version bufrules.Version
}

// BufConfig reads the breaking sections of the buf.yaml at the root of the
// schema; nil where there is none. Errors are *Problem.
func (s *Schema) BufConfig(except []string) (*BufConfig, error) {
	given := slices.IndexFunc(s.modules, func(m schemaModule) bool { return m.Breaking.Given })
	if given < 0 {
		return nil, nil
	}
	c := &BufConfig{File: s.modules[given].Breaking.Place.File, modules: make(map[string]*moduleRules)}
	for _, m := range s.modules {
		rules, err := c.readModule(m.Breaking, except)
		if err != nil {
			return nil, err
		}
		c.modules[m.Path] = rules
		for _, r := range rules.rules {
			if !slices.ContainsFunc(c.Rules, func(known Rule) bool { return known.ID == r.ID }) {
				c.Rules = append(c.Rules, r)
			}
		}
	}
	return c, nil
}

func bufVersion(v bufyaml.Version) bufrules.Version {
	switch v {
	case bufyaml.V1Beta1:
		return bufrules.V1Beta1
	case bufyaml.V1:
		return bufrules.V1
	}
	return bufrules.V2
}

func (c *BufConfig) readModule(section bufyaml.Breaking, except []string) (*moduleRules, error) {
	m := &moduleRules{section: section, version: bufVersion(section.Version)}
	names := slices.Concat(section.Use, section.Except)
	for _, only := range section.IgnoreOnly {
		names = append(names, only.Rule)
	}
	for _, name := range names {
		if err := c.checkName(name, section.Version); err != nil {
			return nil, err
		}
	}
	if section.DisableBuiltin {
		return m, nil
	}
	rules, _ := bufrules.Select(m.version, textsOf(section.Use), slices.Concat(textsOf(section.Except), except))
	for _, r := range rules {
		m.rules = append(m.rules, bufRow(r, m.version))
	}
	return m, nil
}

func textsOf(all []bufyaml.Word) []string {
	var texts []string
	for _, w := range all {
		texts = append(texts, w.Text)
	}
	return texts
}

// checkName refuses a name that its version does not know, and tells of one
// that was replaced.
func (c *BufConfig) checkName(name bufyaml.Word, version bufyaml.Version) error {
	v, all := bufVersion(version), bufrules.Rules()
	place := fmt.Sprintf("%s:%d:%d: ", name.File, name.Line, name.Column)
	ids, replaced := bufrules.Replacements(name.Text, v)
	switch {
	case replaced && len(ids) == 0:
		c.note(place + name.Text + " is a rule that does nothing any more")
	case replaced:
		c.note(place + name.Text + " stands for " + strings.Join(ids, ", ") + " now")
	case !bufrules.Known(name.Text, v, all):
		return &Problem{Message: place + "there is no rule or category " + name.Text + " in version " + string(version),
			Hint: hintForName(name.Text, v, all)}
	}
	return nil
}

// hintForName says what to write for a name that a version does not know.
func hintForName(name string, v bufrules.Version, all []bufrules.Rule) string {
	if ids, ok := bufrules.Replacements(name, bufrules.V1); ok && len(ids) > 0 {
		return "it stands for " + strings.Join(ids, ", ")
	}
	if bufrules.Known(name, bufrules.V2, all) {
		return "version v2 has it"
	}
	names := bufrules.CategoryNames()
	for _, r := range all {
		if r.Categories(v) != 0 {
			names = append(names, r.ID)
		}
	}
	if near := nearest.Names(strings.ToUpper(name), names, 3); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "`pbscope breaking --list-rules` lists them"
}

func (c *BufConfig) note(text string) {
	if !slices.Contains(c.Notes, text) {
		c.Notes = append(c.Notes, text)
	}
}

// ignores says whether the section leaves a finding out: for one of the files
// that it is about, or their packages.
func (m *moduleRules) ignores(found bufrules.Finding) bool {
	if m == nil {
		return false
	}
	names := append(found.Rule.Categories(m.version).Names(), found.Rule.ID)
	for _, only := range m.section.IgnoreOnly {
		if slices.Contains(bufrules.Current([]string{only.Rule.Text}, m.version), found.Rule.ID) {
			names = append(names, only.Rule.Text)
		}
	}
	for _, file := range found.Files() {
		if m.section.Ignores(file.Path()) || m.section.IgnoresRule(file.Path(), names...) ||
			m.section.IgnoreUnstablePackages && bufrules.Unstable(file.Package()) {
			return true
		}
	}
	return false
}

// schemaModule is a module of a schema with its files.
type schemaModule struct {
	bufyaml.Module
	files map[string]bool // by import name
}

// newModules are the modules of a workspace with those of the files, paths
// relative to its directory, that belong to them.
func newModules(w *bufyaml.Workspace, files []string) []schemaModule {
	var modules []schemaModule
	for _, m := range w.Modules {
		one := schemaModule{m, make(map[string]bool)}
		for _, f := range files {
			if name, ok := m.ImportName(path.Clean(f)); ok {
				one.files[name] = true
			}
		}
		modules = append(modules, one)
	}
	return modules
}

package cmd

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/descriptors/yaml"
)

// TestSnippetsOfReadme: what people copy out of the README can be read, and
// calls flags that there are.
func TestSnippetsOfReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, m := range regexp.MustCompile("(?s)```(yaml|make|sh)\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		if m[1] == "yaml" {
			if _, err := yaml.Parse([]byte(m[2])); err != nil {
				t.Errorf("%v:\n%s", err, m[2])
			}
			if strings.HasPrefix(m[2], "breaking:") {
				if _, err := config.Parse("pbscope.yaml", []byte(m[2])); err != nil {
					t.Error(err)
				}
			}
		}
		for _, line := range regexp.MustCompile(`pbscope breaking [^\n|]*`).FindAllString(m[2], -1) {
			commands++
			c := newBreaking(newApp())
			line = strings.NewReplacer("$(AGAINST)", "main", "pbscope breaking ", "").Replace(line)
			if err := c.ParseFlags(strings.Fields(line)); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if commands < 3 {
		t.Errorf("%d commands found", commands)
	}
	hooks, err := os.ReadFile("../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	root, err := yaml.Parse(hooks)
	if err != nil || root.Items[0].Get("entry").Text != "pbscope breaking" {
		t.Errorf("%v", err)
	}
}

package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestReadme runs every command of README.md's console blocks in the
// repository's root and holds what follows it there to what it prints.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are written for a Unix shell")
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "pbscope"), "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	got := rewriteConsole(string(readme), func(command string) string {
		if missing := missingProgram(command); missing != "" {
			t.Logf("not run, no %s here: %s", missing, command)
			return "\x00"
		}
		c := exec.Command("sh", "-c", command)
		c.Dir = ".."
		c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1", "TMP="+work)
		out, _ := c.CombinedOutput() // examples of failure exit with 1
		return string(out)
	})
	if got == string(readme) {
		return
	}
	if *update {
		if err := os.WriteFile("../README.md", []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("README.md does not show what its commands print (go test ./cmd -run Readme -update rewrites it):\n%s", firstDifference(string(readme), got))
}

// optionalPrograms may be missing where the tests run.
var optionalPrograms = []string{"jq", "xxd", "git"}

func missingProgram(command string) string {
	words := strings.FieldsFunc(command, func(r rune) bool { return r == ' ' || r == '|' || r == '\n' })
	for _, name := range optionalPrograms {
		for _, word := range words {
			if word == name {
				if _, err := exec.LookPath(name); err != nil {
					return name
				}
			}
		}
	}
	return ""
}

// rewriteConsole replaces what stands after each "$ command" of the console
// blocks by what run gives for it; "\x00" keeps what is there. A command goes
// on over lines that end in a backslash.
func rewriteConsole(text string, run func(command string) string) string {
	var out strings.Builder
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); i++ {
		out.WriteString(lines[i])
		if strings.TrimSpace(lines[i]) != "```console" {
			continue
		}
		i++
		for i < len(lines) && !strings.HasPrefix(lines[i], "```") {
			command := ""
			for {
				out.WriteString(lines[i])
				command += lines[i]
				if !strings.HasSuffix(lines[i], "\\\n") {
					break
				}
				i++
			}
			i++
			old := ""
			for i < len(lines) && !strings.HasPrefix(lines[i], "```") && !strings.HasPrefix(lines[i], "$ ") {
				old += lines[i]
				i++
			}
			printed := run(strings.TrimPrefix(command, "$ "))
			if printed == "\x00" {
				printed = old
			}
			out.WriteString(printed)
		}
		if i < len(lines) {
			out.WriteString(lines[i])
		}
	}
	return out.String()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			var b bytes.Buffer
			b.WriteString("README: " + w[i] + "\nprinted: " + g[i])
			return b.String()
		}
	}
	return "one is longer than the other"
}

// Package cmd is the command line: one file a command, with its flags, its
// streams and its help.
//
// It alone touches the terminal, the environment and exit codes. What people
// see on standard error follows one pattern: a line "pbscope: …" in lower
// case without a full stop, and a line "hint: …" where there is something to
// do. A command computes its result in inspect or descriptors and prints it
// here.
package cmd

import (
	"io"
	"os"

	"golang.org/x/term"
)

// app is what commands know of the world around the process.
type app struct {
	stdin  *os.File
	stdout *os.File
	stderr *os.File
	getenv func(string) string
}

func newApp() *app {
	return &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// colorModes are the values of --color.
var colorModes = []string{"auto", "always", "never"}

// color says whether output to f is to be coloured, by --color, NO_COLOR and
// what f is.
func (a *app) color(mode string, f *os.File) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	return a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb" && isTerminal(f)
}

// tell prints one line about what is going on.
func (a *app) tell(text string) { io.WriteString(a.stderr, "pbscope: "+text+"\n") }

// hint prints what to do next.
func (a *app) hint(text string) {
	if text != "" {
		io.WriteString(a.stderr, "hint: "+text+"\n")
	}
}

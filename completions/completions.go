// Package completions holds the shell completion scripts that are generated
// from the command tree, for packagers. `pbscope completion SHELL` prints the
// same.
package completions

//go:generate go run ./generate

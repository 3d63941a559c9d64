// Command generate writes the completion scripts into its parent directory;
// run it by go generate ./completions.
package main

import (
	"fmt"
	"os"

	"github.com/pbscope/pbscope/cmd"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "completions:", err)
		os.Exit(1)
	}
}

func run() error {
	for _, shell := range cmd.Shells() {
		file, err := os.Create("pbscope." + shell)
		if err != nil {
			return err
		}
		if err := cmd.WriteCompletion(shell, file); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

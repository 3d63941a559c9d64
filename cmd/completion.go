package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Shells are the shells that there is a completion script for.
func Shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

func newCompletion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell: bash, zsh, fish or powershell",
		Long: `completion prints a script that completes commands, flags, their values, and
after -t the message types of the schema that the line names.`,
		Example: `  # bash, for this session; or put it into /etc/bash_completion.d/pbscope
  source <(pbscope completion bash)

  # zsh: a file _pbscope in a directory of $fpath
  pbscope completion zsh > "${fpath[1]}/_pbscope"

  # fish
  pbscope completion fish > ~/.config/fish/completions/pbscope.fish

  # PowerShell
  pbscope completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: Shells(),
		Args:      arguments(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		RunE: func(_ *cobra.Command, args []string) error {
			return writeCompletion(newRoot(a, ""), args[0], a.stdout)
		},
	}
}

// WriteCompletion writes the script of a shell; for go generate.
func WriteCompletion(shell string, w io.Writer) error {
	return writeCompletion(newRoot(newApp(), ""), shell, w)
}

func writeCompletion(root *cobra.Command, shell string, w io.Writer) error {
	switch shell {
	case "bash":
		return writeBashCompletion(root, w)
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(w)
	}
	return fmt.Errorf("there is no completion for %s", shell)
}

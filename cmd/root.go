package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect/nearest"
)

// Main runs the command line of the process and is its exit code.
func Main() int {
	spareCollections(usualHeap)
	a := newApp()
	ignoreBrokenPipe()
	return a.exitCode(newRoot(a, firstOf(os.Args[1:])).Execute())
}

// interruptible is a context that an interrupt cancels, for work that then has
// something to finish: records to write, files to remove. Until stop, or the
// first signal, the process does not die of one; before that, and after it,
// nothing is lost when it does.
func interruptible(ctx context.Context) (inner context.Context, stop context.CancelFunc) {
	inner, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(inner, stop)
	return inner, stop
}

// commands is the ordered table of commands.
func commands() []struct {
	name string
	make func(*app) *cobra.Command
} {
	return []struct {
		name string
		make func(*app) *cobra.Command
	}{
		{"decode", newDecode},
		{"encode", newEncode},
		{"inspect", newInspect},
		{"capture", newCapture},
		{"stats", newStats},
		{"breaking", newBreaking},
		{"schema", newSchema},
		{"cache", newCache},
		{"config", newConfig},
		{"completion", newCompletion},
		{"conformance", newConformance},
	}
}

// firstOf is the first argument, which is the command's name where there is
// one: the root has no flags that take a value.
func firstOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// newRoot is the command tree: of the command of that name alone, which is all
// that a pipeline waits for, or whole for any other name.
func newRoot(a *app, name string) *cobra.Command {
	root := &cobra.Command{
		Use:   "pbscope",
		Short: "Protobuf wire inspection: bytes to JSON and back, every byte explained, schemas compared",
		Long: `pbscope turns protobuf off the wire into JSON and back, explains bytes that do
not decode, and tells whether a schema change breaks anybody. Schemas are
loaded at run time: .proto files with -I and -p, descriptor sets with -d.`,
		Example: `  # one message in a file
  pbscope decode -p trades.proto -t trades.v1.Trade trade.bin

  # a live topic
  kcat -C -b broker -t trades -J | pbscope decode --from kcat-json -I protos -t trades.v1.Trade | jq .value

  # a schema check in CI
  pbscope breaking --against main protos`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			if asked, _ := c.Flags().GetBool("version"); asked {
				return printVersion(a, c)
			}
			c.SetOut(a.stdout)
			return c.Help()
		},
	}
	root.PersistentPreRunE = configure
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.Flags().Bool("version", false, "print the version and build data")
	root.Flags().Bool("json", false, "with --version: as JSON")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef(err.Error(), "`"+c.CommandPath()+" --help` lists the flags")
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(
		&cobra.Group{ID: "bytes", Title: "Bytes and messages:"},
		&cobra.Group{ID: "schemas", Title: "Schemas:"},
	)
	for _, row := range commands() {
		if row.name == name {
			root.AddCommand(row.make(a))
			return root
		}
	}
	for _, row := range commands() {
		root.AddCommand(row.make(a))
	}
	root.AddCommand(helpTopics()...)
	return root
}

// noCommand is what becomes of words that are no command.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "`pbscope --help` lists the commands"
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	if near := nearest.Name(args[0], names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usagef("there is no command "+args[0], hint)
}

// arguments wraps a check of cobra's so that its error is a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		err := check(c, args)
		var usage *usageError
		if err == nil || errors.As(err, &usage) {
			return err
		}
		return usagef(err.Error(), "`"+c.CommandPath()+" --help` shows how it is used")
	}
}

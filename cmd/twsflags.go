package cmd

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

// twsFlags say how messages of the TWS API are named.
type twsFlags struct {
	files   []string
	options frame.TWSOptions
}

func (o *twsFlags) add(c *cobra.Command) {
	o.addMessages(c)
	c.Flags().BoolVar(&o.options.Names, "tws-names", false, "TWS: name the fields of text messages whose layout is known")
}

// addMessages adds the flag that what recognises connections needs too.
func (o *twsFlags) addMessages(c *cobra.Command) {
	c.Flags().StringArrayVar(&o.files, "tws-messages", nil, "TWS: table of message ids in `FILE`, which adds to the built-in one and overrides it (repeatable; see pbscope help tws)")
	_ = c.MarkFlagFilename("tws-messages")
}

// load reads the tables; of several, later ones override earlier ones.
func (o *twsFlags) load() error {
	o.options.Messages = nil
	for _, name := range o.files {
		text, err := os.ReadFile(name)
		if err != nil {
			return &unreadableError{message: "cannot read " + plainError(name, err)}
		}
		messages, err := tws.ParseMessages(string(text))
		var wrong *tws.FileError
		if errors.As(err, &wrong) {
			return &unreadableError{message: fmt.Sprintf("%s:%d:%d: %s", name, wrong.Line, wrong.Column, wrong.Message), hint: wrong.Hint}
		}
		o.options.Messages = tws.MergeMessages(o.options.Messages, messages)
	}
	return nil
}

// Command pbscope inspects protobuf off the wire.
package main

import (
	"os"

	"github.com/pbscope/pbscope/cmd"
)

func main() {
	os.Exit(cmd.Main())
}

package completions

import (
	"bytes"
	"os"
	"testing"

	"github.com/pbscope/pbscope/cmd"
)

// TestFresh fails when a script is not what the command tree generates now;
// go generate ./completions mends it.
func TestFresh(t *testing.T) {
	for _, shell := range cmd.Shells() {
		var want bytes.Buffer
		if err := cmd.WriteCompletion(shell, &want); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("pbscope." + shell)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("pbscope.%s is stale: run go generate ./completions", shell)
		}
	}
}

package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// outputVersion is the version of the output contract: names of keys, their
// order and meaning.
const outputVersion = 1

// build is what this binary was built from.
func build() (version, revision string, modified bool) {
	version = "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
	}
	return version, revision, modified
}

func printVersion(a *app, c *cobra.Command) error {
	version, revision, modified := build()
	platform := runtime.GOOS + "/" + runtime.GOARCH
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		_, err := fmt.Fprintf(a.stdout, `{"version":%q,"revision":%q,"modified":%t,"go":%q,"platform":%q,"output":%d}`+"\n",
			version, revision, modified, runtime.Version(), platform, outputVersion)
		return err
	}
	if revision != "" {
		version += " (" + revision[:min(12, len(revision))]
		if modified {
			version += ", modified"
		}
		version += ")"
	}
	_, err := fmt.Fprintf(a.stdout, "pbscope %s %s %s, output version %d\n", version, runtime.Version(), platform, outputVersion)
	return err
}

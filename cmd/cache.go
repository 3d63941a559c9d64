package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors/cache"
)

// cacheLimit is the variable that says how many bytes the cache may take.
const cacheLimit = "PBSCOPE_CACHE_LIMIT"

// userStore is where compiled schemas are kept: a directory under that for the
// user's caches; nil where the user has none.
func userStore() *cache.Store {
	caches, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	limit, err := strconv.ParseInt(os.Getenv(cacheLimit), 10, 64)
	if err != nil {
		limit = 0
	}
	return cache.New(filepath.Join(caches, "pbscope"), thisBuild(), limit)
}

// thisBuild tells this program from others of its name, those of the same
// version with other sources included.
func thisBuild() string {
	text := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		text = info.GoVersion + " " + info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
				text += " " + s.Value
			}
		}
	}
	path, err := os.Executable()
	if err != nil {
		return text
	}
	if info, err := os.Stat(path); err == nil {
		text += fmt.Sprint(" ", info.Size(), " ", info.ModTime().UnixNano())
	}
	return text
}

func newCache(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:     "cache",
		GroupID: "schemas",
		Short:   "Show or clear the cache of compiled schemas",
		Long: `Compiled schemas are kept in a directory of the user's caches, each for as long
as every file that it was made of is the same; a schema is then there at once.
Nothing else depends on it: it may be cleared at any time, and --no-cache of the
commands that read schemas leaves it alone. It takes ` + megabytes(cache.DefaultLimit) + ` at most, or as many bytes
as ` + cacheLimit + ` says; what has not been used for the longest time goes first.`,
		Args: noCacheCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newCacheInfo(a), newCacheClear(a))
	return c
}

func noCacheCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("there is no command cache "+args[0], "`pbscope cache --help` lists the commands")
}

func newCacheInfo(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "info",
		Short: "Show where the cache is and what it takes",
		Example: `  pbscope cache info
  pbscope cache info --json | jq .bytes`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return runCacheInfo(a, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: directory, entries, bytes, maxBytes")
	return c
}

func runCacheInfo(a *app, asJSON bool) error {
	store := userStore()
	if store == nil {
		return noUserCache()
	}
	info := store.Info()
	text := fmt.Appendf(nil, "%s: %d entr%s, %s of at most %s\n", info.Dir, info.Entries,
		map[bool]string{true: "y", false: "ies"}[info.Entries == 1], megabytes(info.Bytes), megabytes(info.Limit))
	if asJSON {
		text, _ = json.Marshal(struct {
			Directory string `json:"directory"`
			Entries   int    `json:"entries"`
			Bytes     int64  `json:"bytes"`
			MaxBytes  int64  `json:"maxBytes"`
		}{info.Dir, info.Entries, info.Bytes, info.Limit})
		text = append(text, '\n')
	}
	if _, err := a.stdout.Write(text); err != nil {
		return writeError(err)
	}
	return nil
}

func newCacheClear(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "clear",
		Short:   "Remove all that the cache holds",
		Example: "  pbscope cache clear",
		Args:    arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			store := userStore()
			if store == nil {
				return noUserCache()
			}
			removed, err := store.Clear()
			if err != nil {
				return &unreadableError{message: "the cache cannot be cleared: " + err.Error()}
			}
			_, err = fmt.Fprintf(a.stdout, "%d removed from %s\n", removed, store.Dir())
			return err
		},
	}
}

func noUserCache() error {
	return &unreadableError{message: "there is no directory for caches", hint: "set HOME or XDG_CACHE_HOME"}
}

// megabytes is a size for people.
func megabytes(bytes int64) string {
	return strconv.FormatFloat(float64(bytes)/(1<<20), 'f', 1, 64) + " MiB"
}

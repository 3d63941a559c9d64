package cmd

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestEveryScriptTwice runs all scripts with one cache, which the first time fills
// and the second time has what every command needs.
func TestEveryScriptTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("all scripts, twice")
	}
	fixtures, err := filepath.Abs("../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var scripts []string
	for _, path := range all {
		if filepath.Base(path) != "cache.txtar" { // it has caches of its own
			scripts = append(scripts, path)
		}
	}
	caches, work := t.TempDir(), t.TempDir()
	kept := make(map[string]int)
	for _, run := range []string{"cold", "warm"} {
		// Keys have the directory that relative paths are of: both runs have the
		// same.
		if err := os.RemoveAll(filepath.Join(work, "scripts")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(work, "scripts"), 0o777); err != nil {
			t.Fatal(err)
		}
		ok := t.Run(run, func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Files:       scripts,
				WorkdirRoot: filepath.Join(work, "scripts"),
				Setup: func(env *testscript.Env) error {
					env.Setenv("FIXTURES", fixtures)
					env.Setenv("TRADES", filepath.Join(fixtures, "schemas", "trades"))
					env.Setenv("XDG_CACHE_HOME", caches)
					return nil
				},
			})
		})
		if !ok {
			return
		}
		entries, err := filepath.Glob(filepath.Join(caches, "pbscope", "*"))
		if err != nil {
			t.Fatal(err)
		}
		kept[run] = len(entries)
	}
	// -run may have chosen scripts that keep nothing.
	whole := flag.Lookup("test.run").Value.String() == ""
	if whole && kept["cold"] < 10 || kept["warm"] != kept["cold"] {
		t.Errorf("entries after each run: %v", kept)
	}
}

// TestOneCacheAtOnce has 50 processes with one empty cache: all say the same.
func TestOneCacheAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("50 processes")
	}
	caches := t.TempDir()
	run := func(args ...string) (string, error) {
		c := exec.Command(binary(t), args...)
		c.Env = append(os.Environ(), "XDG_CACHE_HOME="+caches, "HOME="+caches)
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		err := c.Run()
		return out.String(), err
	}
	commands := [][]string{
		{"decode", "--from", "raw", "-I", "../fixtures/schemas/trades", "-t", "trades.v1.Trade", "../fixtures/data/trades/trade.binpb"},
		{"schema", "show", "-I", "../fixtures/schemas", "user.v1.User"},
	}
	want := make([]string, len(commands))
	for i, args := range commands {
		out, err := run(append(args, "--no-cache")...)
		if err != nil || strings.Count(out, "\n") == 0 {
			t.Fatalf("%v: %s", err, out)
		}
		want[i] = out
	}
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			if out, err := run(commands[i%2]...); err != nil || out != want[i%2] {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Wait()
	for i, args := range commands {
		if out, err := run(args...); err != nil || out != want[i] {
			t.Errorf("afterwards: %v: %s", err, out)
		}
	}
}

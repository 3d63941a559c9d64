// Command measure times whole processes: pbscope and its peers on the same
// work, in turn, in one run. It prints medians and ratios and asserts nothing.
//
//	go run ./.ci/measure [-runs N] [-only REGEXP] PBSCOPE_BINARY
//
// protoc and buf are used where they are on the PATH.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	runs := flag.Int("runs", 21, "counted runs of each command")
	only := flag.String("only", "", "rows whose name matches")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: measure [-runs N] [-only REGEXP] PBSCOPE_BINARY")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *runs, regexp.MustCompile(*only)); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// command is one competitor of a row.
type command struct {
	name  string
	args  []string
	input string // file on standard input
}

// row is one piece of work; the first command is ours.
type row struct {
	name     string
	runs     int
	commands []command
}

func run(binary string, runs int, only *regexp.Regexp) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rows, err := work(binary, dir, runs)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if only.MatchString(r.name) {
			if err := measure(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// usage is what one process took.
type usage struct {
	wall, cpu time.Duration
	rssBytes  int64
}

func once(c command) (usage, error) {
	p := exec.Command(c.args[0], c.args[1:]...)
	if c.input != "" {
		file, err := os.Open(c.input)
		if err != nil {
			return usage{}, err
		}
		defer file.Close()
		p.Stdin = file
	}
	var stderr bytes.Buffer
	p.Stderr = &stderr
	start := time.Now()
	if err := p.Run(); err != nil {
		return usage{}, fmt.Errorf("%s: %w: %s", strings.Join(c.args, " "), err, stderr.String())
	}
	u := usage{wall: time.Since(start), cpu: p.ProcessState.UserTime() + p.ProcessState.SystemTime()}
	if r, ok := p.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.rssBytes = r.Maxrss << 10
	}
	return u, nil
}

// measure runs the commands of a row in turn, so that a drift of the machine
// hits all alike.
func measure(r row) error {
	all := make([][]usage, len(r.commands))
	for i := range r.runs + 1 {
		for j, c := range r.commands {
			u, err := once(c)
			if err != nil {
				return err
			}
			if i > 0 { // the first run warms the caches
				all[j] = append(all[j], u)
			}
		}
	}
	fmt.Printf("\n%s (median of %d runs)\n", r.name, r.runs)
	fmt.Printf("  %-34s %12s %12s %10s %9s %9s\n", "", "wall", "cpu", "rss MiB", "wall ×", "cpu ×")
	wall0, cpu0 := median(all[0], wallOf), median(all[0], cpuOf)
	for j, c := range r.commands {
		wall, cpu := median(all[j], wallOf), median(all[j], cpuOf)
		rss := median(all[j], func(u usage) int64 { return u.rssBytes })
		fmt.Printf("  %-34s %9.2f ms %9.2f ms %10.1f %9.2f %9.2f\n", c.name,
			float64(wall)/1e6, float64(cpu)/1e6, float64(rss)/(1<<20),
			float64(wall)/float64(wall0), float64(cpu)/float64(cpu0))
	}
	return nil
}

func wallOf(u usage) int64 { return int64(u.wall) }
func cpuOf(u usage) int64  { return int64(u.cpu) }

func median(us []usage, of func(usage) int64) int64 {
	values := make([]int64, len(us))
	for i, u := range us {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// have is the peer's path, "" where it is not installed.
func have(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		fmt.Println(name + " is not on the PATH: its rows are left out")
		return ""
	}
	return path
}

// Command measure times whole processes: pbscope and its peers on the same
// work, in turn, in one run. It prints medians and ratios and asserts nothing.
//
//	go run ./.ci/measure [-runs N] [-only REGEXP] [-full [-baselines FILE]] PBSCOPE_BINARY
//
// protoc and buf are used where they are on the PATH. With -full the rows are
// those of the engines on large inputs, and FILE is the program of
// .ci/baselines.
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
	full := flag.Bool("full", false, "the rows of the engines on large inputs, in place of the quick ones")
	baselines := flag.String("baselines", "", "with -full: the program of .ci/baselines")
	explain := flag.Bool("explain", false, "be a command of a row: explain a file")
	single := flag.Bool("once", false, "be the process between: run a command")
	flag.Parse()
	var err error
	switch {
	case *single:
		err = runOnce(flag.Arg(0), flag.Args()[1:])
	case *explain:
		err = explainFile(flag.Args())
	case flag.NArg() != 1:
		fmt.Fprintln(os.Stderr, "usage: measure [-runs N] [-only REGEXP] [-full [-baselines FILE]] PBSCOPE_BINARY")
		os.Exit(2)
	default:
		err = run(flag.Arg(0), *baselines, *full, *runs, regexp.MustCompile(*only))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// command is one competitor of a row.
type command struct {
	name  string
	args  []string
	input string // file on standard input
	goal  string // for its CPU time as a multiple of the first command's
}

// row is one piece of work; the first command is ours.
type row struct {
	name     string
	runs     int
	commands []command
	// prepare makes the inputs and the commands, where that is put off until
	// the row's turn.
	prepare func(*row) error
	// Of the input, where a rate is of interest.
	messages, bytes int64
}

// add adds a command of the program at path, unless there is none.
func (r *row) add(path string, c command) {
	if path != "" {
		c.args = append([]string{path}, c.args...)
		r.commands = append(r.commands, c)
	}
}

func (r *row) of(in input) { r.messages, r.bytes = in.messages, in.bytes }

func run(binary, baselines string, full bool, runs int, only *regexp.Regexp) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// The caches of the user stay out of it.
	if err := os.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "caches")); err != nil {
		return err
	}
	rows, err := rowsOf(binary, baselines, dir, full, runs)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !only.MatchString(r.name) {
			continue
		}
		if r.prepare != nil {
			if err := r.prepare(&r); err != nil {
				return err
			}
		}
		if err := measure(r); err != nil {
			return err
		}
	}
	return nil
}

func rowsOf(binary, baselines, dir string, full bool, runs int) ([]row, error) {
	if !full {
		return work(binary, dir, runs)
	}
	t, err := newTools(binary, baselines, dir)
	if err != nil {
		return nil, err
	}
	return append(table(t, runs), breakingRows(binary, dir, true, runs)...), nil
}

// usage is what one process took.
type usage struct {
	wall, cpu time.Duration
	sys       time.Duration // the kernel's part of cpu
	rssBytes  int64
}

// once runs a command in a process between: the kernel counts the memory of
// the parent into the greatest resident size of a child, and a fresh process
// is small where this one has made inputs. What is told is never less than
// that process has itself, some 7 MiB.
func once(c command) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	p := exec.Command(self, append([]string{"-once", c.input}, c.args...)...)
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	if err := p.Run(); err != nil {
		return usage{}, fmt.Errorf("%s: %w: %s", strings.Join(c.args, " "), err, stderr.String())
	}
	var u usage
	_, err = fmt.Sscan(stdout.String(), (*int64)(&u.wall), (*int64)(&u.cpu), (*int64)(&u.sys), &u.rssBytes)
	return u, err
}

// runOnce is that process: it runs a command and prints nanoseconds of wall
// time, CPU time and the kernel's part of that, and the bytes of its greatest
// resident size.
func runOnce(input string, args []string) error {
	p := exec.Command(args[0], args[1:]...)
	if input != "" {
		file, err := os.Open(input)
		if err != nil {
			return err
		}
		defer file.Close()
		p.Stdin = file
	}
	p.Stderr = os.Stderr
	start := time.Now()
	if err := p.Run(); err != nil {
		return err
	}
	wall, sys := time.Since(start), p.ProcessState.SystemTime()
	var rssBytes int64
	if r, ok := p.ProcessState.SysUsage().(*syscall.Rusage); ok {
		rssBytes = r.Maxrss << 10
	}
	fmt.Println(int64(wall), int64(p.ProcessState.UserTime()+sys), int64(sys), rssBytes)
	return nil
}

// measure runs the commands of a row in turn, so that a drift of the machine
// hits all alike.
func measure(r row) error {
	all := make([][]usage, len(r.commands))
	warm := 1 // the first run warms the caches
	if r.prepare != nil {
		warm = 0 // inputs that were just written are in memory
	}
	for i := range r.runs + warm {
		for j, c := range r.commands {
			u, err := once(c)
			if err != nil {
				return err
			}
			if i >= warm {
				all[j] = append(all[j], u)
			}
		}
	}
	print(r, all)
	return nil
}

// print is the table of a row. Rates are by wall time, and by CPU time beside
// it; each is of the row's input.
func print(r row, all [][]usage) {
	fmt.Printf("\n%s (median of %d runs", r.name, r.runs)
	if r.bytes > 0 {
		fmt.Printf("; %d messages, %.1f MB", r.messages, float64(r.bytes)/1e6)
	}
	fmt.Printf(")\n  %-28s %12s %12s %12s %8s %8s %8s %8s", "", "wall", "cpu", "of it sys", "rss MiB", "wall ×", "cpu ×", "goal")
	if r.bytes > 0 {
		fmt.Printf(" %12s %10s %12s", "messages/s", "MB/s", "MB/cpu s")
	}
	fmt.Println()
	wall0, cpu0 := median(all[0], wallOf), median(all[0], cpuOf)
	for j, c := range r.commands {
		wall, cpu := float64(median(all[j], wallOf)), float64(median(all[j], cpuOf))
		rss := median(all[j], func(u usage) int64 { return u.rssBytes })
		fmt.Printf("  %-28s %9.2f ms %9.2f ms %9.2f ms %8.1f %8.2f %8.2f %8s", c.name,
			wall/1e6, cpu/1e6, float64(median(all[j], sysOf))/1e6, float64(rss)/(1<<20), wall/float64(wall0), cpu/float64(cpu0), c.goal)
		if r.bytes > 0 {
			fmt.Printf(" %12.0f %10.1f %12.1f", float64(r.messages)/wall*1e9, float64(r.bytes)/wall*1e3, float64(r.bytes)/cpu*1e3)
		}
		fmt.Println()
	}
}

func wallOf(u usage) int64 { return int64(u.wall) }
func cpuOf(u usage) int64  { return int64(u.cpu) }
func sysOf(u usage) int64  { return int64(u.sys) }

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

package cmd

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/kafka"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// inputFlags say what the input is.
type inputFlags struct {
	from      string
	direction string
	joined    bool
	nullText  bool
	control   bool
	uncommit  bool
	maxSize   int64
	maxDepth  int
	tws       twsFlags
	capture   captureFlags
}

func (i *inputFlags) add(c *cobra.Command, forms []string, preset string) {
	i.from = preset
	addEnum(c, &i.from, "from", append([]string{"auto"}, forms...), "form of the input")
	addEnum(c, &i.direction, "direction", []string{"client", "server"}, "sender of a TWS stream")
	f := c.Flags()
	f.BoolVar(&i.joined, "joined", false, "hex and base64: all lines are one message")
	f.BoolVar(&i.nullText, "null-text", false, "kcat-r: NULL stands after the length of null and empty values (kcat -Z)")
	f.BoolVar(&i.control, "control", false, "Kafka: show control records")
	f.BoolVar(&i.uncommit, "uncommitted", false, "Kafka: show records of aborted transactions")
	i.tws.add(c)
	i.capture.add(c)
	i.addLimits(c)
}

func (i *inputFlags) addLimits(c *cobra.Command) {
	i.maxSize = frame.DefaultMaxSize
	c.Flags().Var(&countFlag{&i.maxSize, 1}, "max-size", "largest message in `BYTES`; larger ones fail as too-large")
	i.maxDepth = transcode.DefaultMaxDepth
	c.Flags().Var((*depthFlag)(&i.maxDepth), "max-depth", "deepest nesting of messages in `LEVELS`; deeper ones fail as too-deep")
}

func (i *inputFlags) frameOptions(a *app, report *reporter) *frame.Options {
	return &frame.Options{
		MaxSize:     i.maxSize,
		Joined:      i.joined,
		NullText:    i.nullText,
		Direction:   i.direction,
		TWS:         &i.tws.options,
		Control:     i.control,
		Uncommitted: i.uncommit,
		Hidden:      func(n int) { report.hidden.Add(int64(n)) },
		Note:        a.tell,
		Capture:     &i.capture.options,
	}
}

// sources are the inputs that args name; none is standard input. A directory
// stands for the segment files in it.
func (i *inputFlags) sources(a *app, args []string) []inspect.Source {
	if len(args) == 0 {
		args = []string{"-"}
	}
	var sources []inspect.Source
	for _, name := range args {
		if name == "-" {
			sources = append(sources, inspect.Source{Open: func() (io.ReadCloser, error) { return decompressed(io.NopCloser(a.stdin), sizeOf(a.stdin)) }})
			continue
		}
		for _, path := range i.expand(name) {
			shown := path
			if path == "" {
				// Without a name a source is standard input.
				shown = `""`
			}
			sources = append(sources, inspect.Source{Name: shown, Open: func() (io.ReadCloser, error) { return a.openInput(path) }})
		}
	}
	return sources
}

// expand is the segment files of a partition's directory, in log order; any
// other name stays as it is.
func (i *inputFlags) expand(name string) []string {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() || i.from != "auto" && i.from != kafka.SegmentName {
		return []string{name}
	}
	logs, err := filepath.Glob(filepath.Join(strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`).Replace(name), "*.log"))
	if err != nil || len(logs) == 0 {
		return []string{name}
	}
	slices.Sort(logs)
	return logs
}

func (a *app) openInput(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, &os.PathError{Op: "read", Path: path, Err: errIsDirectory}
	}
	return decompressed(a.watch(file, path), sizeOf(file))
}

// sizeOf is how many bytes a regular file has, 0 where nobody knows.
func sizeOf(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

// decompressed is a source of size bytes with gzip and zstd taken off.
func decompressed(source io.ReadCloser, size int64) (io.ReadCloser, error) {
	r, compression, err := frame.Decompress(source)
	if err != nil {
		source.Close()
		return nil, err
	}
	if compression != "" {
		size = 0
	}
	return &opened{r, source, size}, nil
}

// opened is an input that is being read.
type opened struct {
	io.Reader
	io.Closer
	size int64
}

// Size is how many bytes there are, 0 where nobody knows.
func (o *opened) Size() int64 { return o.size }

func readableForms() []string {
	var names []string
	for _, f := range inspect.Forms() {
		if f.Read != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

func writableForms() []string {
	var names []string
	for _, f := range inspect.Forms() {
		if f.Write != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// read begins to read a source of a form.
func (i *inputFlags) read(form frame.Form, in *frame.Input, s *inspect.Source, a *app, report *reporter) frame.Reader {
	o := i.frameOptions(a, report)
	if form.Name != kafka.SegmentName || s.Name == "" {
		return form.Read(in, o)
	}
	o.Again = kafka.AgainFile(s.Name)
	r := form.Read(in, o)
	if topic, partition, ok := kafka.TopicFromPath(s.Name); ok {
		return kafka.Named(r, topic, partition)
	}
	return r
}

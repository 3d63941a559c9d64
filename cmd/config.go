package cmd

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/descriptors"
)

// configOptions is what the flags of config say: those of decode that a file
// can set, to see what they make of it.
type configOptions struct {
	decodeOptions
	asJSON bool
}

func newConfig(a *app) *cobra.Command {
	o := new(configOptions)
	c := &cobra.Command{
		Use:     "config",
		GroupID: "schemas",
		Short:   "Show the settings in effect and where each comes from",
		Long:    configPage,
		Example: `  pbscope config
  pbscope config --json | jq '.settings[] | select(.from == "file")'
  pbscope config --config ci.yaml --int64 string`,
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return runConfig(a, o, c.Flags()) },
	}
	o.schema.add(c)
	o.routes.add(c, &o.schema)
	o.json.add(c)
	addIndent(c, &o.indent)
	o.color = "auto"
	addEnum(c, &o.color, "color", colorModes, "colour the output")
	o.report.add(c)
	c.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return c
}

// configPage is the help of the command, and what there is to know of the file.
const configPage = `config shows every setting that commands with schema flags have, with where it
comes from: a flag on this command line, a line of pbscope.yaml, or the default.
It also shows which directories are import roots, after the buf.yaml or
buf.work.yaml of an import path has been read.

pbscope.yaml is looked for in the working directory and above it, up to the top
of a git repository. --config FILE names another, --no-config (--config none)
goes without. Paths in it are relative to the file. Flags win: -I, -d and
--reflect over all of the schema section, -p over its protos, -t over types,
--topic-type over types.topics, and every other flag over its own setting.

  schema:
    import-paths: [proto, third_party]      # -I
    protos: [proto/trades.proto]            # -p
    descriptor-sets: [all.binpb]            # -d
    reflect: localhost:8080                 # --reflect
    reflect-headers: ["authorization: x"]   # --reflect-header
  types:
    default: trades.v1.Trade                # -t
    topics:                                 # * is any text, ? one character;
      trades.*: trades.v1.Trade             # the first that fits counts
      orders: {value: orders.v1.Order, key: orders.v1.Key}
    files:                                  # by the name of the input; with a
      "*.trades.pb": trades.v1.Trade        # slash relative to this file, ** is
      "logs/**": logs.v1.Entry              # any number of directories
    methods:
      /trades.v1.Trades/Get*: {request: trades.v1.Get, response: trades.v1.Trade}
  registry: {url: "http://localhost:8081", directory: schemas}
  output:                                   # the flags of the same names
    unknown: keep
    int64: number
    show-errors: 5
  breaking:
    use: [DATA, JSON]
    except: [FIELD_RENAMED]
    against: main                           # a list for several
    mode: BACKWARD
    fail-on: lossy
    any-types: [shop.v1.Event]
    waivers:
      - {element: a.B.c, rule: FIELD_RENUMBERED, reason: never written, expires: 2026-12-31}

types.topics and types.files are used by decode and inspect. An unknown key or a
wrong value is an error with its line, and exit code 2.`

// setting is a row of what config shows.
type setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	From   string `json:"from"` // flag, file or default
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// The values of setting.From.
const (
	fromFlag    = "flag"
	fromFile    = "file"
	fromDefault = "default"
)

// configShown is what config shows.
type configShown struct {
	// File is the configuration's path, "" for none.
	File        string       `json:"file"`
	Settings    []setting    `json:"settings"`
	ImportRoots []importRoot `json:"importRoots"`
}

// importRoot is a directory that imports are relative to.
type importRoot struct {
	Path string `json:"path"`
	// From is the configuration of buf that makes it one.
	From     string   `json:"from,omitempty"`
	Excludes []string `json:"excludes,omitempty"`
}

func runConfig(a *app, o *configOptions, flags *pflag.FlagSet) error {
	read := &o.schema.config.read
	shown := configShown{File: read.File, Settings: settings(read, flags)}
	roots, err := descriptors.Roots(o.schema.importPaths)
	if err != nil {
		return err
	}
	shown.ImportRoots = make([]importRoot, 0, len(roots))
	for _, r := range roots {
		shown.ImportRoots = append(shown.ImportRoots, importRoot(r))
	}
	if o.asJSON {
		text, err := json.MarshalIndent(shown, "", "  ")
		if err != nil {
			return err
		}
		return a.printText(string(text) + "\n")
	}
	return a.printText(shown.text())
}

func (c *configShown) text() string {
	var b strings.Builder
	if c.File == "" {
		b.WriteString("no " + config.FileName + " here or above\n\n")
	} else {
		b.WriteString("configuration: " + c.File + "\n\n")
	}
	keys, values := 0, 0
	for _, s := range c.Settings {
		keys, values = max(keys, len(s.Key)), max(values, min(len(s.Value), 40))
	}
	for _, s := range c.Settings {
		from := s.From
		if s.Line > 0 {
			from = s.File + ":" + strconv.Itoa(s.Line) + ":" + strconv.Itoa(s.Column)
		}
		fmt.Fprintf(&b, "%-*s  %-*s  %s\n", keys, s.Key, values, s.Value, from)
	}
	for i, r := range c.ImportRoots {
		if i == 0 {
			b.WriteString("\nimport roots, in this order:\n")
		}
		b.WriteString("  " + r.Path)
		if r.From != "" {
			b.WriteString(" (" + r.From + ")")
		}
		if len(r.Excludes) > 0 {
			b.WriteString(", without " + strings.Join(r.Excludes, ", "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// settings are the rows in the order of the file's sections.
func settings(read *config.Config, flags *pflag.FlagSet) []setting {
	t := &settingsTable{read: read, flags: flags}
	schema := &read.Schema
	t.list("schema.import-paths", "proto-path", schema.ImportPaths)
	t.list("schema.protos", "proto", schema.Protos)
	t.list("schema.descriptor-sets", "descriptor-set", schema.DescriptorSets)
	if schema.Reflect.Given() || flags.Lookup("reflect") != nil {
		t.list("schema.reflect", "reflect", one(schema.Reflect))
		t.list("schema.reflect-headers", "reflect-header", schema.ReflectHeaders)
	}
	t.list("types.default", "type", one(read.Types.Default))
	t.types()
	t.list("registry.url", "registry", one(read.Registry.URL))
	t.list("registry.directory", "registry-dir", one(read.Registry.Directory))
	t.output()
	t.breaking()
	return t.rows
}

func one(text config.Text) []config.Text {
	if !text.Given() {
		return nil
	}
	return []config.Text{text}
}

// settingsTable gathers rows.
type settingsTable struct {
	read  *config.Config
	flags *pflag.FlagSet
	rows  []setting
}

func (t *settingsTable) add(key, value, from string) {
	t.rows = append(t.rows, setting{Key: key, Value: value, From: from})
}

func (t *settingsTable) fromFile(key, value string, at config.Text) {
	t.rows = append(t.rows, setting{Key: key, Value: value, From: fromFile, File: t.read.File, Line: at.Line, Column: at.Column})
}

// list adds a row for each value of a list: those of the flag if it is given
// or keeps them away, else those of the file.
func (t *settingsTable) list(key, name string, values []config.Text) {
	flag := t.flags.Lookup(name)
	switch {
	case flag != nil && flag.Changed:
		texts := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			texts = list.GetSlice()
		}
		for _, text := range texts {
			t.add(key, text, fromFlag)
		}
	case len(values) == 0 || strings.HasPrefix(key, "schema.") && schemaByFlags(t.flags):
		t.add(key, "", fromDefault)
	default:
		for _, v := range values {
			t.fromFile(key, v.Text, v)
		}
	}
}

// types are the rows of topics, files and methods.
func (t *settingsTable) types() {
	types, byType := &t.read.Types, t.flags.Changed("type")
	if flag := t.flags.Lookup("topic-type"); flag != nil && flag.Changed {
		t.list("types.topics", "topic-type", nil)
	} else if !byType {
		for _, r := range types.Topics {
			if r.Value.Given() {
				t.fromFile("types.topics", r.Pattern.Text+"="+r.Value.Text, r.Pattern)
			}
			if r.Key.Given() {
				t.fromFile("types.topics (key)", r.Pattern.Text+"="+r.Key.Text, r.Pattern)
			}
		}
	}
	if !byType {
		for _, r := range types.Files {
			t.fromFile("types.files", r.Pattern.Text+"="+r.Type.Text, r.Pattern)
		}
	}
	for _, r := range types.Methods {
		if r.Request.Given() {
			t.fromFile("types.methods (request)", r.Pattern.Text+"="+r.Request.Text, r.Pattern)
		}
		if r.Response.Given() {
			t.fromFile("types.methods (response)", r.Pattern.Text+"="+r.Response.Text, r.Pattern)
		}
	}
}

func (t *settingsTable) output() {
	given := make(map[string]config.Text)
	for _, s := range t.read.Output {
		if !contradicts(t.flags, s) {
			given[s.Name] = s.Value
		}
	}
	for _, key := range config.OutputKeys() {
		flag := t.flags.Lookup(key.Name)
		if flag == nil {
			continue
		}
		name := "output." + key.Name
		at, inFile := given[key.Name]
		switch {
		case flag.Changed:
			t.add(name, flag.Value.String(), fromFlag)
		case inFile:
			t.fromFile(name, at.Text, at)
		case key.Name == "indent":
			t.add(name, "2 on a terminal, else 0", fromDefault)
		case key.Name == "summary":
			t.add(name, "text where something failed or was hidden", fromDefault)
		default:
			t.add(name, flag.Value.String(), fromDefault)
		}
	}
}

func (t *settingsTable) breaking() {
	b := &t.read.Breaking
	for _, row := range []struct {
		key    string
		values []config.Text
	}{
		{"breaking.use", b.Use}, {"breaking.except", b.Except}, {"breaking.against", b.Against},
		{"breaking.mode", one(b.Mode)}, {"breaking.fail-on", one(b.FailOn)}, {"breaking.any-types", b.AnyTypes},
	} {
		for _, v := range row.values {
			t.fromFile(row.key, v.Text, v)
		}
	}
	for _, w := range b.Waivers {
		value := w.Element.Text + " " + w.Rule.Text
		if !w.Expires.IsZero() {
			value += " until " + w.Expires.Format("2006-01-02")
		}
		t.fromFile("breaking.waivers", value, w.Place)
	}
}

// schemaByFlags says whether flags say where the schema is, so that the
// configuration does not.
func schemaByFlags(flags *pflag.FlagSet) bool {
	return flags.Changed("proto-path") || flags.Changed("descriptor-set") || flags.Changed("reflect")
}

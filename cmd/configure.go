package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/descriptors"
)

// configFlags say which configuration file counts; commands that have them are
// configured before they run.
type configFlags struct {
	path string
	none bool
	// typeGiven says that -t was on the command line.
	typeGiven bool
	// read is what the file says, once the command has been configured.
	read config.Config
}

// configNone is what --config is told for no file at all.
const configNone = "none"

func (f *configFlags) add(c *cobra.Command) {
	c.Flags().VarPF((*configValue)(f), "config", "", "read settings from `FILE` (default: pbscope.yaml here or above; none: from no file)")
	c.Flags().BoolVar(&f.none, "no-config", false, "read settings from no file")
	_ = c.MarkFlagFilename("config", "yaml")
}

// configValue is the value of --config, by which the flags of a command are
// found again.
type configValue configFlags

func (v *configValue) String() string { return v.path }

func (v *configValue) Type() string { return "FILE" }

// Set implements pflag.Value.
func (v *configValue) Set(path string) error {
	if path == "" {
		return errors.New("names no file")
	}
	v.path = path
	return nil
}

// configure reads the configuration of a command that has one, and sets the
// flags that the command line does not.
func configure(c *cobra.Command, _ []string) error {
	flag := c.Flags().Lookup("config")
	if flag == nil {
		return nil
	}
	value, ok := flag.Value.(*configValue)
	if !ok {
		return nil
	}
	path := value.path
	if value.none {
		path = configNone
	}
	read, err := readConfig(path)
	if err == nil {
		value.read, value.typeGiven = *read, c.Flags().Changed("type")
		applyConfig(c.Flags(), read)
	}
	return err
}

// readConfig reads the file at a path; the nearest pbscope.yaml for "", and
// nothing for configNone.
func readConfig(path string) (*config.Config, error) {
	named := path != ""
	switch path {
	case configNone:
		return new(config.Config), nil
	case "":
		if path = findConfig(); path == "" {
			return new(config.Config), nil
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		hint := "--no-config goes without it"
		if named && errors.Is(err, fs.ErrNotExist) {
			hint = ""
		}
		return nil, &unreadableError{message: "cannot read the configuration " + plainError(path, err), hint: hint}
	}
	return config.Parse(path, text)
}

// maxConfigLevels is how far up a configuration is looked for.
const maxConfigLevels = 64

// findConfig is the path of the nearest configuration in the working directory
// or above it, "" for none. The search ends at the top of a repository: what
// lies above belongs to somebody else.
func findConfig() string {
	up := ""
	var here fs.FileInfo
	for range maxConfigLevels {
		if info, err := os.Stat(up + config.FileName); err == nil && !info.IsDir() {
			return filepath.FromSlash(up + config.FileName)
		}
		if _, err := os.Lstat(up + ".git"); err == nil {
			return ""
		}
		if here == nil {
			here, _ = os.Stat(".")
		}
		up += "../"
		above, err := os.Stat(up)
		if err != nil || os.SameFile(here, above) {
			return ""
		}
		here = above
	}
	return ""
}

// applyConfig sets flags to what a configuration says. Flags that are given
// win: -I, -d and --reflect over all that says where schemas are, -p over the
// files that are named, every other flag over its own setting.
func applyConfig(flags *pflag.FlagSet, read *config.Config) {
	if !schemaByFlags(flags) {
		setFlag(flags, "proto-path", read.Schema.ImportPaths...)
		setFlag(flags, "proto", read.Schema.Protos...)
		setFlag(flags, "descriptor-set", read.Schema.DescriptorSets...)
		if read.Schema.Reflect.Given() {
			setFlag(flags, "reflect", read.Schema.Reflect)
			setFlag(flags, "reflect-header", read.Schema.ReflectHeaders...)
		}
	}
	if read.Types.Default.Given() {
		if flag := flags.Lookup("type"); flag != nil && flag.Value.Type() == "string" {
			setFlag(flags, "type", read.Types.Default)
		}
	}
	for _, s := range read.Output {
		if !contradicts(flags, s) {
			setFlag(flags, s.Name, s.Value)
		}
	}
}

// setFlag sets a flag that the command has and that is not given. A value that
// this command's flag does not take leaves its default.
func setFlag(flags *pflag.FlagSet, name string, values ...config.Text) {
	flag := flags.Lookup(name)
	if flag == nil || flag.Changed {
		return
	}
	for _, v := range values {
		_ = flag.Value.Set(v.Text)
	}
}

// contradicts says whether a setting of the file and a flag exclude each
// other.
func contradicts(flags *pflag.FlagSet, s config.Setting) bool {
	is := func(name, value string) bool {
		flag := flags.Lookup(name)
		return flag != nil && flag.Changed && flag.Value.String() == value
	}
	return s.Name == "lossless" && is("unknown", "drop") || s.Name == "unknown" && s.Value.Text == "drop" && is("lossless", "true")
}

// configErrors is the errors of a configuration in the form that errors of
// schemas are printed in; nil if err is another error.
func configErrors(err error) []*descriptors.Error {
	var bad config.Errors
	if !errors.As(err, &bad) {
		return nil
	}
	var all []*descriptors.Error
	for _, e := range bad {
		all = append(all, &descriptors.Error{Kind: descriptors.KindFile, File: e.File, Line: e.Line, Column: e.Column,
			SourceLine: e.SourceLine, Message: e.Message, Hint: e.Hint})
	}
	return all
}

package cmd

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect/frame"
)

// routeFlags say which type is in which topic.
type routeFlags struct{ topicTypes []string }

func (r *routeFlags) add(c *cobra.Command, s *schemaFlags) {
	c.Flags().StringArrayVar(&r.topicTypes, "topic-type", nil, "Kafka: `PATTERN=TYPE` of topics and the type of their values, * is any text (repeatable; the first that fits)")
	_ = c.RegisterFlagCompletionFunc("topic-type", func(c *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
		pattern, name, found := strings.Cut(toComplete, "=")
		if !found {
			return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		types, directive := s.completeType(c, args, name)
		for i := range types {
			types[i] = pattern + "=" + types[i]
		}
		return types, directive
	})
}

// routes settle the type of frames that name none themselves: by topic, then
// by the input's file.
type routes struct {
	types config.Types
	// dir is the directory of the configuration, file its path.
	dir, file string
	all       *descriptors.Schema
}

// routes are those of --topic-type and of the configuration; a -t that is
// given takes the place of the configuration's.
func (r *routeFlags) routes(s *schemaFlags) (*routes, error) {
	out := &routes{file: s.config.read.File, dir: filepath.Dir(s.config.read.File)}
	if !s.config.typeGiven {
		out.types.Topics = s.config.read.Types.Topics
		out.types.Files = s.config.read.Types.Files
	}
	if len(r.topicTypes) > 0 {
		out.types.Topics = nil
	}
	for _, text := range r.topicTypes {
		pattern, name, ok := strings.Cut(text, "=")
		if !ok || pattern == "" || !protoreflect.FullName(strings.TrimPrefix(name, ".")).IsValid() {
			return nil, usagef("--topic-type "+text+" is not PATTERN=TYPE", "--topic-type 'trades.*=trades.v1.Trade'")
		}
		out.types.Topics = append(out.types.Topics, config.Topic{Pattern: config.Text{Text: pattern}, Value: config.Text{Text: strings.TrimPrefix(name, ".")}})
	}
	return out, nil
}

// any says whether there is anything to settle.
func (r *routes) any() bool { return len(r.types.Topics)+len(r.types.Files) > 0 }

// fit says whether frames of a form may have topics that types are given for.
func (r *routes) fit(form frame.Form) bool { return form.Meta && len(r.types.Topics) > 0 }

// use sets the schema. Types that flags name must be in it. Those of the
// configuration are looked up when they are met: a file that serves many
// commands must not make each compile everything.
func (r *routes) use(schema *descriptors.Schema) error {
	r.all = schema
	for _, t := range r.types.Topics {
		if !t.Value.Given() && t.Value.Text != "" {
			if _, err := r.named(t.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// named is a type that the schema has.
func (r *routes) named(t config.Text) (protoreflect.FullName, error) {
	_, err := r.all.Message(t.Text)
	return protoreflect.FullName(t.Text), saidIn(err, r.file, t)
}

// saidIn is an error about a type with the place in the configuration that
// names it.
func saidIn(err error, file string, t config.Text) error {
	var unknown *descriptors.Error
	if !errors.As(err, &unknown) || !t.Given() || unknown.File != "" {
		return err
	}
	told := *unknown
	told.File, told.Line, told.Column = file, t.Line, t.Column
	return &told
}

// ofFile is the type in an input file, "" for none.
func (r *routes) ofFile(name string) (protoreflect.FullName, error) {
	if name == "" {
		return "", nil
	}
	rule, ok := r.types.FileType(name, r.dir)
	if !ok {
		return "", nil
	}
	return r.named(rule.Type)
}

// read is a reader whose frames have the type that the routes give them; file
// is that of the input itself.
func (r *routes) read(in frame.Reader, file protoreflect.FullName, note func(string)) frame.Reader {
	if file == "" && len(r.types.Topics) == 0 {
		return in
	}
	return &routedReader{Reader: in, routes: r, file: file, note: note}
}

// routedReader gives frames their types.
type routedReader struct {
	frame.Reader
	routes *routes
	file   protoreflect.FullName
	note   func(string)

	// names are the types of topics that have been met; topic is the last one.
	names map[string]protoreflect.FullName
	topic string
	name  protoreflect.FullName
}

// Next implements frame.Reader.
func (r *routedReader) Next(f *frame.Frame) error {
	if err := r.Reader.Next(f); err != nil || f.Type != "" {
		return err
	}
	if f.Meta == nil || f.Meta.Kafka == nil || len(r.routes.types.Topics) == 0 {
		f.Type = r.file
		return nil
	}
	if topic := f.Meta.Kafka.Topic; r.names == nil || topic != r.topic {
		name, err := r.ofTopic(topic)
		if err != nil {
			return err
		}
		r.topic, r.name = topic, name
	}
	f.Type = r.name
	return nil
}

// maxTopics is how many topics' types are remembered.
const maxTopics = 10_000

func (r *routedReader) ofTopic(topic string) (name protoreflect.FullName, err error) {
	if name, ok := r.names[topic]; ok {
		return name, nil
	}
	if r.names == nil || len(r.names) > maxTopics {
		r.names = make(map[string]protoreflect.FullName)
	}
	rule, ok := r.routes.types.TopicType(topic)
	switch {
	case ok && rule.Value.Text != "":
		name, err = r.routes.named(rule.Value)
	case r.file != "":
		name = r.file
	case r.note != nil:
		r.note("no type is given for topic " + strconv.Quote(topic) + ": its messages are shown without one (--topic-type, or types in " + config.FileName + ")")
	}
	r.names[topic] = name
	return name, err
}

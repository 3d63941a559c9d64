package cmd

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/descriptors/cache"
	"github.com/pbscope/pbscope/inspect/plan"
)

// schemaFlags are the flags that say where the schema is.
type schemaFlags struct {
	importPaths []string
	protos      []string
	sets        []string
	typeName    string
	noCache     bool
	config      configFlags
	reflect     reflectFlags
}

func (s *schemaFlags) add(c *cobra.Command) {
	s.addSources(c)
	c.Flags().StringVarP(&s.typeName, "type", "t", "", "full `NAME` of the message type")
	_ = c.RegisterFlagCompletionFunc("type", s.completeType)
}

// addSources adds the flags but -t.
func (s *schemaFlags) addSources(c *cobra.Command) {
	s.addUnconfigured(c)
	s.reflect.add(c)
	s.config.add(c)
}

// addUnconfigured adds them for a command that no configuration changes.
func (s *schemaFlags) addUnconfigured(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&s.importPaths, "proto-path", "I", nil, "`DIR` that imports are relative to (repeatable)")
	f.StringArrayVarP(&s.protos, "proto", "p", nil, "`FILE` of .proto source (repeatable)")
	f.StringArrayVarP(&s.sets, "descriptor-set", "d", nil, "`FILE` with a FileDescriptorSet, or with generated code: a program, .jar or _pb2.py (repeatable)")
	f.BoolVar(&s.noCache, "no-cache", false, "read the schema anew, and keep nothing of it")
	_ = c.MarkFlagDirname("proto-path")
	_ = c.MarkFlagFilename("proto", "proto")
}

// given says whether there is a schema at all.
func (s *schemaFlags) given() bool {
	return len(s.importPaths)+len(s.protos)+len(s.sets) > 0 || s.reflect.given()
}

func (s *schemaFlags) sources(a *app) descriptors.Sources {
	src := descriptors.Sources{
		ImportPaths:    s.importPaths,
		Protos:         s.protos,
		DescriptorSets: s.sets,
		Reflection:     s.reflect.options(),
		Cache:          s.store(),
		Note:           a.tell,
	}
	if s.typeName != "" {
		src.Types = []string{s.typeName}
	}
	return src
}

// store is where compiled schemas are kept; nil with --no-cache.
func (s *schemaFlags) store() *cache.Store {
	if s.noCache {
		return nil
	}
	return userStore()
}

// open loads the schema; nil without one. A type without a schema is a usage
// error.
func (s *schemaFlags) open(a *app) (*descriptors.Schema, error) {
	if err := s.reflect.check(); err != nil {
		return nil, err
	}
	if !s.given() {
		return s.openBuiltIn(a)
	}
	schema, err := descriptors.Open(s.sources(a))
	if !s.config.typeGiven {
		err = saidIn(err, s.config.read.File, s.config.read.Types.Default)
	}
	return schema, err
}

// openBuiltIn is the schema of the types that are built in, where -t names one
// of them.
func (s *schemaFlags) openBuiltIn(a *app) (*descriptors.Schema, error) {
	if s.typeName == "" {
		return nil, nil
	}
	schema, err := descriptors.Open(descriptors.Sources{Note: a.tell})
	if err == nil {
		_, err = schema.Message(s.typeName)
	}
	if err != nil {
		return nil, usagef("-t "+s.typeName+" needs a schema: it is not among the types that are built in", "say where it is with -I DIR, -p FILE, -d FILE or --reflect HOST:PORT")
	}
	return schema, nil
}

// message is the plan of the type that -t names or, without it, of the only
// one that the named files declare.
func (s *schemaFlags) message(schema *descriptors.Schema, set *plan.Set) (*plan.Message, error) {
	if s.typeName != "" {
		d, err := schema.Message(s.typeName)
		if err != nil {
			return nil, err
		}
		return set.Message(d), nil
	}
	d, err := schema.OnlyMessage()
	if err != nil {
		return nil, err
	}
	return set.Message(d), nil
}

func (s *schemaFlags) completeType(c *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_ = configure(c, nil)
	if !s.given() {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	src := descriptors.Sources{ImportPaths: s.importPaths, Protos: s.protos, DescriptorSets: s.sets, Reflection: s.reflect.options(), Cache: s.store()}
	if src.Reflection != nil {
		// Who presses the tab key does not wait long.
		src.Reflection.Timeout = min(src.Reflection.Timeout, 2*time.Second)
	}
	return descriptors.TypeNames(src, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// maxSchemaErrors is how many errors of a schema are printed.
const maxSchemaErrors = 20

// tellSchemaErrors prints each error with its source line, as far as that
// reaches to the place.
func (a *app) tellSchemaErrors(errs []*descriptors.Error) {
	for _, e := range errs[:min(len(errs), maxSchemaErrors)] {
		a.tell(e.Error())
		if e.SourceLine != "" && e.Column <= len(e.SourceLine)+1 {
			number := strconv.Itoa(e.Line)
			io.WriteString(a.stderr, "  "+number+" | "+e.SourceLine+"\n")
			if e.Column > 0 {
				io.WriteString(a.stderr, "  "+strings.Repeat(" ", len(number))+" | "+indentLike(e.SourceLine[:e.Column-1])+"^\n")
			}
		}
		a.hint(e.Hint)
	}
	if more := len(errs) - maxSchemaErrors; more > 0 {
		a.tell("… and at least " + strconv.Itoa(more) + " more error" + plural(int64(more)))
	}
}

// indentLike is as much white space as text takes: tabs stay tabs.
func indentLike(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

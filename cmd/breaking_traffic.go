package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/cmd/config"
	"github.com/pbscope/pbscope/descriptors/breaking"
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/nearest"
	"github.com/pbscope/pbscope/inspect/plan"
)

// trafficFlags say which recorded messages the findings are held against.
type trafficFlags struct {
	files    []string
	side     string
	only     bool
	typeName string
	routes   routeFlags
	input    inputFlags
}

func (t *trafficFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&t.files, "traffic", nil, "hold the findings against the recorded messages in `FILE` (repeatable; - is standard input)")
	t.side = "old"
	addEnum(c, &t.side, "traffic-side", []string{"old", "new"}, "schema that the recorded messages were written by")
	f.BoolVar(&t.only, "traffic-only", false, "of the findings, only those that the recording hits count for the exit code")
	f.StringVarP(&t.typeName, "type", "t", "", "with --traffic: full `NAME` of the recorded messages' type")
	_ = c.RegisterFlagCompletionFunc("type", cobra.NoFileCompletions)
	t.routes.add(c, new(schemaFlags))
	t.input.add(c, readableForms(), "auto")
}

// check finds fault with the flags before anything is loaded.
func (t *trafficFlags) check(baselines int) error {
	if len(t.files) == 0 {
		switch {
		case t.only:
			return usagef("--traffic-only says which findings of --traffic count", "--traffic FILE --from FORM")
		case t.typeName != "" || len(t.routes.topicTypes) > 0:
			return usagef("-t and --topic-type name the types of --traffic", "--traffic FILE --from FORM -t NAME")
		}
	}
	if len(t.files) > 0 && baselines > 1 {
		return usagef("--traffic is held against one old schema, not several", "--against OLD once, or --mode FULL for the last of them")
	}
	return t.input.tws.load()
}

// worst is the worst severity that counts for the exit code.
func (t *trafficFlags) worst(report *breaking.Report) breaking.Severity {
	if t.only {
		return report.WorstHit()
	}
	worst := report.Worst()
	if report.Traffic != nil && len(report.Traffic.Unreported) > 0 {
		worst = breaking.Break
	}
	return worst
}

// trafficJob is one run over recorded messages.
type trafficJob struct {
	*app
	flags   *trafficFlags
	traffic *breaking.Traffic
	typ     *plan.Message
	types   config.Types
	topics  map[string]protoreflect.FullName
	report  *reporter
}

// holdTraffic reads the recordings and notes in the report what they hit.
func (a *app) holdTraffic(ctx context.Context, t *trafficFlags, report *breaking.Report) error {
	if len(t.files) == 0 {
		return nil
	}
	j := &trafficJob{app: a, flags: t, traffic: report.HoldTraffic(t.side), topics: make(map[string]protoreflect.FullName),
		report: &reporter{app: a, flags: &reportFlags{showErrors: 20}}}
	routes, err := t.routes.routes(new(schemaFlags))
	if err != nil {
		return err
	}
	j.types = routes.types
	for _, topic := range j.types.Topics {
		if _, err := j.named(topic.Value.Text); err != nil {
			return err
		}
	}
	if t.typeName != "" {
		if j.typ, err = j.named(strings.TrimPrefix(t.typeName, ".")); err != nil {
			return err
		}
	}
	done := make(chan error, 1)
	go func() { done <- j.readAll(ctx, t.input.sources(a, t.files)) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	j.traffic.Finish()
	if err == nil && report.Traffic.Records == 0 {
		a.tell("--traffic: the recording has no records: no finding can be hit")
	} else if err == nil && report.Traffic.Both+report.Traffic.Writer+report.Traffic.Gone == 0 {
		a.tell(fmt.Sprintf("--traffic: none of %d records was decoded by the %s schema: no finding can be hit", report.Traffic.Records, t.side))
		a.hint("look at --from, -t and --traffic-side")
	}
	return err
}

// named is a type that the writer's side has.
func (j *trafficJob) named(name string) (*plan.Message, error) {
	if m := j.traffic.Plan(protoreflect.FullName(name)); m != nil {
		return m, nil
	}
	hint := ""
	if near := nearest.Names(name, j.traffic.TypeNames(), 3); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return nil, usagef(fmt.Sprintf("the %s schema has no message type %s", j.flags.side, name), hint)
}

func (j *trafficJob) readAll(ctx context.Context, sources []inspect.Source) error {
	unreadable := false
	for i := range sources {
		err := j.readSource(ctx, &sources[i])
		if err == nil {
			continue
		}
		var ambiguous *inspect.AmbiguousError
		var usage *usageError
		if errors.As(err, &ambiguous) || errors.As(err, &usage) || ctx.Err() != nil {
			return err
		}
		j.report.Unreadable(sources[i].Name, err)
		unreadable = true
	}
	switch {
	case j.report.usage != nil:
		return j.report.usage
	case unreadable:
		return &unreadableError{}
	}
	return nil
}

func (j *trafficJob) readSource(ctx context.Context, s *inspect.Source) error {
	file, err := s.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	in := frame.NewInput(file)
	if sized, ok := file.(interface{ Size() int64 }); ok {
		in.Expect(sized.Size())
	}
	form, found := inspect.FormNamed(j.flags.input.from)
	if !found {
		if form, err = inspect.Detect(in, j.typ); err != nil {
			return err
		}
		j.tell(inspect.DetectNote(s.Name, form))
	}
	if j.typ == nil && !form.Typed && (len(j.types.Topics) == 0 || !form.Meta) {
		return usagef("the messages of "+form.Name+" do not name their type", "say it with -t NAME"+map[bool]string{true: " or --topic-type PATTERN=NAME"}[form.Meta])
	}
	reader := j.flags.input.read(form, in, s, j.app, j.report)
	for number := int64(1); ctx.Err() == nil; number++ {
		var f frame.Frame
		if err := reader.Next(&f); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		j.record(s, &f, number)
	}
	return ctx.Err()
}

// record holds one frame against the findings.
func (j *trafficJob) record(s *inspect.Source, f *frame.Frame, number int64) {
	if f.Problem != nil || f.Null || !inspect.HasMessage(f) {
		j.traffic.Damaged(f.Problem != nil)
		return
	}
	j.traffic.Message(&breaking.Recorded{Source: s.Name, Number: number, Offset: f.Offset, Type: j.typeOf(f), Payload: f.Payload})
}

// typeOf is a frame's type: what it says itself, where the writer has it, else
// that of its topic, else that of -t.
func (j *trafficJob) typeOf(f *frame.Frame) protoreflect.FullName {
	switch {
	case f.Type != "" && (j.typ == nil || j.traffic.Plan(f.Type) != nil):
		return f.Type
	case f.Type == "" && f.Meta != nil && f.Meta.Kafka != nil && len(j.types.Topics) > 0:
		topic := f.Meta.Kafka.Topic
		name, ok := j.topics[topic]
		if !ok {
			if rule, found := j.types.TopicType(topic); found {
				name = protoreflect.FullName(rule.Value.Text)
			}
			if len(j.topics) < maxTopics {
				j.topics[topic] = name
			}
		}
		if name != "" {
			return name
		}
	}
	if j.typ == nil {
		return ""
	}
	return j.typ.Name
}

package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pbscope/pbscope/descriptors/breaking"
	"github.com/pbscope/pbscope/descriptors/breaking/reports"
)

// breakingOptions is what the flags of breaking say.
type breakingOptions struct {
	config      configFlags
	against     []string
	waivers     []breaking.Waiver
	importPaths []string
	importSets  []string
	noMergeBase bool
	use, except []string
	anyTypes    []string
	jsonStrict  bool
	strictEnums bool
	mode        string
	paths       pathFlags
	failOn      string
	format      string
	outputs     []string
	color       string
	listRules   bool
	explain     string
	whyOK       string
	fix, dryRun bool
	traffic     trafficFlags
}

func newBreaking(a *app) *cobra.Command {
	o := &breakingOptions{mode: string(breaking.ModeFull), failOn: "risk", format: "text", color: "auto"}
	c := &cobra.Command{
		Use:     "breaking --against OLD [NEW]",
		GroupID: "schemas",
		Short:   "Tell what a schema change breaks, with bytes that show it",
		Long: `breaking compares two states of a schema by what readers get: NEW reads what
OLD wrote, and the reverse. Every finding that hurts readers shows a message,
written under one schema and read under the other.

OLD is a directory, a .proto file, a descriptor set, an archive (.tar, .tar.gz,
.tgz, .zip; #subdir=DIR names a directory in it), or a git ref: main, v1.2.0,
HEAD~1, main:proto. A ref without a path means the path of NEW, in the commit
where the two histories parted. REPOSITORY.git#branch=main,subdir=proto is
another repository. NEW is the same, where a git ref is its own commit, and the
working directory when it is left out. Of directories, archives and commits only
the files are compiled that differ and those that a change can reach, once there
are more than 128 KiB of them. In a CI job that checks a request to
merge (GitHub Actions, GitLab, Bitbucket, Azure, Buildkite, Jenkins and others),
OLD is the branch to merge into when --against is left out.

The rules are those of DATA, which judge by what bytes do. --use names others:
FILE, PACKAGE, WIRE_JSON, WIRE and CSR are buf's categories, with the findings
that buf has; PROTOLOCK and protolock's names of rules are known too. A buf.yaml
at the root of NEW with a breaking section gives its own rules where neither
--use nor a pbscope.yaml does.

A comment above an element accepts a finding, for ever or until a day; so does
the section breaking of pbscope.yaml, which also holds use, except, against,
mode, fail-on and any-types (see "pbscope help config"):

  // pbscope:allow FIELD_DELETED_NOT_RESERVED until 2026-12-31 nobody wrote it
  message Order {

Several --against are all compared. --mode takes Confluent's names: a plain one
asks about the last --against, a _TRANSITIVE one about all, NONE about nothing.

--traffic FILE reads recorded messages, in any form that decode reads, under
both schemas and says which findings they hit, how often, and where first. They
count as written by OLD unless --traffic-side says new. A finding that is not
hit counts all the same, unless --traffic-only is given; a difference that no
rule reported is shown as a defect and counts as a break. In JSON each finding
that messages can show ends with "traffic": {"hits", "records", "example"}, and
the report has a "traffic" of its own, which counts the records that both
schemas decode, one does, or none.

The exit code is 0 where nothing counts, 1 where some finding does (--fail-on),
2 for a wrong command line, and 3 for a schema that cannot be read.`,
		Example: `  pbscope breaking --against main
  pbscope breaking --against main:proto proto
  pbscope breaking --against v1.4.0 --fail-on break --format json proto
  pbscope breaking --against old.binpb new.binpb
  pbscope breaking --against main --use FILE,DATA --except FIELD_SAME_NAME proto
  pbscope breaking --against main --format github --output sarif=breaking.sarif
  pbscope breaking --against main --fix --dry-run | git apply
  pbscope breaking --against main --traffic orders.pb --from delimited -t shop.v1.Order proto
  pbscope breaking --against main --why-ok shop.v1.Order.note proto
  pbscope breaking --explain FIELD_RENUMBERED`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return runBreaking(c.Context(), a, o, c.Flags(), args) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.against, "against", nil, "the old schema: `OLD` is a directory, a file or a git ref (repeatable, oldest first)")
	f.StringArrayVarP(&o.importPaths, "proto-path", "I", nil, "`DIR` that imports are relative to (repeatable; without it the imports say so themselves)")
	f.StringArrayVarP(&o.importSets, "descriptor-set", "d", nil, "`FILE` with a FileDescriptorSet that has what is imported from elsewhere (repeatable)")
	f.BoolVar(&o.noMergeBase, "no-merge-base", false, "compare with the git ref itself, not with where it and HEAD parted")
	f.StringSliceVar(&o.use, "use", nil, "apply these `RULES` and categories (default DATA)")
	f.StringSliceVar(&o.except, "except", nil, "leave these `RULES` and categories out, of --use or of a buf.yaml")
	f.StringSliceVar(&o.anyTypes, "any-types", nil, "full names of message `TYPES` that travel within Any")
	f.BoolVar(&o.jsonStrict, "json-strict", false, "readers of JSON refuse unknown keys and names: fields and values that were added or deleted count, too")
	f.BoolVar(&o.strictEnums, "strict-enums", false, "count what old readers with a closed enum lose: values added to it, and unnamed numbers once it is open")
	o.paths.add(c)
	addEnum(c, &o.mode, "mode", modeNames(), "directions that count")
	addEnum(c, &o.failOn, "fail-on", breaking.SeverityNames(), "least severity that makes the exit code 1")
	addEnum(c, &o.format, "format", reports.Formats(), "form of the report")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "write a report to `FORMAT=FILE` too (repeatable); FILE alone takes the place of standard output")
	o.config.add(c)
	addEnum(c, &o.color, "color", colorModes, "colour the report")
	f.BoolVar(&o.listRules, "list-rules", false, "print the rules and what they find")
	f.StringVar(&o.explain, "explain", "", "print what `RULE` finds, with an example")
	f.StringVar(&o.whyOK, "why-ok", "", "print what changed about `ELEMENT` (a full name, or a file) and why it is compatible")
	f.BoolVar(&o.fix, "fix", false, "write the reserved statements that are missing into the .proto files, and judge the result")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --fix: print a patch in place of the report, and change nothing")
	o.traffic.add(c)
	_ = c.MarkFlagDirname("proto-path")
	for _, name := range []string{"use", "except"} {
		_ = c.RegisterFlagCompletionFunc(name, completeRules(breaking.Categories()))
	}
	_ = c.RegisterFlagCompletionFunc("explain", completeRules(nil))
	return c
}

// transitive is how the names of modes end that are about every old schema.
const transitive = "_TRANSITIVE"

// modeNames are Confluent's names: a plain one asks about the last version
// before this one, a transitive one about all.
func modeNames() []string {
	names := breaking.ModeNames()
	for _, name := range slices.Clone(names) {
		if name != string(breaking.ModeNone) {
			names = append(names, name+transitive)
		}
	}
	return names
}

func runBreaking(ctx context.Context, a *app, o *breakingOptions, flags *pflag.FlagSet, args []string) error {
	switch {
	case o.explain != "":
		return explainRule(a, o)
	case o.listRules:
		return listRules(a, o)
	case o.dryRun && !o.fix:
		return usagef("--dry-run says how --fix is done", "pbscope breaking --fix --dry-run")
	}
	modeGiven, err := o.configure(flags)
	if err != nil {
		return err
	}
	if len(o.against) == 0 {
		branch, variable := baseBranch()
		if branch == "" {
			return usagef("--against says what to compare with", "pbscope breaking --against main, or a directory or a descriptor set")
		}
		beside := ""
		if len(args) == 1 {
			beside = args[0]
		}
		against := breaking.BaseBranch(ctx, beside, branch)
		o.against = []string{against}
		a.tell("compared with " + against + ", which " + variable + " names")
	}
	o.against = a.baselines(o, modeGiven)
	if err := o.paths.settle(o, flags); err != nil {
		return err
	}
	if o.mode == string(breaking.ModeNone) {
		a.tell("--mode NONE: what bytes and JSON text do was not checked")
	}
	if err := o.traffic.check(len(o.against)); err != nil {
		return err
	}
	if o.whyOK != "" {
		if err := o.settleWhyOK(); err != nil {
			return err
		}
	}
	rules, err := breaking.Select(o.use, o.except)
	if err != nil {
		return unknownRule(err)
	}
	targets, err := o.targets()
	if err != nil {
		return err
	}
	name := "."
	if len(args) == 1 {
		name = args[0]
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	spareCollections(64 << 20)
	if o.whyOK != "" {
		return a.printAccounts(ctx, o, rules, name)
	}
	report, err := a.compareAll(ctx, o, rules, name)
	if err != nil {
		return err
	}
	if o.dryRun {
		if err := a.printPatches(report); err != nil {
			return err
		}
		return o.verdict(report)
	}
	if o.fix {
		if changed, err := a.writeMends(report); err != nil {
			return err
		} else if changed {
			if report, err = a.compareAll(ctx, o, rules, name); err != nil {
				return err
			}
		}
	}
	for _, note := range report.Notes {
		a.tell(note)
	}
	for _, missed := range o.paths.missed {
		a.tell("--path " + missed + ": no compared file is called so or lies below it")
	}
	trafficErr := a.holdTraffic(ctx, &o.traffic, report)
	var unreadable *unreadableError
	if trafficErr != nil && !errors.As(trafficErr, &unreadable) {
		return trafficErr
	}
	for _, t := range targets {
		if err := t.write(a, o, report); err != nil {
			return err
		}
	}
	if trafficErr != nil {
		return trafficErr
	}
	return o.verdict(report)
}

// verdict is the error of a report with findings that count.
func (o *breakingOptions) verdict(report *breaking.Report) error {
	if o.traffic.worst(report) >= breaking.SeverityNamed(o.failOn) {
		return failedError{}
	}
	return nil
}

// baselines are the old schemas that count, each once: with a plain mode that
// somebody asked for the last one that is named, and else all.
func (a *app) baselines(o *breakingOptions, modeGiven bool) []string {
	var all []string
	for _, name := range o.against {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) == 1 || !modeGiven || strings.HasSuffix(o.mode, transitive) || o.mode == string(breaking.ModeNone) {
		return all
	}
	last := all[len(all)-1]
	a.tell(fmt.Sprintf("--mode %s compares with the last --against, %s; %s%s with all %d", o.mode, last, o.mode, transitive, len(all)))
	return []string{last}
}

// compareAll is one report about all old schemas.
func (a *app) compareAll(ctx context.Context, o *breakingOptions, rules []breaking.Rule, name string) (*breaking.Report, error) {
	var all []*breaking.Report
	for i, against := range o.against {
		report, err := a.compareSides(ctx, o, rules, against, name, i == 0)
		if err != nil {
			return nil, err
		}
		all = append(all, report)
	}
	return breaking.Merge(all), nil
}

// compareSides loads both sides and compares them. What is to be said about the
// new side is said with the first of several old ones.
func (a *app) compareSides(ctx context.Context, o *breakingOptions, rules []breaking.Rule, against, name string, first bool) (*breaking.Report, error) {
	note := a.tell
	if !first {
		note = func(string) {}
	}
	old, new, options, err := a.loadSides(ctx, o, rules, against, name, note)
	if err != nil {
		return nil, err
	}
	return promptly(ctx, func() (*breaking.Report, error) { return breaking.Compare(old, new, options), nil })
}

// loadSides loads both sides, with the options of their comparison.
func (a *app) loadSides(ctx context.Context, o *breakingOptions, rules []breaking.Rule, against, name string, note func(string)) (old, new *breaking.Schema, options breaking.Options, err error) {
	// These ask for types and elements by name, whether they changed or not.
	whole := o.whyOK != "" || len(o.traffic.files) > 0
	old, new, err = breaking.Load(ctx,
		breaking.Input{Name: against, ImportPaths: o.importPaths, ImportSets: o.importSets, Beside: name, NoMergeBase: o.noMergeBase, ExcludeImports: o.paths.excludeImports, Whole: whole, Note: a.tell},
		breaking.Input{Name: name, ImportPaths: o.importPaths, ImportSets: o.importSets, ExcludeImports: o.paths.excludeImports, Whole: whole, Note: note})
	if err != nil {
		return nil, nil, options, a.sideError(err)
	}
	config, err := a.bufConfig(o, new, note)
	return old, new, breaking.Options{
		Rules: rules, Buf: config, Mode: breaking.Mode(strings.TrimSuffix(o.mode, transitive)), AnyTypes: o.anyTypes,
		JSONStrict: o.jsonStrict, StrictEnums: o.strictEnums,
		Waivers: o.waivers, Today: time.Now(), Selected: o.paths.selector(name), InputFilesOnly: o.paths.inputFilesOnly,
	}, err
}

// promptly returns when work does, or when ctx ends: then the work, which knows
// no context, goes on unheard.
func promptly[T any](ctx context.Context, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := work()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// bufConfig is what a buf.yaml of the new side asks for, where --use does not
// say it; nil for none.
func (a *app) bufConfig(o *breakingOptions, new *breaking.Schema, note func(string)) (*breaking.BufConfig, error) {
	if len(o.use) > 0 {
		return nil, nil
	}
	config, err := new.BufConfig(o.except)
	var problem *breaking.Problem
	switch {
	case errors.As(err, &problem):
		return nil, &unreadableError{message: problem.Message, hint: problem.Hint}
	case err != nil || config == nil:
		return nil, err
	}
	for _, text := range config.Notes {
		note(text)
	}
	note(config.File + " gives the rules, so DATA did not run (--use DATA runs it)")
	return config, nil
}

// sideError tells which of the two schemas is meant before it tells what is
// wrong with it.
func (a *app) sideError(err error) error {
	var side *breaking.SideError
	if !errors.As(err, &side) {
		return err
	}
	var problem *breaking.Problem
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &problem):
		return &unreadableError{message: fmt.Sprintf("the %s schema cannot be read: %s", side.Side, problem.Message), hint: problem.Hint}
	case schemaErrors(err) == nil:
		return &unreadableError{message: fmt.Sprintf("the %s schema cannot be read: %v", side.Side, side.Err)}
	}
	a.tell(fmt.Sprintf("the %s schema (%s) cannot be read:", side.Side, side.Name))
	return side.Err
}

func (a *app) printText(text string) error {
	if _, err := a.stdout.WriteString(text); err != nil {
		return writeError(err)
	}
	return nil
}

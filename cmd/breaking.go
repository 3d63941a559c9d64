package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors/breaking"
	"github.com/pbscope/pbscope/descriptors/breaking/reports"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// breakingOptions is what the flags of breaking say.
type breakingOptions struct {
	against     string
	importPaths []string
	importSets  []string
	noMergeBase bool
	use, except []string
	anyTypes    []string
	jsonStrict  bool
	strictEnums bool
	mode        string
	failOn      string
	format      string
	outputs     []string
	color       string
	listRules   bool
	explain     string
	fix, dryRun bool
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

OLD is a directory, a .proto file, a descriptor set, or a git ref: main,
v1.2.0, HEAD~1, main:proto. A ref without a path means the path of NEW, in the
commit where the two histories parted. NEW is the same without git, and the
working directory when it is left out. In a CI job that checks a request to
merge (GitHub Actions, GitLab, Bitbucket, Azure, Buildkite, Jenkins and others),
OLD is the branch to merge into when --against is left out.

The rules are those of DATA, which judge by what bytes do. --use names others:
FILE, PACKAGE, WIRE_JSON, WIRE and CSR are buf's categories, with the findings
that buf has. A buf.yaml at the root of NEW with a breaking section gives its
own rules where --use gives none.

A comment above an element accepts a finding:

  // pbscope:allow FIELD_DELETED_NOT_RESERVED nobody ever wrote it
  message Order {

The exit code is 0 where nothing counts, 1 where some finding does (--fail-on),
2 for a wrong command line, and 3 for a schema that cannot be read.`,
		Example: `  pbscope breaking --against main
  pbscope breaking --against main:proto proto
  pbscope breaking --against v1.4.0 --fail-on break --format json proto
  pbscope breaking --against old.binpb new.binpb
  pbscope breaking --against main --use FILE,DATA --except FIELD_SAME_NAME proto
  pbscope breaking --against main --format github --output sarif=breaking.sarif
  pbscope breaking --against main --fix --dry-run | git apply
  pbscope breaking --explain FIELD_RENUMBERED`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error { return runBreaking(c.Context(), a, o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.against, "against", "", "the old schema: `OLD` is a directory, a file or a git ref")
	f.StringArrayVarP(&o.importPaths, "proto-path", "I", nil, "`DIR` that imports are relative to (repeatable; without it the imports say so themselves)")
	f.StringArrayVarP(&o.importSets, "descriptor-set", "d", nil, "`FILE` with a FileDescriptorSet that has what is imported from elsewhere (repeatable)")
	f.BoolVar(&o.noMergeBase, "no-merge-base", false, "compare with the git ref itself, not with where it and HEAD parted")
	f.StringSliceVar(&o.use, "use", nil, "apply these `RULES` and categories (default DATA)")
	f.StringSliceVar(&o.except, "except", nil, "leave these `RULES` and categories out, of --use or of a buf.yaml")
	f.StringSliceVar(&o.anyTypes, "any-types", nil, "full names of message `TYPES` that travel within Any")
	f.BoolVar(&o.jsonStrict, "json-strict", false, "readers of JSON refuse unknown keys and names: fields and values that were added or deleted count, too")
	f.BoolVar(&o.strictEnums, "strict-enums", false, "count what old readers with a closed enum lose: values added to it, and unnamed numbers once it is open")
	addEnum(c, &o.mode, "mode", modeNames(), "directions that count")
	addEnum(c, &o.failOn, "fail-on", breaking.SeverityNames(), "least severity that makes the exit code 1")
	addEnum(c, &o.format, "format", reports.Formats(), "form of the report")
	f.StringArrayVarP(&o.outputs, "output", "o", nil, "write a report to `FORMAT=FILE` too (repeatable); FILE alone takes the place of standard output")
	addEnum(c, &o.color, "color", colorModes, "colour the report")
	f.BoolVar(&o.listRules, "list-rules", false, "print the rules and what they find")
	f.StringVar(&o.explain, "explain", "", "print what `RULE` finds, with an example")
	f.BoolVar(&o.fix, "fix", false, "write the reserved statements that are missing into the .proto files, and judge the result")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --fix: print a patch in place of the report, and change nothing")
	_ = c.MarkFlagDirname("proto-path")
	for _, name := range []string{"use", "except"} {
		_ = c.RegisterFlagCompletionFunc(name, completeRules(breaking.Categories()))
	}
	_ = c.RegisterFlagCompletionFunc("explain", completeRules(nil))
	return c
}

// modeNames are the modes; with one old schema the transitive ones are the
// same.
func modeNames() []string {
	names := breaking.ModeNames()
	for _, name := range slices.Clone(names) {
		names = append(names, name+"_TRANSITIVE")
	}
	return names
}

func completeRules(categories []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names := slices.Clone(categories)
		for _, r := range breaking.Rules() {
			names = append(names, cobra.CompletionWithDesc(r.ID, r.Summary))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func runBreaking(ctx context.Context, a *app, o *breakingOptions, args []string) error {
	switch {
	case o.explain != "":
		return explainRule(a, o)
	case o.listRules:
		return listRules(a, o)
	case o.dryRun && !o.fix:
		return usagef("--dry-run says how --fix is done", "pbscope breaking --fix --dry-run")
	}
	if o.against == "" {
		var variable string
		if o.against, variable = baseBranch(); o.against == "" {
			return usagef("--against says what to compare with", "pbscope breaking --against main, or a directory or a descriptor set")
		}
		a.tell("compared with " + o.against + ", which " + variable + " names")
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
	report, err := a.compareSides(ctx, o, rules, name)
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
			if report, err = a.compareSides(ctx, o, rules, name); err != nil {
				return err
			}
		}
	}
	for _, note := range report.Notes {
		a.tell(note)
	}
	for _, t := range targets {
		if err := t.write(a, o, report); err != nil {
			return err
		}
	}
	return o.verdict(report)
}

// verdict is the error of a report with findings that count.
func (o *breakingOptions) verdict(report *breaking.Report) error {
	if report.Worst() >= breaking.SeverityNamed(o.failOn) {
		return failedError{}
	}
	return nil
}

// compareSides loads both sides and compares them.
func (a *app) compareSides(ctx context.Context, o *breakingOptions, rules []breaking.Rule, name string) (*breaking.Report, error) {
	old, new, err := breaking.Load(ctx,
		breaking.Input{Name: o.against, ImportPaths: o.importPaths, ImportSets: o.importSets, Beside: name, NoMergeBase: o.noMergeBase},
		breaking.Input{Name: name, ImportPaths: o.importPaths, ImportSets: o.importSets, Note: a.tell})
	if err != nil {
		return nil, a.sideError(err)
	}
	config, err := a.bufConfig(o, new)
	if err != nil {
		return nil, err
	}
	done := make(chan *breaking.Report, 1)
	go func() {
		done <- breaking.Compare(old, new, breaking.Options{
			Rules: rules, Buf: config, Mode: breaking.Mode(strings.TrimSuffix(o.mode, "_TRANSITIVE")), AnyTypes: o.anyTypes,
			JSONStrict: o.jsonStrict, StrictEnums: o.strictEnums,
		})
	}()
	select {
	case report := <-done:
		return report, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bufConfig is what a buf.yaml of the new side asks for, where --use does not
// say it; nil for none.
func (a *app) bufConfig(o *breakingOptions, new *breaking.Schema) (*breaking.BufConfig, error) {
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
	for _, note := range config.Notes {
		a.tell(note)
	}
	a.tell(config.File + " gives the rules, so DATA did not run (--use DATA runs it)")
	return config, nil
}

// reportTarget is a report that is asked for; path "" is standard output.
type reportTarget struct{ format, path string }

// targets are standard output, unless a file takes its place, and the files
// of --output.
func (o *breakingOptions) targets() ([]reportTarget, error) {
	formats := reports.Formats()
	targets := []reportTarget{{o.format, ""}}
	for _, output := range o.outputs {
		format, path, ok := strings.Cut(output, "=")
		switch {
		case !ok && targets[0].path == "":
			targets[0].path = output
		case ok && slices.Contains(formats, format) && path != "":
			targets = append(targets, reportTarget{format, path})
		default:
			hint := "--output json=report.json"
			if near := nearest.Name(format, formats); near != "" {
				hint = "--output " + near + "=" + path
			}
			return nil, usagef("--output "+output+" is not FORMAT=FILE; the formats are "+strings.Join(formats, ", "), hint)
		}
	}
	return targets, nil
}

func (t reportTarget) write(a *app, o *breakingOptions, report *breaking.Report) error {
	out, err := a.openOutput(t.path)
	if err != nil {
		return err
	}
	version, _, _ := build()
	text, err := reports.Append(nil, report, t.format, reports.Options{
		Text:    breaking.TextOptions{Color: a.color(o.color, out.file)},
		FailOn:  breaking.SeverityNamed(o.failOn),
		Version: version,
	})
	if err != nil {
		_ = out.close(false)
		return err
	}
	_, err = out.file.Write(text)
	if err != nil {
		_ = out.close(false)
		return writeError(err)
	}
	if err := out.close(true); err != nil || t.format != "github" {
		return err
	}
	return appendStepSummary(report)
}

// appendStepSummary adds the report to the summary of a job of GitHub Actions,
// where one runs.
func appendStepSummary(report *breaking.Report) error {
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return cannotWrite(path, err)
	}
	_, err = file.Write(reports.AppendSummary(nil, report))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

func unknownRule(err error) error {
	var unknown *breaking.UnknownRuleError
	if errors.As(err, &unknown) {
		return usagef(unknown.Error(), "`pbscope breaking --list-rules` lists them")
	}
	return err
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

func listRules(a *app, o *breakingOptions) error {
	rules := breaking.Rules()
	if len(o.use)+len(o.except) > 0 {
		var err error
		if rules, err = breaking.Select(o.use, o.except); err != nil {
			return unknownRule(err)
		}
	}
	if o.format == "json" {
		return a.printRules(rules)
	}
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "%-46s %-32s %s\n", r.ID, strings.Join(r.Categories, ","), r.Summary)
	}
	return a.printText(b.String())
}

// ruleEntry is a rule as JSON.
type ruleEntry struct {
	Rule       string      `json:"rule"`
	Categories []string    `json:"categories"`
	Severity   string      `json:"severity"`
	Summary    string      `json:"summary"`
	Mend       string      `json:"mend"`
	Example    ruleExample `json:"example"`
}

type ruleExample struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// printRules prints one object a line.
func (a *app) printRules(rules []breaking.Rule) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, r := range rules {
		if err := e.Encode(ruleEntry{r.ID, r.Categories, r.Severity, r.Summary, r.Mend, ruleExample{r.Old, r.New}}); err != nil {
			return err
		}
	}
	return a.printText(b.String())
}

func explainRule(a *app, o *breakingOptions) error {
	r, err := breaking.RuleNamed(o.explain)
	if err != nil {
		return unknownRule(err)
	}
	if o.format == "json" {
		return a.printRules([]breaking.Rule{r})
	}
	example := func(source string) string { return strings.ReplaceAll(source, "\n", "\n          ") }
	return a.printText(fmt.Sprintf("%s (%s): %s\n\n%s\n\n  before  %s\n  after   %s\n\nTo mend it: %s.\n",
		r.ID, strings.Join(r.Categories, ", "), r.Severity, r.Summary, example(r.Old), example(r.New), r.Mend))
}

func (a *app) printText(text string) error {
	if _, err := a.stdout.WriteString(text); err != nil {
		return writeError(err)
	}
	return nil
}

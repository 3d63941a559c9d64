package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect/conform"
	"github.com/pbscope/pbscope/inspect/plan"
)

func newConformance(a *app) *cobra.Command {
	schema := new(schemaFlags)
	c := &cobra.Command{
		Use:    "conformance",
		Hidden: true,
		Short:  "Answer the test runner of the official conformance suite",
		Long: `conformance speaks the pipe protocol of protobuf's conformance_test_runner on
standard input and output, so that the official suite can be run against this
program. The schema must have the suite's test messages. All input and output
goes through the engines of decode and encode; nothing is skipped but JSPB.`,
		Example: `  printf '#!/bin/sh\nexec pbscope conformance -d test_messages.binpb\n' > testee && chmod +x testee
  conformance_test_runner --enforce_recommended --maximum_edition 2023 ./testee`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return runConformance(a, schema) },
	}
	schema.addUnconfigured(c)
	return c
}

func runConformance(a *app, flags *schemaFlags) error {
	schema, err := flags.openAll(a, true, false)
	if err != nil {
		return err
	}
	return conform.NewServer(plan.NewSet(schema)).Serve(a.stdin, a.stdout)
}

package cmd

import (
	"context"
	"errors"
	"slices"
	"syscall"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/tws"
)

// The exit codes of the output contract.
const (
	exitDone        = 0
	exitFailed      = 1 // some record failed, or a finding counts
	exitUsage       = 2
	exitUnreadable  = 3 // a schema or input that cannot be read, an output that cannot be written
	exitInterrupted = 130
)

// usageError is a wrong command line.
type usageError struct {
	message string
	hint    string
}

func (e *usageError) Error() string { return e.message }

func usagef(message, hint string) error { return &usageError{message: message, hint: hint} }

// failedError says that the work was done and some of it failed, which has
// been told already.
type failedError struct{}

func (failedError) Error() string { return "some records failed" }

// unreadableError is an input or output error, which has been told already
// where message is empty.
type unreadableError struct {
	message string
	hint    string
}

func (e *unreadableError) Error() string { return e.message }

// exitCode is the one place where errors become exit codes and lines on
// standard error.
func (a *app) exitCode(err error) int {
	var usage *usageError
	var unreadable *unreadableError
	var ambiguous *inspect.AmbiguousError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, new(failedError)):
		return exitFailed
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, syscall.EPIPE):
		// Whoever read our output has enough of it.
		return exitDone
	case errors.As(err, &usage):
		a.tell(usage.message)
		a.hint(usage.hint)
		return exitUsage
	case errors.As(err, &ambiguous):
		a.tell(err.Error())
		a.hint("say which form it is with --from; `pbscope help forms` lists them")
		return exitUsage
	case errors.Is(err, tws.ErrDirection):
		a.tell(err.Error())
		return exitUsage
	case errors.Is(err, inspect.ErrStrict):
		a.tell(err.Error())
		return exitFailed
	case errors.As(err, &unreadable):
		if unreadable.message != "" {
			a.tell(unreadable.message)
			a.hint(unreadable.hint)
		}
		return exitUnreadable
	}
	if bad := configErrors(err); len(bad) > 0 {
		a.tellSchemaErrors(bad)
		return exitUsage
	}
	if schema := schemaErrors(err); len(schema) > 0 {
		a.tellSchemaErrors(schema)
		if !slices.ContainsFunc(schema, aboutSchema) {
			return exitUsage
		}
		return exitUnreadable
	}
	a.tell(err.Error())
	return exitUnreadable
}

// aboutSchema is false for an error of the command line: a type that the
// schema does not have, or that has to be named.
func aboutSchema(e *descriptors.Error) bool {
	return e.Kind != descriptors.KindUnknownType && e.Kind != descriptors.KindAmbiguous
}

// schemaErrors is the errors of a schema that err is made of; nil if it is
// another error.
func schemaErrors(err error) []*descriptors.Error {
	var several descriptors.Errors
	if errors.As(err, &several) {
		return several
	}
	var one *descriptors.Error
	if errors.As(err, &one) {
		return []*descriptors.Error{one}
	}
	return nil
}

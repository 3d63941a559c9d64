//go:build !windows

package cmd

import (
	"os/signal"
	"syscall"
)

// ignoreBrokenPipe lets a write to a closed pipe return EPIPE, so that the
// command ends quietly and with its own exit code.
func ignoreBrokenPipe() { signal.Ignore(syscall.SIGPIPE) }

//go:build !windows

package cmd

import "syscall"

var errIsDirectory error = syscall.EISDIR

//go:build !windows

package cmd

import (
	"os"
	"syscall"
)

// umask is the mode bits that new files do not get.
func umask() os.FileMode {
	mask := syscall.Umask(0)
	syscall.Umask(mask)
	return os.FileMode(mask)
}

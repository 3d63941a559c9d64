//go:build unix

package cache

import (
	"io/fs"
	"os"
	"syscall"
)

// owned says whether a file or directory is the user's own.
func owned(info fs.FileInfo) bool {
	sys, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Geteuid()
}

// ours says whether it is, and nobody else can write to it.
func ours(info fs.FileInfo) bool { return owned(info) && info.Mode().Perm()&0o022 == 0 }

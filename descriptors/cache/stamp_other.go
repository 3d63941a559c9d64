//go:build !linux && !darwin && !freebsd && !netbsd

package cache

import "io/fs"

func (s *stamp) add(fs.FileInfo) {}

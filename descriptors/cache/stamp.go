package cache

import (
	"io/fs"
	"time"
)

// stamp is what tells a file from itself after a change: times in nanoseconds
// since 1970, 0 where the system has none.
type stamp struct {
	device, inode     uint64
	size              int64
	modified, changed int64
}

// grain is how far the times of file systems can be behind: two seconds on FAT.
const grain = 2 * time.Second

// young says that a file could change and keep its times, at a moment when
// somebody looks at it: they are of that moment, or still to come.
func (s stamp) young(now time.Time) bool {
	return max(s.modified, s.changed) > now.Add(-grain).UnixNano()
}

// stampOf is the stamp of what the info is of.
func stampOf(info fs.FileInfo) stamp {
	s := stamp{modified: info.ModTime().UnixNano()}
	if info.Mode().IsRegular() {
		s.size = info.Size()
	}
	s.add(info)
	return s
}

// identityOf is the part of a stamp that no change of what is in a file
// touches, with its kind in place of the size.
func identityOf(info fs.FileInfo) stamp {
	s := stampOf(info)
	return stamp{device: s.device, inode: s.inode, size: int64(info.Mode().Type())}
}

// Package hugepage asks the system for large pages under large buffers.
//
// A message of many megabytes is read into fresh memory and its JSON written
// into more of it: with pages of 4 KiB the kernel takes as long to hand that
// out, page by page, as the decoder takes for its work. It is for buffers that
// are about to be filled; those of a stream are small and used again.
package hugepage

// least is the size in bytes from which a buffer has whole large pages in it,
// wherever it begins.
const least = 4 << 20

// Advise asks for large pages under the capacity of b where it has several
// megabytes. It is a hint: nothing depends on whether the system follows.
func Advise(b []byte) {
	if cap(b) >= least {
		advise(b[:cap(b)])
	}
}

package hugepage

import "syscall"

// advise relies on large slices beginning at a page, as the runtime allocates
// them; the system refuses the hint where one does not.
func advise(b []byte) { _ = syscall.Madvise(b, syscall.MADV_HUGEPAGE) }

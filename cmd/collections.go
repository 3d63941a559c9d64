package cmd

import (
	"runtime"
	"runtime/debug"
)

// usualHeap is how large the heap grows before the first garbage collection:
// what a schema and a large message allocate is not worth the time that
// freeing it takes.
const usualHeap = 32 << 20

// spareCollections lets the heap grow to so many bytes before the first garbage
// collection, and as usual from then on.
func spareCollections(bytes int) {
	const least = 4 << 20 // the runtime's own limit, at 100 percent
	debug.SetGCPercent(bytes / least * 100)
	runtime.SetFinalizer(new([64]byte), func(*[64]byte) { debug.SetGCPercent(100) })
}

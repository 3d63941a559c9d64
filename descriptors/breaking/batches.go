package breaking

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// batchSize is the size of the files of a batch from which no more are added,
// in bytes. The compiler holds all that it knows of the files of a run until the
// last of them is done: several times their size.
const batchSize = 4 << 20

// batches divides files into groups that compile by themselves: no file imports
// one of another group, but for those that many import, which are compiled with
// each group that does. Small schemas are one group.
func (s *treeSide) batches(names []string) [][]string {
	size := func(name string) int { return len(s.textOf(name)) }
	total := 0
	index := make(map[string]int, len(names))
	for i, name := range names {
		total += size(name)
		index[name] = i
	}
	if total <= 2*batchSize {
		return [][]string{names}
	}
	common := s.common(names)
	groups := newGroups(len(names))
	for i, name := range names {
		for _, imported := range s.factsOf(name).imports {
			if j, ok := index[imported]; ok && !common[name] && !common[imported] {
				groups.join(i, j)
			}
		}
	}
	members := make(map[int][]string)
	var order []int
	for i, name := range names {
		at := groups.of(i)
		if common[name] {
			at = -1
		}
		if members[at] == nil {
			order = append(order, at)
		}
		members[at] = append(members[at], name)
	}
	var batches [][]string
	filled := batchSize
	for _, at := range order {
		if filled >= batchSize {
			batches, filled = append(batches, nil), 0
		}
		last := &batches[len(batches)-1]
		*last = append(*last, members[at]...)
		for _, name := range members[at] {
			filled += size(name)
		}
	}
	return batches
}

// common are the files that more than a twentieth of all import, with those
// that they import.
func (s *treeSide) common(names []string) map[string]bool {
	importers := make(map[string]int)
	for _, name := range names {
		for _, imported := range s.factsOf(name).imports {
			importers[imported]++
		}
	}
	common := make(map[string]bool)
	var queue []string
	for name, n := range importers {
		if n > len(names)/20 {
			queue = append(queue, name)
		}
	}
	for len(queue) > 0 {
		name := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if facts := s.factsOf(name); !common[name] && facts != nil {
			queue = append(queue, facts.imports...)
		}
		common[name] = true
	}
	return common
}

// groups are sets of numbers that do not overlap.
type groups []int

func newGroups(n int) groups {
	g := make(groups, n)
	for i := range g {
		g[i] = i
	}
	return g
}

// of is the number that stands for the group of another.
func (g groups) of(i int) int {
	for g[i] != i {
		g[i] = g[g[i]]
		i = g[i]
	}
	return i
}

func (g groups) join(i, j int) { g[g.of(i)] = g.of(j) }

// sortFiles puts the files that were compiled in batches into their order.
func (b *builder) sortFiles(from int, names []string) {
	place := make(map[string]int, len(names))
	for i, name := range names {
		place[name] = i
	}
	slices.SortFunc(b.files[from:], func(x, y protoreflect.FileDescriptor) int { return cmp.Compare(place[x.Path()], place[y.Path()]) })
}

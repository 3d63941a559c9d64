package inspect

import (
	"math/bits"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/identify"
	"github.com/pbscope/pbscope/inspect/plan"
)

const (
	// maxCandidates is how many types Frame.TypeCandidates names.
	maxCandidates = 5
	// candidateGroups is for how many topics or ids candidates are looked for,
	// candidateSamples how many records of each are looked at.
	candidateGroups  = 64
	candidateSamples = 16
)

// Candidates is a reader whose frames name the types that fit them where no
// type is known: neither their own, if set has it, nor given for all. What
// fits is decided by the records of the frame's topic or id up to it, the first
// 16 at most, so that the same input gives the same candidates. table is called
// for the types of the schema when the first such frame has been met.
func Candidates(in frame.Reader, set *plan.Set, given *plan.Message, table func() *identify.Table) frame.Reader {
	return &candidateReader{
		Reader: in, types: Decoder{o: DecodeOptions{Set: set, Type: given}}, makeTable: table,
		groups: make(map[groupKey]*candidates),
	}
}

type candidateReader struct {
	frame.Reader
	types     Decoder
	makeTable func() *identify.Table
	table     *identify.Table
	groups    map[groupKey]*candidates
	// known is a type that is known: most frames have that of the one before.
	known protoreflect.FullName
}

// candidates are those of a group of records.
type candidates struct {
	samples [][]byte
	names   []string
}

// Next implements frame.Reader.
func (r *candidateReader) Next(f *frame.Frame) error {
	err := r.Reader.Next(f)
	if err != nil || f.Problem != nil || f.Null || f.Type != "" && f.Type == r.known || !HasMessage(f) {
		return err
	}
	if r.types.typeOf(f) != nil {
		r.known = f.Type
		return nil
	}
	key := keyOf(f)
	group := r.groups[key]
	switch {
	case group == nil && len(r.groups) >= candidateGroups:
		return nil
	case group == nil:
		group = new(candidates)
		r.groups[key] = group
	}
	r.look(group, f.Payload)
	f.TypeCandidates = group.names
	if f.Meta != nil && f.Meta.TWS != nil && f.Type != "" {
		f.TypeCandidates = outside(f.Type.Parent(), group.names)
	}
	return nil
}

// outside is the types that are not of a package. Where the type of a message
// id is known, and the schema lacks it, the others of its package are those of
// other messages; a copy of the schema may have another package.
func outside(pkg protoreflect.FullName, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return protoreflect.FullName(name).Parent() == pkg
	})
}

// look takes a record into account, and decides anew after the first, the
// second, the fourth ….
func (r *candidateReader) look(g *candidates, payload []byte) {
	const maxPayload = 64 << 10
	if len(g.samples) >= candidateSamples || len(payload) > maxPayload {
		return
	}
	g.samples = append(g.samples, append([]byte{}, payload...))
	if bits.OnesCount(uint(len(g.samples))) != 1 {
		return
	}
	if r.table == nil {
		r.table = r.makeTable()
	}
	g.names = nil
	result := r.table.Rank(g.samples, identify.Options{Limit: maxCandidates})
	if result.Empty == result.Samples {
		return
	}
	for _, c := range result.Fitting() {
		g.names = append(g.names, c.Type)
	}
}

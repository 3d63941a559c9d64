package sample

import (
	"encoding/binary"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// oneofs goes through the members of oneofs from one example to the next.
//
// A oneof is told from others by its place: the numbers of the fields around
// it and its index. Parallel places go on at the same time; a place goes on
// when nothing below the member that it shows has more to show.
type oneofs struct {
	path  []byte // of the message that is being written
	turns map[string]int
	asked []asked // in this example, outer places first
}

// asked is a oneof that an example came by.
type asked struct {
	place   string
	below   string // what the places below the member that it shows begin with
	members int
}

func (o *oneofs) enter(number protoreflect.FieldNumber) {
	o.path = binary.BigEndian.AppendUint32(o.path, uint32(number))
}

func (o *oneofs) leave() { o.path = o.path[:len(o.path)-4] }

// member is the one of a oneof's members that is to be shown here.
func (o *oneofs) member(index int, members []*plan.Field) *plan.Field {
	const mark = 1 << 31 // no field number has it
	place := string(binary.BigEndian.AppendUint32(o.path, mark|uint32(index)))
	shown := o.turns[place]
	if shown >= len(members) {
		shown = 0
	}
	f := members[shown]
	o.asked = append(o.asked, asked{place, string(binary.BigEndian.AppendUint32(o.path, uint32(f.Number))), len(members)})
	return f
}

// advance ends an example; more says that there is something left to show.
func (o *oneofs) advance() (more bool) {
	if o.turns == nil {
		o.turns = make(map[string]int)
	}
	var pending []string
	for i := len(o.asked) - 1; i >= 0; i-- {
		a := o.asked[i]
		below := false
		for _, place := range pending {
			below = below || strings.HasPrefix(place, a.below)
		}
		if !below && o.turns[a.place] < a.members {
			o.turns[a.place]++
		}
		if o.turns[a.place] < a.members {
			pending = append(pending, a.place)
		}
	}
	o.asked = o.asked[:0]
	return len(pending) > 0
}

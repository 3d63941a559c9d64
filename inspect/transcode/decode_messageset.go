package transcode

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// The field numbers of a MessageSet's item: a group of a type id and a message.
const (
	itemNumber  = 1
	itemTypeID  = 2
	itemMessage = 3
)

// item makes r, a MessageSet's group of number 1, a record of the extension
// that it holds. It is false if that is not known, or if anything but one type
// id and one message is in it: it is then kept whole, as an unknown field.
func (d *Decoder) item(m *plan.Message, r *record) bool {
	buf := d.buf[:r.end]
	id, message, messageEnd, fields, odd := uint64(0), 0, 0, 0, false
	for pos := r.at; ; fields++ {
		tag, at := readTag(buf, pos)
		odd = odd || padded(buf, pos, at)
		switch tag {
		case itemNumber<<3 | wireEnd:
			if fields != 2 || id == 0 || id > 1<<31-1 || message == 0 {
				return false
			}
			f := m.Field(protoreflect.FieldNumber(id))
			if f == nil || f.Kind != protoreflect.MessageKind || f.Repeated || f.Map {
				return false
			}
			d.note(odd)
			r.field, r.at, r.end = f, message, messageEnd
			return true
		case itemTypeID<<3 | wireVarint:
			id, pos = readVarint(buf, at)
			odd = odd || padded(buf, at, pos) || fields > 0
		case itemMessage<<3 | wireLen:
			message = at
			_, pos = readLen(buf, at)
			messageEnd = pos
		default:
			return false
		}
	}
}

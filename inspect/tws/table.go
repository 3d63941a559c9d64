package tws

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
)

// table is the messages that a reader knows: those that are built in, and the
// user's, which come first.
type table struct{ own []frame.TWSMessage }

// table is that of the reader's options.
func (r *reader) table() table {
	if r.o == nil || r.o.TWS == nil {
		return table{}
	}
	return table{r.o.TWS.Messages}
}

// find is the row of a base id sent by a direction's sender. Ids of the two
// directions overlap: where the direction is not known, it is that of an id
// which only one of them has, or both have alike.
func (t table) find(direction string, id uint32) (messageRow, bool) {
	if direction != "" {
		return t.findSent(direction, id)
	}
	sent, ok := t.findSent(client, id)
	received, also := t.findSent(server, id)
	switch {
	case !also:
		return sent, ok
	case !ok, sent == received:
		return received, true
	}
	return messageRow{}, false
}

func (t table) findSent(direction string, id uint32) (messageRow, bool) {
	if len(t.own) > 0 {
		wanted := frame.TWSMessage{Direction: direction, ID: id}
		if i, ok := slices.BinarySearchFunc(t.own, wanted, compareMessages); ok {
			return ownRow(&t.own[i]), true
		}
	}
	return find(direction, id)
}

// compareMessages orders messages by direction and id.
func compareMessages(a, b frame.TWSMessage) int {
	return cmp.Or(strings.Compare(a.Direction, b.Direction), cmp.Compare(a.ID, b.ID))
}

// ownRow is the row of a user's message.
func ownRow(m *frame.TWSMessage) messageRow {
	row := messageRow{id: m.ID, name: m.Name, proto: string(m.Type)}
	if name, ok := strings.CutPrefix(row.proto, protoPackage); ok {
		row.proto = name
	} else if row.proto != "" {
		row.proto = "." + row.proto
	}
	return row
}

// exists says that a direction has a message of that base id, either of them
// if the direction is not known.
func (t table) exists(direction string, id uint32) bool {
	if direction != "" {
		_, ok := t.findSent(direction, id)
		return ok
	}
	return t.exists(client, id) || t.exists(server, id)
}

// protoPackage is the package of IB's messages, with its dot.
const protoPackage = "protobuf."

// message is the full name of the row's message type.
func (r messageRow) message() protoreflect.FullName {
	switch {
	case r.proto == "":
		return ""
	case r.proto[0] == '.':
		return protoreflect.FullName(r.proto[1:])
	}
	return protoreflect.FullName(protoPackage + r.proto)
}

// NewestVersion is the newest server version whose messages are known.
const NewestVersion = newestLayouts

// TypeFromOther is the type of the message that the other side than direction's
// sender sends under a base id, "" if it is not known.
func TypeFromOther(direction string, id uint32) protoreflect.FullName {
	other := client
	switch direction {
	case client:
		other = server
	case "":
		return ""
	}
	row, _ := find(other, id)
	return row.message()
}

package inspect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/message"
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
	"github.com/pbscope/pbscope/inspect/tws"
)

// hintTWS adds to the hint of p, why f cannot be read as m, what is known of a
// message of the TWS API: that the other side's message of that id fits, that
// the schema lacks fields, that the server is newer than all that is known.
func (d *Decoder) hintTWS(p *span.Problem, m *plan.Message, f *frame.Frame) {
	if f.Meta == nil || f.Meta.TWS == nil || m == nil {
		return
	}
	t := f.Meta.TWS
	hints := []string{p.Hint}
	if other := d.otherSides(t, f.Payload); other != "" {
		hints = append(hints, "as "+other+", which the other side sends under this id, the bytes can be read: is the direction right?")
	}
	version := ""
	if t.ServerVersion > 0 {
		version = " (version " + strconv.Itoa(t.ServerVersion) + ")"
	}
	if lacking := lackingFields(m, f.Payload, d.o.Options.MaxDepth); lacking != "" {
		hints = append(hints, "the schema does not know "+lacking+" of this message as it was sent: it may be older than the server"+version)
	}
	if t.ServerVersion > tws.NewestVersion {
		hints = append(hints, "the server's version, "+strconv.Itoa(t.ServerVersion)+", is newer than "+strconv.Itoa(tws.NewestVersion)+
			", the newest that is known here: take the schema that comes with that version of the API")
	}
	hints = slices.DeleteFunc(hints, func(s string) bool { return s == "" })
	p.Hint = strings.Join(hints, "; ")
}

// otherSides is the type that the other side sends under the id of t, if the
// payload can be read as that without unknown fields, else "".
func (d *Decoder) otherSides(t *frame.TWS, payload []byte) string {
	name := tws.TypeFromOther(t.Direction, t.ID)
	if name == "" || d.o.Set == nil || len(payload) == 0 {
		return ""
	}
	m := d.o.Set.Named(name)
	if m == nil || message.Diagnose(m, payload, message.Options{MaxDepth: d.o.Options.MaxDepth, RefuseUnknown: true}) != nil {
		return ""
	}
	return string(name)
}

// maxLacking is how many fields a hint names.
const maxLacking = 5

// lackingFields names the fields of the payload, at any depth, that the types
// of the schema do not have, or have with another wire type.
func lackingFields(m *plan.Message, payload []byte, maxDepth int) string {
	tree := message.Explain(m, payload, message.Options{MaxDepth: maxDepth})
	var fields []string
	for i := 0; i < tree.Len() && len(fields) <= maxLacking; {
		n := tree.Node(i)
		if n.Role == message.Broken || n.Why != message.UnknownNumber && n.Why != message.OtherWireType {
			i++
			continue
		}
		name := strconv.Itoa(int(n.Number))
		if n.Field != nil {
			name += " (" + n.Field.ProtoName + ", of another wire type)"
		}
		if !slices.Contains(fields, name) {
			fields = append(fields, name)
		}
		i = n.Next // not into it
	}
	switch {
	case len(fields) == 0:
		return ""
	case len(fields) == 1:
		return "field " + fields[0]
	case len(fields) > maxLacking:
		return "the fields " + strings.Join(fields[:maxLacking], ", ") + " and others"
	}
	return "the fields " + strings.Join(fields, ", ")
}

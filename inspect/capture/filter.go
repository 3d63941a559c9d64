package capture

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
)

// choose settles whether a connection is wanted.
func (r *reader) choose(c *connection) {
	w := r.want
	if len(w.Connections) > 0 && !slices.Contains(w.Connections, c.number) ||
		len(w.Ports) > 0 && !slices.Contains(w.Ports, c.ends[0].port) && !slices.Contains(w.Ports, c.ends[1].port) ||
		len(w.Hosts) > 0 && !r.host(c.ends[0]) && !r.host(c.ends[1]) {
		c.state, c.unwanted = ignored, true
	}
}

func (r *reader) host(e endpoint) bool {
	for _, h := range r.want.Hosts {
		if h.Contains(e.addr()) {
			return true
		}
	}
	return false
}

// noteOf passes on notes about a connection.
func (r *reader) noteOf(c *connection) func(text string) {
	return func(text string) { r.o.Tell("connection " + strconv.FormatInt(c.number, 10) + ": " + text) }
}

// settleDropped takes the connections that are over into account.
func (r *reader) settleDropped() {
	for _, c := range r.dropped {
		if r.list != nil {
			r.list(c)
		}
		if r.list == nil && !c.unwanted && c.state == ignored {
			r.left.add(c)
		}
		if late := c.streams[0].late + c.streams[1].late; late > 0 {
			r.noteOf(c)(fmt.Sprintf("%d bytes came after they had been taken for lost, and are left out", late))
		}
		if early := c.streams[0].early + c.streams[1].early; early > 0 {
			r.noteOf(c)(fmt.Sprintf("%d bytes from before the first ones that were read came later, and are left out", early))
		}
	}
	r.dropped = nil
}

// tally counts the connections that were left alone, by protocol.
type tally []struct {
	title string
	n     int64
}

func (t *tally) add(c *connection) {
	if c.protocol == nil || c.streams[0].bytes+c.streams[1].bytes == 0 {
		return
	}
	for i := range *t {
		if (*t)[i].title == c.protocol.Title {
			(*t)[i].n++
			return
		}
	}
	*t = append(*t, struct {
		title string
		n     int64
	}{c.protocol.Title, 1})
}

func (t *tally) tell(o *frame.Options) {
	for _, row := range *t {
		plural := "s"
		if row.n == 1 {
			plural = ""
		}
		o.Tell(fmt.Sprintf("%d connection%s of %s left alone; `pbscope capture` lists them", row.n, plural, row.title))
	}
}

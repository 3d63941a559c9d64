package stats

import (
	"time"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/tws"
)

// pairs finds the first answers to the requests of TWS connections: the first
// message that is of a kind which answers the request and bears its id. Where
// several requests wait for the same message, the oldest one has it.
type pairs struct {
	requests map[uint32]*tws.Request // by base id
	answered map[uint32][]uint32     // the requests that a server's message answers
	cancels  map[uint32]uint32       // the requests that a client's message takes back
	source   string
	versions map[int64]int                 // of servers, by connection
	waiting  map[int64]map[pairKey]waiting // by connection
	total    int                           // in waiting
	order    int64
}

// pairKey is what a request is found by.
type pairKey struct {
	request uint32
	id      int64
}

type waiting struct {
	row   *Row
	at    time.Time
	order int64
}

const (
	// maxWaiting is how many requests without an answer are remembered; further
	// ones stay unanswered.
	maxWaiting = 1 << 16
	// maxVersions is of how many connections the server's version is.
	maxVersions = 1 << 16
)

func (p *pairs) init() {
	p.requests = make(map[uint32]*tws.Request)
	p.answered = make(map[uint32][]uint32)
	p.cancels = make(map[uint32]uint32)
	rows := tws.Requests()
	for i := range rows {
		r := &rows[i]
		p.requests[r.ID] = r
		if r.Cancel != 0 {
			p.cancels[r.Cancel] = r.ID
		}
		for _, id := range r.Answers {
			p.answered[id] = append(p.answered[id], r.ID)
		}
		if r.ByID {
			p.answered[tws.ErrorMessage] = append(p.answered[tws.ErrorMessage], r.ID)
		}
	}
}

// begin forgets what came before a source: connections are numbered anew in
// each.
func (p *pairs) begin(source string) {
	if p.waiting == nil || p.source != source {
		p.source, p.versions, p.total = source, make(map[int64]int), 0
		p.waiting = make(map[int64]map[pairKey]waiting)
	}
}

// add takes a message of a captured connection into account.
func (p *pairs) add(source string, f *frame.Frame, row *Row) {
	p.begin(source)
	t, connection := f.Meta.TWS, f.Meta.TCP.Connection
	if t.ServerVersion > 0 && (len(p.versions) < maxVersions || p.versions[connection] > 0) {
		p.versions[connection] = t.ServerVersion
	}
	switch {
	case t.Kind == "client_versions":
		p.ask(f, pairKey{tws.Connecting, 0}, row, false)
	case t.Kind == "server_info":
		p.answer(f, []uint32{tws.Connecting})
	case !t.HasID:
	case t.Direction == "client":
		p.client(f, row)
	case t.Direction == "server" && len(p.waiting[connection]) > 0:
		p.answer(f, p.answered[t.ID])
	}
}

// lose gives up the requests that wait on a connection which lost bytes: the
// first answer may have been among them.
func (p *pairs) lose(source string, connection int64) {
	p.begin(source)
	p.total -= len(p.waiting[connection])
	delete(p.waiting, connection)
}

func (p *pairs) client(f *frame.Frame, row *Row) {
	t := f.Meta.TWS
	if taken, cancels := p.cancels[t.ID]; cancels {
		key := pairKey{request: taken}
		if p.requests[taken].ByID {
			key.id, _ = p.sharedID(f)
		}
		p.remove(f.Meta.TCP.Connection, key)
		return
	}
	request := p.requests[t.ID]
	if request == nil {
		return
	}
	key := pairKey{request: t.ID}
	if request.ByID {
		id, ok := p.sharedID(f)
		if !ok {
			row.Answers.Requests++
			row.Answers.Unknown++
			row.Answers.WithID++
			return
		}
		key.id = id
	}
	p.ask(f, key, row, request.ByID)
}

func (p *pairs) sharedID(f *frame.Frame) (int64, bool) {
	return tws.SharedID(f.Meta.TWS, p.versions[f.Meta.TCP.Connection], f.Payload)
}

// ask notes a request. While one of the same id waits, that one has the answer.
func (p *pairs) ask(f *frame.Frame, key pairKey, row *Row, byID bool) {
	row.Answers.Requests++
	if byID {
		row.Answers.WithID++
	}
	of := p.waiting[f.Meta.TCP.Connection]
	if _, waits := of[key]; waits || p.total >= maxWaiting {
		return
	}
	if of == nil {
		of = make(map[pairKey]waiting)
		p.waiting[f.Meta.TCP.Connection] = of
	}
	p.order++
	p.total++
	of[key] = waiting{row, f.Meta.Time, p.order}
}

func (p *pairs) remove(connection int64, key pairKey) {
	of := p.waiting[connection]
	if _, ok := of[key]; !ok {
		return
	}
	p.total--
	if delete(of, key); len(of) == 0 {
		delete(p.waiting, connection)
	}
}

// answer finds the request that a server's message answers, among the kinds
// requests.
func (p *pairs) answer(f *frame.Frame, requests []uint32) {
	of := p.waiting[f.Meta.TCP.Connection]
	var id int64
	var asked, hasID bool
	var best pairKey
	var oldest waiting
	for _, request := range requests {
		key := pairKey{request: request}
		if p.requests[request].ByID {
			if !asked {
				id, hasID = p.sharedID(f)
				asked = true
			}
			if key.id = id; !hasID {
				continue
			}
		}
		if w, ok := of[key]; ok && (oldest.row == nil || w.order < oldest.order) {
			best, oldest = key, w
		}
	}
	if oldest.row == nil {
		return
	}
	p.remove(f.Meta.TCP.Connection, best)
	oldest.row.Answers.Times.Add(f.Meta.Time.Sub(oldest.at).Nanoseconds())
	if t := f.Meta.TWS; t.HasID && t.ID == tws.ErrorMessage {
		oldest.row.Answers.Errors++
	}
}

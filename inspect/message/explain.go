package message

import (
	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/span"
)

// Explain is the tree of payload read as m; m may be nil. There is always a
// tree: what cannot be read is a node with a problem.
func Explain(m *plan.Message, payload []byte, o Options) *Tree {
	return &Tree{Payload: payload, Type: m}
}

// Diagnose is the decisive problem of payload read as m, nil if the fast
// engine accepts it.
func Diagnose(m *plan.Message, payload []byte, o Options) *span.Problem {
	return Explain(m, payload, o).Problem
}

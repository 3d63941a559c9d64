package message

import (
	"testing"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/wire"
)

// checkTree explains payload and reports what breaks the promises of a tree.
func checkTree(t *testing.T, m *plan.Message, payload []byte, o Options) *Tree {
	t.Helper()
	tree := Explain(m, payload, o)
	checkCover(t, tree, root, 0, len(payload))
	p := Diagnose(m, payload, o)
	switch {
	case (p == nil) != (tree.Problem == nil):
		t.Errorf("% x: Diagnose says %v, Explain %v", payload, p, tree.Problem)
	case p != nil && *p != *tree.Problem:
		t.Errorf("% x: Diagnose says %+v, Explain %+v", payload, *p, *tree.Problem)
	}
	return tree
}

// checkCover holds the children of node i to cover the bytes from:to in order.
func checkCover(t *testing.T, tree *Tree, i, from, to int) {
	t.Helper()
	at := from
	for c := range tree.Children(i) {
		n := tree.Node(c)
		if n.Offset != at {
			t.Errorf("% x: node %d begins at %d, want %d", tree.Payload, c, n.Offset, at)
			return
		}
		at += n.Length
		start, end := n.Offset+int(n.Head), n.Offset+n.Length-int(n.Tail)
		switch {
		case n.Next > c+1:
			checkCover(t, tree, c, start, end)
		case n.Packed:
			checkElements(t, tree, c, start, end)
		}
		if n.Role == Whole && n.Wire == wire.Len && n.Why != Known && !n.Entry && n.Problem == nil && len(tree.Readings(c)) == 0 {
			t.Errorf("% x: node %d has no readings", tree.Payload, c)
		}
	}
	if at != to {
		t.Errorf("% x: the children of node %d end at %d, want %d", tree.Payload, i, at, to)
	}
}

func checkElements(t *testing.T, tree *Tree, i, from, to int) {
	t.Helper()
	for el := range tree.Elements(i) {
		if el.Offset != from || el.Length < 1 {
			t.Errorf("% x: an element at %d of %d bytes, want it at %d", tree.Payload, el.Offset, el.Length, from)
			return
		}
		from += el.Length
	}
	if from != to {
		t.Errorf("% x: the elements of node %d end at %d, want %d", tree.Payload, i, from, to)
	}
}

package breaking

import (
	"github.com/pbscope/pbscope/inspect/plan"
)

// textKey is a pair of message types that do not correspond, of which the one
// is written as text and read as the other.
type textKey struct {
	w, r     *typ
	backward bool
}

// textWithin is what happens in text to the messages of a field whose types do
// not correspond; the sample is the field's records.
func (c *comparison) textWithin(f, g *plan.Field, backward bool) effect {
	from, to := f, g
	if f.Map && g.Map {
		from, to = f.MapValue, g.MapValue
	} else if f.Map || g.Map {
		return effect{}
	}
	if !isMessage(from) || !isMessage(to) {
		return effect{}
	}
	w, r := c.schemaOf(from).typeOf(from), c.schemaOf(to).typeOf(to)
	if c.partner(w) == r || w.plan.WellKnown != plan.NotWellKnown || r.plan.WellKnown != plan.NotWellKnown {
		return effect{}
	}
	e := c.textNode(textKey{w, r, backward})
	if e.sample != nil && f.Map {
		key, _ := c.ordinaryField(f.MapKey, 0)
		e.sample = append(key, c.records(f.MapValue, e.sample)...)
	}
	return c.wrap(f, e)
}

// textNode is the worst that happens to a message of one type. Recursive types
// are looked at until nothing gets worse: severities only rise.
func (c *comparison) textNode(key textKey) effect {
	if e, ok := c.textNodes[key]; ok {
		return e
	}
	outermost := len(c.textOpen) == 0
	c.textNodes[key] = effect{}
	c.textOpen = append(c.textOpen, key)
	c.textNodes[key] = c.inspectText(key)
	for changed := outermost; changed; {
		changed = false
		for _, k := range c.textOpen {
			if e := c.inspectText(k); e.severity > c.textNodes[k].severity {
				c.textNodes[k], changed = e, true
			}
		}
	}
	if outermost {
		c.textOpen = nil
	}
	return c.textNodes[key]
}

// inspectText looks at the fields of two types by themselves.
func (c *comparison) inspectText(key textKey) effect {
	w, r, at := key.w, key.r, effect{}
	readers := keysOf(r)
	for _, f := range w.fields {
		g := jsonPartner(w, r, f)
		lost := effect{severity: Break, which: "every value"}
		switch by := readers[f.JSONName]; {
		case by != nil && by != g:
			lost.how = f.JSONName + " is read as " + by.ProtoName
		case by == nil && (g != nil || key.backward):
			lost.how = string(r.desc.FullName()) + " passes over " + f.JSONName
		case by == nil && c.options.JSONStrict:
			lost.how = "the reader refuses the key " + f.JSONName
		case by == nil:
			continue
		default:
			c.raise(&at, w, r, f, c.tryText(w, r, f, g, key.backward))
			if c.defaultChanged(f, g) {
				at = worse(at, c.completed(w, r, nil, effect{severity: Lossy, sample: []byte{}, which: "messages without " + f.ProtoName, how: "the default differs"}))
			}
			continue
		}
		lost.sample, _ = c.ordinaryField(f, 0)
		c.raise(&at, w, r, f, lost)
	}
	c.inspectRequired(&at, w, r)
	c.inspectOneofs(&at, w, r)
	return at
}

// keysOf are the fields of a type by the keys that they are read from.
func keysOf(t *typ) map[string]*plan.Field {
	keys := make(map[string]*plan.Field, 2*len(t.fields)) // no two fields have one key
	for _, g := range t.fields {
		keys[g.ProtoName] = g
	}
	for _, g := range t.fields {
		keys[g.JSONName] = g
	}
	return keys
}

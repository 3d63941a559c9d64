package breaking

import (
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// Mode says which directions count.
type Mode string

// The modes.
const (
	ModeFull     Mode = "FULL"
	ModeBackward Mode = "BACKWARD"
	ModeForward  Mode = "FORWARD"
	// ModeNone: nothing counts.
	ModeNone Mode = "NONE"
)

// ModeNames are the words of --mode.
func ModeNames() []string {
	return []string{string(ModeFull), string(ModeBackward), string(ModeForward), string(ModeNone)}
}

// Options of a comparison; the zero value asks for all rules of DATA.
type Options struct {
	// Rules are the rules to apply, from Select; nil is Select(nil, nil).
	Rules []Rule
	// Buf, if there is one, gives the rules in place of Rules.
	Buf *BufConfig
	// Mode "" is ModeFull.
	Mode Mode
	// AnyTypes are full names of message types that travel within Any.
	AnyTypes []string
	// JSONStrict: readers of JSON refuse unknown keys and names.
	JSONStrict bool
	// StrictEnums: what an old reader with a closed enum loses counts, though
	// protobuf promises that values may be added.
	StrictEnums bool
	// Waivers are those of a configuration; Today decides which of all have
	// expired, the zero time that none has.
	Waivers []Waiver
	Today   time.Time
	// Selected says whether findings in a file count, by the name that imports
	// use and the path on disk ("" for none, of what is gone too); nil for all.
	Selected func(file, path string) bool
	// InputFilesOnly leaves out what was in files that the new side has not.
	InputFilesOnly bool
}

func (o *Options) selects(file, path string) bool { return o.Selected == nil || o.Selected(file, path) }

// comparison is one run over two schemas.
type comparison struct {
	old, new *Schema
	options  Options
	pairs    *pairing

	fields       map[fieldKey]outcome
	nodes        map[nodeKey]*node
	unsettled    []*node
	minimals     map[*typ]smallest
	endlessTypes map[*typ]bool
	textNodes    map[textKey]effect
	textOpen     []textKey // those that are being worked out

	reserveLines map[protoreflect.Descriptor]int // where a reserved statement fits
	texts        map[string][][]byte             // lines of the new side's files, by name

	// For the rules of CODE, made when first asked for.
	moves    []typeMove
	newFiles map[string]protoreflect.FileDescriptor
	renamed  map[protoreflect.FullName]protoreflect.FullName

	rule     *Rule // the one at work
	findings []*Finding
	causes   map[groupKey]*cause
	decoder  *transcode.Decoder
	encoder  *transcode.Encoder // made when first asked for

	// fieldFindings are those of the rules that claim a field, by its element.
	fieldFindings map[string][]*Finding
}

// Compare applies the rules to two schemas.
func Compare(old, new *Schema, o Options) *Report { return compare(old, new, o).report() }

// compare finds what there is, which a report then settles.
func compare(old, new *Schema, o Options) *comparison {
	if o.Buf != nil {
		o.Rules = o.Buf.Rules
	} else if o.Rules == nil {
		o.Rules, _ = Select(nil, nil)
	}
	c := &comparison{
		old: old, new: new, options: o,
		pairs:        pair(old, new),
		fields:       make(map[fieldKey]outcome),
		nodes:        make(map[nodeKey]*node),
		minimals:     make(map[*typ]smallest),
		textNodes:    make(map[textKey]effect),
		endlessTypes: make(map[*typ]bool),
		reserveLines: make(map[protoreflect.Descriptor]int),
		texts:        make(map[string][][]byte),
		causes:       make(map[groupKey]*cause),

		fieldFindings: make(map[string][]*Finding),
		decoder:       transcode.NewDecoder(transcode.Options{}),
	}
	for _, t := range old.typeOrder {
		if n := c.pairs.types[t]; n != nil {
			c.messages(newMessagePair(c, t.load(), n.load()))
		}
	}
	c.extensionsElsewhere()
	for _, e := range old.enumOrder {
		if n := c.pairs.enums[e.desc.FullName()]; n != nil {
			c.enums(newEnumPair(c, e, n))
		}
	}
	for _, s := range old.serviceOrder {
		if n := new.services[s.FullName()]; n != nil {
			c.services(s, n)
		}
	}
	c.each(func(r *Rule) {
		if r.schema != nil {
			r.schema(c)
		}
	})
	c.bufRules()
	return c
}

// each runs a step for every rule, in the order of the table.
func (c *comparison) each(step func(r *Rule)) {
	for i := range c.options.Rules {
		c.rule = &c.options.Rules[i]
		step(c.rule)
	}
}

func (c *comparison) messages(p *messagePair) {
	for _, f := range p.old.fields {
		if g := p.new.number[f.Number]; g != nil {
			c.fieldPair(&fieldPair{messagePair: p, old: f, new: g})
		}
	}
	c.each(func(r *Rule) { // those of JSON add to what was found about fields
		if r.message != nil {
			r.message(c, p)
		}
	})
}

// fieldPair runs the rules of one field until one claims it: of several ids
// for one field the more specific stands, and stands earlier in the table.
func (c *comparison) fieldPair(p *fieldPair) {
	if p.moves[p.new] != nil || p.movesAway[p.old] != nil {
		// The number holds another field now, which is told as one change.
		return
	}
	p.outcome = c.field(p.old, p.new)
	claimed := false
	c.each(func(r *Rule) {
		if r.field != nil && !(claimed && r.exclusive) {
			if r.field(c, p) && r.exclusive {
				claimed = true
				element := elementName(p.new.Desc)
				c.fieldFindings[element] = append(c.fieldFindings[element], c.findings[len(c.findings)-1])
			}
		}
	})
}

func (c *comparison) enums(p *enumPair) {
	c.each(func(r *Rule) {
		if r.enum != nil {
			r.enum(c, p)
		}
	})
}

func (c *comparison) services(old, new protoreflect.ServiceDescriptor) {
	for i := range old.Methods().Len() {
		m := old.Methods().Get(i)
		n := new.Methods().ByName(m.Name())
		c.each(func(r *Rule) {
			if r.method != nil {
				r.method(c, &methodPair{service: new, old: m, new: n})
			}
		})
	}
}

// extensionsElsewhere compares extensions of types that are only imported:
// their extendees are not among the compared types.
func (c *comparison) extensionsElsewhere() {
	for name, extensions := range c.old.extensionsOf {
		t := c.old.types[name]
		if t == nil || t.checked {
			continue
		}
		n := c.pairs.types[t]
		if n == nil || !slices.ContainsFunc(extensions, func(x protoreflect.ExtensionDescriptor) bool {
			return c.old.checked[x.ParentFile().Path()]
		}) {
			continue
		}
		c.messages(newMessagePair(c, t.load(), n.load()))
	}
}

// schemaOf is the side that a message field belongs to.
func (c *comparison) schemaOf(f *plan.Field) *Schema {
	if f.Message().Set() == c.old.plans {
		return c.old
	}
	return c.new
}

// messagePair is a message type on both sides.
type messagePair struct {
	old, new *typ
	// moves are the fields that stand at another number now, new → old;
	// movesAway the same, old → new.
	moves, movesAway map[*plan.Field]*plan.Field
}

func newMessagePair(c *comparison, old, new *typ) *messagePair {
	p := &messagePair{old: old, new: new}
	for _, g := range new.fields {
		f := old.named[g.ProtoName]
		if f == nil || f.Number == g.Number || !c.canRead(f, g) {
			continue
		}
		if p.moves == nil {
			p.moves = make(map[*plan.Field]*plan.Field)
			p.movesAway = make(map[*plan.Field]*plan.Field)
		}
		p.moves[g], p.movesAway[f] = f, g
	}
	return p
}

// canRead says whether new's type and cardinality could read the bytes of old
// if it had its number: otherwise a field of another number is another field.
// Whether strings are validated belongs to neither: a string that moved is the
// same field, in a file that became proto3 too.
func (c *comparison) canRead(old, new *plan.Field) bool {
	if old.Kind == protoreflect.StringKind && new.Kind == protoreflect.StringKind && old.Repeated == new.Repeated {
		return true
	}
	return c.field(old, new).backward.severity <= Risk
}

// fieldPair is a field of one number on both sides.
type fieldPair struct {
	*messagePair
	old, new *plan.Field
	outcome  outcome
}

// methodPair is a method of one name on both sides; new is nil where it is
// gone.
type methodPair struct {
	service  protoreflect.ServiceDescriptor // on the new side
	old, new protoreflect.MethodDescriptor
}

func itoa[T ~int | ~int32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

package breaking

// Step is which part of a semantic version rises (semver.org, sections 6 to 8).
type Step string

// The steps.
const (
	// Major: readers, callers or, by the rules in use, users of the code break.
	Major Step = "major"
	// Minor: declarations changed or were added, and nobody breaks.
	Minor Step = "minor"
	// Patch: what is declared stays; comments and options may differ.
	Patch Step = "patch"
)

// higher is the higher of two steps.
func (s Step) higher(other Step) Step {
	if s == Major || other == Major {
		return Major
	}
	if s == Minor || other == Minor {
		return Minor
	}
	return Patch
}

// step is Minor where the two sides declare different things, whether or not
// that is a finding, and else Patch. A verdict of breaking makes it Major.
func (c *comparison) step() Step {
	if c.typesStay() && c.enumsStay() && c.servicesStay() {
		return Patch
	}
	return Minor
}

func (c *comparison) typesStay() bool {
	if len(c.old.typeOrder) != len(c.new.typeOrder) || len(c.old.extensionOrder) != len(c.new.extensionOrder) {
		return false
	}
	for _, o := range c.old.typeOrder {
		n := c.new.types[o.desc.FullName()]
		if n == nil || !c.fieldsStay(o.load(), n.load()) {
			return false
		}
	}
	return true
}

func (c *comparison) fieldsStay(o, n *typ) bool {
	if len(o.fields) != len(n.fields) {
		return false
	}
	for _, f := range o.fields {
		g := n.number[f.Number]
		if g == nil || f.ProtoName != g.ProtoName || f.JSONName != g.JSONName || typeText(f) != typeText(g) || f.Required != g.Required ||
			f.Desc.HasPresence() != g.Desc.HasPresence() || oneofName(f.Desc) != oneofName(g.Desc) || f.Desc.HasDefault() != g.Desc.HasDefault() {
			return false
		}
	}
	return true
}

func (c *comparison) enumsStay() bool {
	if len(c.old.enumOrder) != len(c.new.enumOrder) {
		return false
	}
	for _, o := range c.old.enumOrder {
		n := c.new.enums[o.desc.FullName()]
		if n == nil || o.desc.IsClosed() != n.desc.IsClosed() || o.desc.Values().Len() != n.desc.Values().Len() {
			return false
		}
		// A descriptor's own search by name goes through all values.
		numbers := c.new.plans.Enum(n.desc)
		for i := range o.desc.Values().Len() {
			v := o.desc.Values().Get(i)
			if number, ok := numbers.Number([]byte(v.Name())); !ok || number != int32(v.Number()) {
				return false
			}
		}
	}
	return true
}

func (c *comparison) servicesStay() bool {
	if len(c.old.serviceOrder) != len(c.new.serviceOrder) {
		return false
	}
	for _, o := range c.old.serviceOrder {
		n := c.new.services[o.FullName()]
		if n == nil || o.Methods().Len() != n.Methods().Len() {
			return false
		}
		for i := range o.Methods().Len() {
			m := o.Methods().Get(i)
			w := n.Methods().ByName(m.Name())
			if w == nil || w.Input().FullName() != m.Input().FullName() || w.Output().FullName() != m.Output().FullName() ||
				w.IsStreamingClient() != m.IsStreamingClient() || w.IsStreamingServer() != m.IsStreamingServer() {
				return false
			}
		}
	}
	return true
}

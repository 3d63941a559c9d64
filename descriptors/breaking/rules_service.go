package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func serviceRules() []Rule {
	return []Rule{{
		ID: "SERVICE_DELETED", Categories: data, Severity: "break",
		Summary: "A service is gone: calls to its path fail.",
		Mend:    "keep the service until nobody calls it; a renamed one beside the old one",
		Old:     `message M { } service S { rpc Get(M) returns (M); }`,
		New:     `message M { }`,
		schema:  servicesDeleted,
	}, {
		ID: "RPC_DELETED", Categories: data, Severity: "break",
		Summary: "A method is gone: calls to its path fail.",
		Mend:    "keep the method until nobody calls it; a renamed one beside the old one",
		Old:     `message M { } service S { rpc Get(M) returns (M); rpc Put(M) returns (M); }`,
		New:     `message M { } service S { rpc Put(M) returns (M); }`,
		method:  methodDeleted,
	}, {
		ID: "RPC_STREAMING_CHANGED", Categories: data, Severity: "break",
		Summary: "A method streams on one side and does not on the other.",
		Mend:    "add a method with a new name",
		Old:     `message M { } service S { rpc Get(M) returns (M); }`,
		New:     `message M { } service S { rpc Get(M) returns (stream M); }`,
		method:  streamingChanged,
	}, {
		ID: "RPC_IDEMPOTENCY_CHANGED", Categories: data, Severity: "risk",
		Summary: "A method's idempotency level changed: calls by HTTP GET (Connect) and retries rest on it.",
		Mend:    "keep the level",
		Old:     `message M { } service S { rpc Get(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; } }`,
		New:     `message M { } service S { rpc Get(M) returns (M); }`,
		method:  idempotencyChanged,
	}, {
		ID: "RPC_TYPE_INCOMPATIBLE", Categories: data, Severity: "break",
		Summary: "A method has a request or response type that does not read ordinary messages of the old one.",
		Mend:    "add a method with a new name",
		Old:     `message A { string a = 1; } message B { int32 a = 1; } service S { rpc Get(A) returns (A); }`,
		New:     `message A { string a = 1; } message B { int32 a = 1; } service S { rpc Get(B) returns (A); }`,
		method:  func(c *comparison, p *methodPair) { c.methodTypes(p, Break) },
	}, {
		ID: "RPC_TYPE_LOSSY", Categories: data, Severity: "lossy",
		Summary: "A method has a request or response type that loses particular values of the old one.",
		Mend:    "add a method with a new name, or add what is missing to the new type",
		Old:     `message A { string a = 1; string b = 2; } message B { string a = 1; } service S { rpc Get(A) returns (A); }`,
		New:     `message A { string a = 1; string b = 2; } message B { string a = 1; } service S { rpc Get(B) returns (A); }`,
		method:  func(c *comparison, p *methodPair) { c.methodTypes(p, Lossy) },
	}}
}

func servicesDeleted(c *comparison) {
	var lost []protoreflect.Descriptor
	for _, s := range c.old.serviceOrder {
		if c.new.services[s.FullName()] == nil {
			lost = append(lost, s)
		}
	}
	c.lost(lost, "service", "calls to its methods fail", Break, RPC)
}

// callPath is what a call names.
func callPath(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

func methodDeleted(c *comparison, p *methodPair) {
	if p.new != nil {
		return
	}
	f := c.gone(p.service, p.old, fmt.Sprintf("method %s was deleted", p.old.FullName()))
	f.Why = "calls to " + callPath(p.old) + " fail"
	f.base, f.Breaks = Break, RPC
}

func streamingChanged(c *comparison, p *methodPair) {
	if p.new == nil || p.old.IsStreamingClient() == p.new.IsStreamingClient() && p.old.IsStreamingServer() == p.new.IsStreamingServer() {
		return
	}
	f := c.found(p.new, p.old, fmt.Sprintf("%s changed from %s to %s", p.new.FullName(), shape(p.old), shape(p.new)))
	f.Why = "one side sends or awaits one message where the other streams: calls fail or hang"
	f.base, f.Breaks = Break, RPC
}

func shape(m protoreflect.MethodDescriptor) string {
	switch {
	case m.IsStreamingClient() && m.IsStreamingServer():
		return "bidirectional streaming"
	case m.IsStreamingClient():
		return "client streaming"
	case m.IsStreamingServer():
		return "server streaming"
	}
	return "unary"
}

func idempotencyChanged(c *comparison, p *methodPair) {
	if p.new == nil || level(p.old) == level(p.new) {
		return
	}
	f := c.found(p.new, p.old, fmt.Sprintf("%s changed from %s to %s", p.new.FullName(), level(p.old), level(p.new)))
	f.Why = "retries rest on the level, and Connect sends calls without side effects by GET, which the other side refuses"
	f.base = Risk
}

func level(m protoreflect.MethodDescriptor) descriptorpb.MethodOptions_IdempotencyLevel {
	o, _ := m.Options().(*descriptorpb.MethodOptions)
	return o.GetIdempotencyLevel()
}

func (c *comparison) methodTypes(p *methodPair, severity Severity) {
	if p.new == nil {
		return
	}
	c.methodType(p, "request", p.old.Input(), p.new.Input(), severity)
	c.methodType(p, "response", p.old.Output(), p.new.Output(), severity)
}

// methodType compares types that do not correspond; those that do are
// reported at their own fields.
func (c *comparison) methodType(p *methodPair, what string, old, new protoreflect.MessageDescriptor, severity Severity) {
	was, is := c.old.typeNamed(old), c.new.typeNamed(new)
	n := c.node(was, is)
	if n == nil {
		return
	}
	c.settle()
	o := outcome{n.backward, n.forward}
	if c.severity(o) != severity {
		return
	}
	f := c.found(p.new, p.old, fmt.Sprintf("the %s of %s changed from %s to %s", what, p.new.FullName(), old.FullName(), new.FullName()))
	f.Why = c.why(o)
	f.methodTypes = [2]*typ{was, is}
	f.hurts = [2]hurt{c.messageHurt(was, is, n.backward), c.messageHurt(is, was, n.forward)}
}

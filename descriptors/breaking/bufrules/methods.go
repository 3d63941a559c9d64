package bufrules

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

const methodIdempotency = 34 // of MethodOptions

func methodRules() []Rule {
	everywhere := File | Package | WireJSON | Wire | CSR
	return []Rule{{
		ID: "RPC_NO_DELETE", In: File | Package, Breaks: calls,
		Summary: "A method is gone from its service.",
		Mend:    "keep the method, and mark it deprecated",
		Old:     `message A {} service S { rpc Get(A) returns (A); rpc Put(A) returns (A); }`,
		New:     `message A {} service S { rpc Get(A) returns (A); }`,
		service: methodGone,
	}, {
		ID: "RPC_SAME_REQUEST_TYPE", In: everywhere, Breaks: calls,
		Summary: "A method takes another message.",
		Mend:    "add a method instead",
		Old:     `message A {} message B {} service S { rpc Get(A) returns (A); }`,
		New:     `message A {} message B {} service S { rpc Get(B) returns (A); }`,
		method: func(c *check, old, new protoreflect.MethodDescriptor) {
			if from, to := old.Input().FullName(), new.Input().FullName(); from != to {
				c.changed(old, new, part(new, methodInput), "method %s took %s and takes %s", nested(new), from, to)
			}
		},
	}, {
		ID: "RPC_SAME_RESPONSE_TYPE", In: everywhere, Breaks: calls,
		Summary: "A method returns another message.",
		Mend:    "add a method instead",
		Old:     `message A {} message B {} service S { rpc Get(A) returns (A); }`,
		New:     `message A {} message B {} service S { rpc Get(A) returns (B); }`,
		method: func(c *check, old, new protoreflect.MethodDescriptor) {
			if from, to := old.Output().FullName(), new.Output().FullName(); from != to {
				c.changed(old, new, part(new, methodOutput), "method %s returned %s and returns %s", nested(new), from, to)
			}
		},
	}, {
		ID: "RPC_SAME_CLIENT_STREAMING", In: everywhere, Breaks: calls,
		Summary: "A method takes a stream and took one message, or the reverse.",
		Mend:    "add a method instead",
		Old:     `message A {} service S { rpc Get(A) returns (A); }`,
		New:     `message A {} service S { rpc Get(stream A) returns (A); }`,
		method: func(c *check, old, new protoreflect.MethodDescriptor) {
			if from, to := old.IsStreamingClient(), new.IsStreamingClient(); from != to {
				c.changed(old, new, whole(new), "method %s took %s and takes %s", nested(new), streaming(from), streaming(to))
			}
		},
	}, {
		ID: "RPC_SAME_SERVER_STREAMING", In: everywhere, Breaks: calls,
		Summary: "A method returns a stream and returned one message, or the reverse.",
		Mend:    "add a method instead",
		Old:     `message A {} service S { rpc Get(A) returns (A); }`,
		New:     `message A {} service S { rpc Get(A) returns (stream A); }`,
		method: func(c *check, old, new protoreflect.MethodDescriptor) {
			if from, to := old.IsStreamingServer(), new.IsStreamingServer(); from != to {
				c.changed(old, new, whole(new), "method %s returned %s and returns %s", nested(new), streaming(from), streaming(to))
			}
		},
	}, {
		ID: "RPC_SAME_IDEMPOTENCY_LEVEL", In: everywhere, Breaks: calls,
		Summary: "A method has another idempotency_level.",
		Mend:    "set idempotency_level to what it was",
		Old:     `message A {} service S { rpc Get(A) returns (A) { option idempotency_level = NO_SIDE_EFFECTS; } }`,
		New:     `message A {} service S { rpc Get(A) returns (A); }`,
		method: func(c *check, old, new protoreflect.MethodDescriptor) {
			if from, to := idempotency(old), idempotency(new); from != to {
				c.changed(old, new, part(new, methodOptions, methodIdempotency), "method %s was %v and is %v", nested(new), from, to)
			}
		},
	}}
}

func streaming(is bool) string {
	if is {
		return "a stream"
	}
	return "one message"
}

func idempotency(m protoreflect.MethodDescriptor) descriptorpb.MethodOptions_IdempotencyLevel {
	o, _ := m.Options().(*descriptorpb.MethodOptions)
	return o.GetIdempotencyLevel()
}

func methodGone(c *check, old, new protoreflect.ServiceDescriptor) {
	for i := range old.Methods().Len() {
		if m := old.Methods().Get(i); new.Methods().ByName(m.Name()) == nil {
			c.gone(m, new, "method %s of service %s is gone", m.Name(), nested(new))
		}
	}
}

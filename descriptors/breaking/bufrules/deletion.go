package bufrules

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func deletionRules() []Rule {
	return []Rule{{
		ID: "FILE_NO_DELETE", In: File | CSR, Breaks: code,
		Summary: "A file is gone: what imports it does not compile.",
		Mend:    "keep the file, with an import public of where its contents went",
		Old:     "-- a.proto --\nedition = \"2023\"; package p; message A {}\n-- b.proto --\nedition = \"2023\"; package p; message B {}",
		New:     "-- a.proto --\nedition = \"2023\"; package p; message A {}",
		run:     fileGone,
	}, {
		ID: "MESSAGE_NO_DELETE", In: File | CSR, Breaks: code,
		Summary: "A message is gone from its file.",
		Mend:    "keep the message in the file, and mark it deprecated",
		Old:     `message A {} message B {}`,
		New:     `message A {}`,
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			c.goneFromFile(old, new, "message", func(in *contents) map[string]protoreflect.Descriptor { return in.messages })
		},
	}, {
		ID: "ENUM_NO_DELETE", In: File | CSR, Breaks: code,
		Summary: "An enum is gone from its file.",
		Mend:    "keep the enum in the file, and mark it deprecated",
		Old:     `enum E { NONE = 0; } message A {}`,
		New:     `message A {}`,
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			c.goneFromFile(old, new, "enum", func(in *contents) map[string]protoreflect.Descriptor { return in.enums })
		},
	}, {
		ID: "SERVICE_NO_DELETE", In: File, Breaks: calls,
		Summary: "A service is gone from its file.",
		Mend:    "keep the service in the file, and mark it deprecated",
		Old:     `message A {} service S { rpc Get(A) returns (A); }`,
		New:     `message A {}`,
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			c.goneFromFile(old, new, "service", func(in *contents) map[string]protoreflect.Descriptor { return in.services })
		},
	}, {
		ID: "EXTENSION_NO_DELETE", In: File, Since: V2, Breaks: code,
		Summary: "An extension is gone from its file.",
		Mend:    "keep the extension in the file, and mark it deprecated",
		Old:     `message A { extensions 10 to 20; } extend A { string note = 10; }`,
		New:     `message A { extensions 10 to 20; }`,
		file: func(c *check, old, new protoreflect.FileDescriptor) {
			c.goneFromFile(old, new, "extension", func(in *contents) map[string]protoreflect.Descriptor { return in.extensions })
		},
	}}
}

// code, calls and keys are whom findings hurt.
var (
	code  = []string{"code"}
	calls = []string{"rpc", "code"}
	keys  = []string{"json", "code"}
)

func fileGone(c *check) {
	for _, old := range c.old.files {
		if c.new.byPath[old.Path()] == nil {
			c.gone(old, nil, "file %s is gone", old.Path())
		}
	}
}

// goneFromFile compares what a file declares by names within its package: a
// file whose package changed still has its declarations.
func (c *check) goneFromFile(old, new protoreflect.FileDescriptor, kind string, of func(*contents) map[string]protoreflect.Descriptor) {
	in := c.new.contents[new.Path()]
	for name, d := range of(c.old.contents[old.Path()]) {
		if of(in)[name] == nil {
			c.gone(d, holder(name, new, in.messages), "%s %s is gone from %s", kind, name, old.Path())
		}
	}
}

// holder is the innermost message around a nested name that is still there,
// else the file.
func holder(name string, file protoreflect.FileDescriptor, messages map[string]protoreflect.Descriptor) protoreflect.Descriptor {
	for {
		end := strings.LastIndexByte(name, '.')
		if end < 0 {
			return file
		}
		name = name[:end]
		if d := messages[name]; d != nil {
			return d
		}
	}
}

func packageRules() []Rule {
	return []Rule{{
		ID: "PACKAGE_NO_DELETE", In: Package, Breaks: code,
		Summary: "No file declares the package any more.",
		Mend:    "keep the package, and mark what it declares deprecated",
		Old:     "-- a.proto --\nedition = \"2023\"; package p; message A {}\n-- b.proto --\nedition = \"2023\"; package q; message B {}",
		New:     "-- a.proto --\nedition = \"2023\"; package p; message A {}",
		run:     packageGone,
	}, {
		ID: "PACKAGE_MESSAGE_NO_DELETE", In: Package, Breaks: code,
		Summary: "A message is gone from its package.",
		Mend:    "keep the message in some file of the package, and mark it deprecated",
		Old:     `message A {} message B {}`,
		New:     `message A {}`,
		run: func(c *check) {
			c.goneFromPackages("message", func(in *contents) map[string]protoreflect.Descriptor { return in.messages })
		},
	}, {
		ID: "PACKAGE_ENUM_NO_DELETE", In: Package, Breaks: code,
		Summary: "An enum is gone from its package.",
		Mend:    "keep the enum in some file of the package, and mark it deprecated",
		Old:     `enum D { ZERO = 0; } enum E { NONE = 0; }`,
		New:     `enum D { ZERO = 0; }`,
		run: func(c *check) {
			c.goneFromPackages("enum", func(in *contents) map[string]protoreflect.Descriptor { return in.enums })
		},
	}, {
		ID: "PACKAGE_SERVICE_NO_DELETE", In: Package, Breaks: calls,
		Summary: "A service is gone from its package.",
		Mend:    "keep the service in some file of the package, and mark it deprecated",
		Old:     `message A {} service S { rpc Get(A) returns (A); }`,
		New:     `message A {}`,
		run: func(c *check) {
			c.goneFromPackages("service", func(in *contents) map[string]protoreflect.Descriptor { return in.services })
		},
	}, {
		ID: "PACKAGE_EXTENSION_NO_DELETE", In: Package, Since: V2, Breaks: code,
		Summary: "An extension is gone from its package.",
		Mend:    "keep the extension in some file of the package, and mark it deprecated",
		Old:     `message A { extensions 10 to 20; } extend A { string note = 10; string more = 11; }`,
		New:     `message A { extensions 10 to 20; } extend A { string more = 11; }`,
		run: func(c *check) {
			c.goneFromPackages("extension", func(in *contents) map[string]protoreflect.Descriptor { return in.extensions })
		},
	}}
}

// packageGone tells of a package at the first of its files.
func packageGone(c *check) {
	first := make(map[protoreflect.FullName]protoreflect.FileDescriptor)
	for _, old := range c.old.files {
		pkg := old.Package()
		if f := first[pkg]; c.new.packages[pkg] == nil && (f == nil || old.Path() < f.Path()) {
			first[pkg] = old
		}
	}
	for pkg, old := range first {
		c.gone(old, nil, "package %s is gone", pkg)
		c.findings[len(c.findings)-1].Package = pkg
	}
}

// goneFromPackages compares what packages declare that are still there. As in
// buf, a package that lost the last of its messages, enums or extensions says
// nothing about them; services it tells even then.
func (c *check) goneFromPackages(kind string, of func(*contents) map[string]protoreflect.Descriptor) {
	for pkg, old := range c.old.packages {
		new := c.new.packages[pkg]
		if new == nil || len(of(new)) == 0 && kind != "service" {
			continue
		}
		for name, d := range of(old) {
			if of(new)[name] == nil {
				c.gone(d, c.packageHolder(name, d, kind, new), "%s %s is gone from package %s", kind, name, pkg)
			}
		}
	}
}

// packageHolder is where a loss is told: in the file of the same path, if
// there is one, at the innermost message around it; of a message, wherever in
// the package that stands.
func (c *check) packageHolder(name string, old protoreflect.Descriptor, kind string, pkg *contents) protoreflect.Descriptor {
	file := c.new.byPath[old.ParentFile().Path()]
	switch {
	case file == nil:
		return nil
	case kind == "message":
		return holder(name, file, pkg.messages)
	}
	return holder(name, file, c.new.contents[file.Path()].messages)
}

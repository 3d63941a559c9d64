package descriptors

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestSourceErrors(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string // line:column message-part | hint-part
	}{
		"syntax": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M {\n  string name = 1\n}\n"},
			[]string{`3:18 a semicolon is missing here |`},
		},
		"unfinished": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M {\n"},
			[]string{`2:9 message M is not closed | "}" is missing`},
		},
		"several": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M {\n\tMoney a = 1;\n\tstring b = 1;\n\tstring c = 0;\n}\nmessage Monney {}\n"},
			[]string{`3:2 unknown type Money | Monney`, `4:13 same tag | next free number is 2`, `5:13 greater than zero | 1 to 536870911`},
		},
		"unknown type": {
			map[string]string{"a.proto": "syntax = \"proto3\";\npackage p;\nmessage M {\n\tMoney a = 1;\n  Trade t = 2;\n}\nmessage Monney {}\n"},
			[]string{`4:2 unknown type Money | did you mean p.Monney?`, `5:3 unknown type Trade | no file`},
		},
		"not imported": {
			map[string]string{
				"a.proto": "syntax = \"proto3\";\npackage p;\nimport \"b.proto\";\nmessage M { C c = 1; B b = 2; }\n",
				"b.proto": "syntax = \"proto3\";\npackage p;\nimport \"c.proto\";\nmessage B { C c = 1; }\n",
				"c.proto": "syntax = \"proto3\";\npackage p;\nmessage C {}\n",
			},
			[]string{`4:13 unknown type C | import "c.proto" here`},
		},
		"builtin not imported": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M { google.protobuf.Timestamp t = 1; google.rpc.Status s = 2; }\n"},
			[]string{
				`2:13 unknown type google.protobuf.Timestamp | google/protobuf/timestamp.proto`,
				`2:46 unknown type google.rpc.Status | google/rpc/status.proto`,
			},
		},
		"builtin named from its own package": {
			map[string]string{"a.proto": "syntax = \"proto3\";\npackage google.rpc.more;\nmessage M { Status s = 1; }\n"},
			[]string{`3:13 unknown type Status | add: import "google/rpc/status.proto";`},
		},
		"declared twice": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M {\n  int32 n = 1;\n  message n {}\n}\n"},
			[]string{`4:11 already defined at a.proto:3:9 | give one of the two another name`},
		},
		"scalar": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M {\n  strin a = 1;\n  int b = 2;\n  Int64 c = 3;\n  Timestamp d = 4;\n}\n"},
			[]string{`3:3 unknown type strin | did you mean string?`, `4:3 unknown type int | did you mean int32?`, `5:3 unknown type Int64 | no file`, `6:3 unknown type Timestamp | did you mean google.protobuf.Timestamp? It needs: import "google/protobuf/timestamp.proto"`},
		},
		"missing imports": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nimport \"x/y.proto\";\nimport  \"z.proto\";\nmessage M {}\n"},
			[]string{`2:8 "x/y.proto" not found; searched: | with -I`, `3:9 "z.proto" not found |`},
		},
		"bad import": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nimport \"./b.proto\";\n", "b.proto": ""},
			[]string{`2:8 "./b.proto" not found | without ./`},
		},
		"cycle": {
			map[string]string{
				"a.proto": "syntax = \"proto3\";\nimport \"b.proto\";\n",
				"b.proto": "syntax = \"proto3\";\nimport \"c.proto\";\n",
				"c.proto": "syntax = \"proto3\";\n\nimport \"a.proto\";\n",
			},
			[]string{`3:8 a.proto → b.proto → c.proto → a.proto |`},
		},
		"imports itself": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nimport \"a.proto\";\n"},
			[]string{`2:8 a.proto → a.proto |`},
		},
		"duplicate across files": {
			map[string]string{
				"a.proto": "syntax = \"proto3\";\nimport \"b.proto\";\nmessage M {}\n",
				"b.proto": "syntax = \"proto3\";\nmessage M {}\n",
			},
			[]string{`3:9 "M" already defined |`},
		},
		"unknown edition": {
			map[string]string{"a.proto": "edition = \"2031\";\nmessage M {}\n"},
			[]string{`1:11 edition |`},
		},
		"label in editions": {
			map[string]string{"a.proto": "edition = \"2023\";\nmessage M { optional int32 a = 1; }\n"},
			[]string{`2:13 label | without a label`},
		},
		"unknown option": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage M { int32 a = 1 [(acme.rule) = 1]; }\n"},
			[]string{`2:26 unknown extension acme.rule | an option of your own`},
		},
		"proto2 without label": {
			map[string]string{"a.proto": "message M { int32 a = 1; }\n"},
			[]string{`1:19 label | syntax = "proto3";`},
		},
		"byte order mark": {
			map[string]string{"a.proto": "\xef\xbb\xbfsyntax = \"proto3\";\nmessage M { X x = 1; }\n"},
			[]string{`2:13 unknown type X |`},
		},
		"not UTF-8": {
			map[string]string{"a.proto": "syntax = \"proto3\";\n// \xff\nmessage M { X\xff x = 1; }\n"},
			[]string{`3:14 not UTF-8 |`},
		},
		"binary": {map[string]string{"a.proto": "\x00\x01\x02"}, []string{`0:0 is binary |`}},
		"a set": {
			map[string]string{"a.proto": "\x0a\x0b\x0a\x07a.proto\x12\x00"},
			[]string{`0:0 is a descriptor set | -d`},
		},
		"deep": {
			map[string]string{"a.proto": strings.Repeat("message M {", 1000) + strings.Repeat("}", 1000)},
			[]string{`0:0 nests deeper |`},
		},
		"deep in an option": {
			map[string]string{"a.proto": "option (a) = " + strings.Repeat("{a:", 1000) + strings.Repeat("}", 1000) + ";"},
			[]string{`0:0 nests deeper |`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, c.files)
			errs := failure(t, Sources{ImportPaths: []string{dir}, Protos: []string{"a.proto"}})
			if len(errs) != len(c.want) {
				t.Fatalf("%d errors: %v", len(errs), errs)
			}
			for i, want := range c.want {
				e := errs[i]
				parts, hint, _ := strings.Cut(want, "|")
				at, message, _ := strings.Cut(parts, " ")
				if got := strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column); got != at {
					t.Errorf("at %s, want %s: %v", got, at, e)
				}
				if !strings.Contains(e.Message, strings.TrimSpace(message)) || !strings.Contains(e.Hint, strings.TrimSpace(hint)) {
					t.Errorf("message %q, hint %q; want %s", e.Message, e.Hint, want)
				}
				if text := c.files[filepath.Base(e.File)]; e.Line > 0 {
					if line := strings.TrimPrefix(strings.Split(text, "\n")[e.Line-1], "\xef\xbb\xbf"); e.SourceLine != line {
						t.Errorf("source line %q, want %q", e.SourceLine, line)
					}
				}
			}
		})
	}
}

func TestFileErrors(t *testing.T) {
	dir := write(t, map[string]string{"a.proto": "", "secret.proto": "", "data.json": `{"a":1}`, "notes.txt": "hello\n", "empty.binpb": "",
		"message.binpb": "\x08\x96\x01\x12\x03abc", "cut.binpb": "\x0a\x0b\x0a\x07a.proto\x12\x00\x0a\x70\x0a", "bad.gz": "\x1f\x8b\x08\x00trash"})
	at := func(name string) string { return filepath.Join(dir, name) }
	secret := at("secret.proto")
	if err := os.Chmod(secret, 0); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		src  Sources
		want string // message-part | hint-part
	}{
		"no such file":       {Sources{Protos: []string{at("none.proto")}}, "no such file | -I"},
		"not under the root": {Sources{ImportPaths: []string{dir}, Protos: []string{"none.proto"}}, "none of that name |"},
		"directory as file":  {Sources{Protos: []string{dir}}, "is a directory | -I"},
		"file as root":       {Sources{ImportPaths: []string{at("a.proto")}}, "not a directory | -p"},
		"no such root":       {Sources{ImportPaths: []string{at("none")}}, "does not exist |"},
		"unreadable":         {Sources{Protos: []string{secret}}, "permission denied |"},
		"no set":             {Sources{DescriptorSets: []string{at("none.binpb")}}, "no such file |"},
		"set is a directory": {Sources{DescriptorSets: []string{dir}}, "is a directory | -I"},
		"set is source":      {Sources{DescriptorSets: []string{at("source.proto")}}, "is .proto source | -p"},
		"set is JSON":        {Sources{DescriptorSets: []string{at("data.json")}}, "no FileDescriptorSet | file"},
		"set is text":        {Sources{DescriptorSets: []string{at("notes.txt")}}, "is text |"},
		"set is empty":       {Sources{DescriptorSets: []string{at("empty.binpb")}}, "is empty | schema build"},
		"set is a message":   {Sources{DescriptorSets: []string{at("message.binpb")}}, "message of another type | decode"},
		"set is cut":         {Sources{DescriptorSets: []string{at("cut.binpb")}}, "damaged or cut off |"},
		"set is bad gzip":    {Sources{DescriptorSets: []string{at("bad.gz")}}, "cannot be unpacked |"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "unreadable" && os.Getuid() == 0 {
				t.Skip("root reads everything")
			}
			if err := os.WriteFile(at("source.proto"), []byte("syntax = \"proto3\"; message M {}"), 0o666); err != nil {
				t.Fatal(err)
			}
			errs := failure(t, c.src)
			message, hint, _ := strings.Cut(c.want, "|")
			if len(errs) != 1 || !strings.Contains(errs[0].Message, strings.TrimSpace(message)) || !strings.Contains(errs[0].Hint, strings.TrimSpace(hint)) {
				t.Errorf("%v, hint %q", errs, errs[0].Hint)
			}
			if errs[0].File == "" {
				t.Error("no file")
			}
		})
	}
}

func TestEmptyFileIsASchema(t *testing.T) {
	dir := write(t, map[string]string{"a.proto": "", "b.proto": "\xef\xbb\xbfsyntax = \"proto3\"; message M {}"})
	mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"a.proto"}})
	if _, err := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"b.proto"}}).Message("M"); err != nil {
		t.Error(err)
	}
}

// TestEndlessLine: positions in one huge line cost the compiler the square of
// its length, and are left out.
func TestEndlessLine(t *testing.T) {
	var text strings.Builder
	text.WriteString(`syntax = "proto3"; enum E { `)
	for i := range 50000 {
		text.WriteString("V" + strconv.Itoa(i) + " = " + strconv.Itoa(i) + "; ")
	}
	text.WriteString("}")
	dir := write(t, map[string]string{"a.proto": text.String()})
	var notes []string
	s := mustOpen(t, Sources{ImportPaths: []string{dir}, Protos: []string{"a.proto"}, SourceInfo: true, Note: func(n string) { notes = append(notes, n) }})
	if fd := mustFile(t, s, "a.proto"); fd.SourceLocations().Len() != 0 || len(notes) != 1 {
		t.Errorf("%d locations, notes %q", fd.SourceLocations().Len(), notes)
	}
}

package main

import (
	"fmt"
	"os"
)

const (
	setType   = "google.protobuf.FileDescriptorSet"
	batchType = "bench.Batch"
)

// table is the rows of the full table. Each makes its inputs when it is its
// turn. The goals are those that the project has set itself.
func table(t *tools, runs int) []row {
	const million = 1_000_000
	add := func(rows []row, name string, prepare func(*row) error) []row {
		return append(rows, row{name: name, runs: min(runs, 3), prepare: prepare})
	}
	var rows []row
	for _, comments := range []bool{false, true} {
		set := func() (input, error) { return t.inputs.descriptors(comments) }
		name := map[bool]string{false: "a FileDescriptorSet", true: "a FileDescriptorSet with comments"}[comments]
		rows = add(rows, name+" to JSON", t.oneMessage(set, setType, "google/protobuf/descriptor.proto", ">= 14", ">= 40"))
		rows = add(rows, name+" from JSON", t.oneDocument(set, setType))
	}
	trades := func() (input, error) { return t.inputs.stream(tradesLoad(), million) }
	rows = add(rows, "a million delimited trades to JSON lines", t.stream(trades, tradesLoad().typ, ">= 25", ">= 12"))
	rows = add(rows, "JSON lines to a million delimited trades", t.lines(trades, tradesLoad().typ, ">= 15"))
	some := func() (input, error) { return t.inputs.stream(tradesLoad(), million/10) }
	rows = add(rows, "explaining 100,000 delimited trades", t.explain(some, tradesLoad().typ, "delimited"))
	set := func() (input, error) { return t.inputs.descriptors(false) }
	rows = add(rows, "explaining a FileDescriptorSet", t.explain(set, setType, "raw"))
	for _, l := range []struct {
		load
		n int64
	}{{tradesLoad(), 70_000}, {packedLoad(), 500}, {stringsLoad(), 4_000}, {mapsLoad(), 8_000}, {usersLoad(), 20_000}} {
		stream := func() (input, error) { return t.inputs.stream(l.load, l.n) }
		batch := func() (input, error) { return t.inputs.batch(l.load, l.n) }
		if l.name != "trades" {
			rows = add(rows, l.name+", delimited, to JSON lines", t.stream(stream, l.typ, "", ""))
			rows = add(rows, l.name+", JSON lines to delimited", t.lines(stream, l.typ, ""))
		}
		rows = add(rows, l.name+" in one message, to JSON", t.oneMessage(batch, batchType, "bench.proto", "", ""))
	}
	return rows
}

// tools are the programs that are compared, "" where one is missing, and
// their inputs.
type tools struct {
	pbscope, protoc, buf, baselines, self string
	inputs                                *inputs
}

func newTools(pbscope, baselines, dir string) (*tools, error) {
	in, err := newInputs(pbscope, dir)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if baselines == "" {
		fmt.Println("without the Go baselines: -baselines names no program")
	}
	return &tools{pbscope, have("protoc"), have("buf"), baselines, self, in}, nil
}

// oneMessage is a large message to JSON by everybody. protoc prints text
// format, which is less work; it has no JSON.
func (t *tools) oneMessage(in func() (input, error), typ, file, goalProtoc, goalBuf string) func(*row) error {
	return func(r *row) error {
		made, err := in()
		if err != nil {
			return err
		}
		r.of(made)
		schema := t.inputs.schema
		r.add(t.pbscope, command{name: "pbscope decode", args: []string{"decode", "--from", "raw", "-d", schema, "-t", typ, made.path}})
		r.add(t.pbscope, command{name: "pbscope decode --lossless", args: []string{"decode", "--lossless", "--from", "raw", "-d", schema, "-t", typ, made.path}, goal: "<= 1.3"})
		r.add(t.protoc, command{name: "protoc --decode (text)", args: []string{"--descriptor_set_in=" + schema, "--decode=" + typ, file}, input: made.path, goal: goalProtoc})
		r.add(t.buf, command{name: "buf convert", args: []string{"convert", schema, "--type", typ, "--from", made.path + "#format=binpb", "--to", "-#format=json"}, goal: goalBuf})
		r.add(t.baselines, t.baseline("dynamicpb", "decode", typ, "raw", made.path, ""))
		r.add(t.baselines, t.baseline("hyperpb", "decode", typ, "raw", made.path, ""))
		return nil
	}
}

// oneDocument is the way back.
func (t *tools) oneDocument(in func() (input, error), typ string) func(*row) error {
	return func(r *row) error {
		made, err := in()
		if err != nil {
			return err
		}
		doc, err := t.inputs.json(made, typ, "raw")
		if err != nil {
			return err
		}
		r.of(doc)
		schema := t.inputs.schema
		r.add(t.pbscope, command{name: "pbscope encode", args: []string{"encode", "-d", schema, "-t", typ, doc.path}})
		r.add(t.buf, command{name: "buf convert", args: []string{"convert", schema, "--type", typ, "--from", doc.path + "#format=json", "--to", "-#format=binpb"}})
		r.add(t.baselines, t.baseline("dynamicpb", "encode", typ, "raw", doc.path, ""))
		return nil
	}
}

// stream is delimited messages to lines of JSON.
func (t *tools) stream(in func() (input, error), typ, goalDynamic, goalHyper string) func(*row) error {
	return func(r *row) error {
		made, err := in()
		if err != nil {
			return err
		}
		r.of(made)
		decode := []string{"decode", "--from", "delimited", "-d", t.inputs.schema, "-t", typ}
		r.add(t.pbscope, command{name: "pbscope decode, file", args: with(decode, made.path)})
		r.add(t.pbscope, command{name: "pbscope decode, pipe", args: decode, input: made.path})
		r.add(t.pbscope, command{name: "pbscope decode --lossless", args: with(decode, "--lossless", made.path), goal: "<= 1.3"})
		r.add(t.pbscope, command{name: "pbscope stats, file", args: []string{"stats", "--from", "delimited", "-d", t.inputs.schema, "-t", typ, made.path}, goal: "<= 1.1"})
		r.add(t.baselines, t.baseline("dynamicpb", "decode", typ, "delimited", made.path, goalDynamic))
		r.add(t.baselines, t.baseline("hyperpb", "decode", typ, "delimited", made.path, goalHyper))
		return nil
	}
}

// lines is the way back.
func (t *tools) lines(in func() (input, error), typ, goal string) func(*row) error {
	return func(r *row) error {
		made, err := in()
		if err != nil {
			return err
		}
		doc, err := t.inputs.json(made, typ, "delimited")
		if err != nil {
			return err
		}
		r.of(doc)
		r.add(t.pbscope, command{name: "pbscope encode", args: []string{"encode", "--to", "delimited", "-d", t.inputs.schema, "-t", typ, doc.path}})
		r.add(t.baselines, t.baseline("dynamicpb", "encode", typ, "delimited", doc.path, goal))
		return nil
	}
}

// explain is the explaining engine alone, in this program, with its tree as
// JSON, and as the command that prints it for people.
func (t *tools) explain(in func() (input, error), typ, form string) func(*row) error {
	return func(r *row) error {
		made, err := in()
		if err != nil {
			return err
		}
		r.of(made)
		inspect := []string{"inspect", "--from", form, "-d", t.inputs.schema, "-t", typ, made.path}
		r.add(t.self, command{name: "message.Explain", args: []string{"-explain", t.inputs.schema, typ, form, made.path}})
		r.add(t.pbscope, command{name: "pbscope inspect --to json", args: with(inspect, "--to", "json")})
		r.add(t.pbscope, command{name: "pbscope inspect", args: inspect})
		r.add(t.pbscope, command{name: "pbscope decode", args: []string{"decode", "--from", form, "-d", t.inputs.schema, "-t", typ, made.path}})
		r.add(t.baselines, t.baseline("dynamicpb", "decode", typ, form, made.path, ">= 2"))
		return nil
	}
}

func (t *tools) baseline(engine, verb, typ, form, path, goal string) command {
	return command{name: engine + " + protojson", args: []string{engine, verb, t.inputs.schema, typ, form}, input: path, goal: goal}
}

func with(args []string, more ...string) []string { return append(args[:len(args):len(args)], more...) }

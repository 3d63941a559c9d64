package main

import (
	"bufio"
	"encoding/binary"
	"os"
	"path/filepath"
)

const (
	tradesDir = "fixtures/schemas/trades"
	trades    = "trades.proto"
	wrapper   = "trades.v1.MessageWrapper"
	stream    = "fixtures/data/trades/wrappers.delimited"
)

// work makes the inputs in dir and is the rows to measure; it runs in the
// repository's root.
func work(pbscope, dir string, runs int) ([]row, error) {
	large := filepath.Join(dir, "200MB.delimited")
	if err := repeat(large, stream, 200<<20); err != nil {
		return nil, err
	}
	one := filepath.Join(dir, "one.binpb")
	if err := firstMessage(one, stream); err != nil {
		return nil, err
	}
	small := row{name: "decode one small message with a small .proto", runs: runs, commands: []command{
		{name: "pbscope decode, cached", args: []string{pbscope, "decode", "--from", "raw", "-I", tradesDir, "-p", trades, "-t", wrapper, one}},
		{name: "pbscope decode, first time", args: []string{pbscope, "decode", "--no-cache", "--from", "raw", "-I", tradesDir, "-p", trades, "-t", wrapper, one}},
	}}
	if protoc := have("protoc"); protoc != "" {
		small.commands = append(small.commands, command{
			name: "protoc --decode", args: []string{protoc, "-I", tradesDir, "--decode=" + wrapper, trades}, input: one,
		})
	}
	if buf := have("buf"); buf != "" {
		small.commands = append(small.commands, command{
			name: "buf convert", args: []string{buf, "convert", filepath.Join(tradesDir, trades), "--type", wrapper, "--from", one + "#format=binpb", "--to", "-#format=json"},
		})
	}
	version := row{name: "start and print the version", runs: runs, commands: []command{
		{name: "pbscope --version", args: []string{pbscope, "--version"}},
	}}
	if protoc := have("protoc"); protoc != "" {
		version.commands = append(version.commands, command{name: "protoc --version", args: []string{protoc, "--version"}})
	}
	return append([]row{version, small, {name: "decode 200 MB of delimited messages", runs: min(runs, 3), commands: []command{
		{name: "pbscope decode, file", args: []string{pbscope, "decode", "--from", "delimited", "-I", tradesDir, "-p", trades, "-t", wrapper, large}},
		{name: "pbscope decode, pipe", args: []string{pbscope, "decode", "--from", "delimited", "-I", tradesDir, "-p", trades, "-t", wrapper}, input: large},
		{name: "pbscope stats, file", args: []string{pbscope, "stats", "--from", "delimited", "-I", tradesDir, "-p", trades, "-t", wrapper, large}},
	}}}, append(schemaRows(pbscope, dir, runs), breakingRows(pbscope, dir, false, runs)...)...), nil
}

// repeat writes copies of a stream until there are size bytes or more.
func repeat(path, source string, size int) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	for written := 0; written < size; written += len(data) {
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}

// firstMessage writes the first message of a delimited stream, bare.
func firstMessage(path, source string) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	length, n := binary.Uvarint(data)
	return os.WriteFile(path, data[n:n+int(length)], 0o666)
}

// Command baselines does what `pbscope decode` and `pbscope encode` do with
// the libraries that a Go program would take for it, so that .ci/measure can
// time whole processes that differ in nothing else.
//
//	baselines dynamicpb|hyperpb decode|encode SET TYPE raw|delimited < IN > OUT
//
// SET is a file with a FileDescriptorSet. decode prints a line of JSON a
// message; encode (dynamicpb only: hyperpb's messages cannot be written to)
// reads a document a line. It is a module of its own, so that pbscope does not
// depend on these libraries.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"buf.build/go/hyperpb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "baselines:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("%d arguments, want ENGINE WORK SET TYPE FORM", len(args))
	}
	c, err := load(args[2], protoreflect.FullName(args[3]))
	if err != nil {
		return err
	}
	c.in, c.out = bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	c.delimited = args[4] == "delimited"
	switch args[1] + " " + args[0] {
	case "decode dynamicpb":
		err = c.decode(c.dynamic)
	case "decode hyperpb":
		err = c.decode(c.hyper())
	case "encode dynamicpb":
		err = c.encode()
	default:
		err = fmt.Errorf("%s does not %s", args[0], args[1])
	}
	if err != nil {
		return err
	}
	return c.out.Flush()
}

// converter is one run.
type converter struct {
	message   protoreflect.MessageDescriptor
	types     *dynamicpb.Types
	in        *bufio.Reader
	out       *bufio.Writer
	delimited bool
}

func load(set string, name protoreflect.FullName) (*converter, error) {
	data, err := os.ReadFile(set)
	if err != nil {
		return nil, err
	}
	files := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal(data, files); err != nil {
		return nil, err
	}
	registry, err := protodesc.NewFiles(files)
	if err != nil {
		return nil, err
	}
	d, err := registry.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	message, ok := d.(protoreflect.MessageDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no message", name)
	}
	return &converter{message: message, types: dynamicpb.NewTypes(registry)}, nil
}

// decode prints every payload with what turns one into JSON.
func (c *converter) decode(convert func(dst, payload []byte) ([]byte, error)) error {
	var payload, doc []byte
	for {
		var err error
		if payload, err = c.payload(payload); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if doc, err = convert(doc[:0], payload); err != nil {
			return err
		}
		c.out.Write(append(doc, '\n'))
		if !c.delimited {
			return nil
		}
	}
}

func (c *converter) payload(buffer []byte) ([]byte, error) {
	if !c.delimited {
		return io.ReadAll(c.in)
	}
	length, err := binary.ReadUvarint(c.in)
	if err != nil {
		return nil, err
	}
	if uint64(cap(buffer)) < length {
		buffer = make([]byte, length)
	}
	buffer = buffer[:length]
	_, err = io.ReadFull(c.in, buffer)
	return buffer, err
}

func (c *converter) dynamic(dst, payload []byte) ([]byte, error) {
	m := dynamicpb.NewMessage(c.message)
	if err := (proto.UnmarshalOptions{Resolver: c.types}).Unmarshal(payload, m); err != nil {
		return nil, err
	}
	return protojson.MarshalOptions{Resolver: c.types}.MarshalAppend(dst, m)
}

// hyper reuses the memory of one message for the next, as hyperpb recommends.
func (c *converter) hyper() func(dst, payload []byte) ([]byte, error) {
	typ := hyperpb.CompileMessageDescriptor(c.message)
	shared := new(hyperpb.Shared)
	return func(dst, payload []byte) ([]byte, error) {
		defer shared.Free()
		m := shared.NewMessage(typ)
		if err := m.Unmarshal(payload); err != nil {
			return nil, err
		}
		return protojson.MarshalOptions{Resolver: c.types}.MarshalAppend(dst, m)
	}
}

// encode writes every document.
func (c *converter) encode() error {
	var payload []byte
	for {
		doc, err := c.document()
		if len(doc) == 0 {
			if err == io.EOF {
				return nil
			}
			return err
		}
		m := dynamicpb.NewMessage(c.message)
		if err := (protojson.UnmarshalOptions{Resolver: c.types}).Unmarshal(doc, m); err != nil {
			return err
		}
		if payload, err = (proto.MarshalOptions{}).MarshalAppend(payload[:0], m); err != nil {
			return err
		}
		if c.delimited {
			c.out.Write(binary.AppendUvarint(c.out.AvailableBuffer(), uint64(len(payload))))
		}
		c.out.Write(payload)
	}
}

// document is the next line, or everything.
func (c *converter) document() ([]byte, error) {
	if !c.delimited {
		return io.ReadAll(c.in)
	}
	return c.in.ReadBytes('\n')
}

package frame

import (
	"encoding/binary"
	"strings"

	"github.com/pbscope/pbscope/inspect/span"
)

// GRPC is the form of a gRPC body: one flag byte (1: compressed), the length
// as four bytes, big-endian, and the message (the "Length-Prefixed-Message" of
// gRPC's PROTOCOL-HTTP2.md). The compression, which gRPC names in a header
// that is not part of the body, is told by the message's first bytes.
//
// gRPC-Web ends a body with a frame of trailers (flag 0x80, PROTOCOL-WEB.md);
// it is no message, and shown as skipped bytes.
func GRPC() Form {
	return Form{
		Name:    "grpc",
		Summary: "gRPC's prefix before each message: a flag, a 4-byte length (compressed messages too)",
		Guess:   true,
		Read: func(in *Input, o *Options) Reader {
			return &grpcReader{in: in, o: o}
		},
		Write: func(*Options) Writer { return grpcWriter{} },
	}
}

// The flag byte's bits.
const (
	grpcCompressed = 0x01
	grpcTrailers   = 0x80
)

const grpcHead = 5

type grpcReader struct {
	in      *Input
	o       *Options
	inflate inflater
}

func (r *grpcReader) Next(f *Frame) error {
	head, err := r.in.Need(grpcHead)
	if len(head) > 0 && head[0]&^(grpcCompressed|grpcTrailers) != 0 {
		p := span.InInput(span.InvalidFrame, r.in.Offset(), "a gRPC frame begins with flags "+hexByte(head[0])+", which do not exist")
		p.Hint = hintOtherFraming
		if head[0]&^(grpcCompressed|0x02) == 0 {
			p.Message = "a frame with flag " + hexByte(head[0]) + " ends a stream of Connect, not of gRPC"
			p.Hint = ""
		}
		Damaged(r.in, f, -1, p)
		return nil
	}
	if len(head) < grpcHead {
		return shortHead(r.in, f, len(head), grpcHead, err)
	}
	flags, length := head[0], int64(binary.BigEndian.Uint32(head[1:]))
	if length > maxMessage {
		p := span.InInput(span.InvalidFrame, r.in.Offset(), "the length before a message is above 2 GiB")
		p.Hint = hintOtherFraming
		Damaged(r.in, f, -1, p)
		return nil
	}
	if err := takeFrame(r.in, f, grpcHead, length, r.o.Limit()); err != nil || f.Problem != nil || flags == 0 {
		return err
	}
	if flags&grpcTrailers != 0 {
		r.trailers(f, flags)
		return nil
	}
	r.decompress(f)
	return nil
}

// trailers makes f, a frame of gRPC-Web trailers, skipped bytes that say so.
func (r *grpcReader) trailers(f *Frame, flags byte) {
	text := "a frame of gRPC-Web trailers, which is no message"
	if flags&grpcCompressed == 0 {
		if status := grpcStatus(string(f.Payload[:min(len(f.Payload), 4096)])); status != "" {
			text += " (grpc-status " + status + ")"
		}
	}
	r.o.Tell(text)
	p := span.InInput(span.Skipped, f.Offset, text)
	p.Length = r.in.Offset() - f.Offset
	damageTaken(r.in, f, p)
}

// decompress puts the message in the place of its compressed bytes.
func (r *grpcReader) decompress(f *Frame) {
	if len(f.Payload) == 0 {
		return // what snappy makes of an empty message
	}
	name, out, p := r.inflate.message(f.Payload, r.o.Limit())
	if p != nil {
		p.InputOffset = f.Offset
		damageTaken(r.in, f, p)
		return
	}
	f.Payload, f.PayloadOffset = out, span.Unknown
	f.Meta = &Meta{GRPC: &GRPCPrefix{Encoding: name}}
}

func grpcStatus(lines string) string {
	for line := range strings.SplitSeq(lines, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(name), "grpc-status") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func hexByte(b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{'0', 'x', digits[b>>4], digits[b&15]})
}

type grpcWriter struct{}

// Append writes messages uncompressed, which every receiver understands.
func (grpcWriter) Append(dst []byte, f *Frame) ([]byte, error) {
	if err := noNull(f, "grpc"); err != nil {
		return dst, err
	}
	if f.Problem == nil {
		dst = binary.BigEndian.AppendUint32(append(dst, 0), uint32(len(f.Payload)))
	}
	return append(dst, f.Payload...), nil
}

func (grpcWriter) Finish(dst []byte) ([]byte, error) { return dst, nil }

// Package conform answers the test runner of the official protobuf conformance
// suite with the engines of package transcode.
//
// It is the protocol and what a request asks for, no test: the runner (or a
// test that plays recorded cases) sits at the other end of the streams, and
// the hidden command conformance gives it those of the process. The protocol
// is described in conformance/conformance.proto of the protobuf repository;
// its messages are read and written by hand here.
package conform

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
	"github.com/pbscope/pbscope/inspect/transcode"
)

// failureSet is the type of the runner's first request, which asks for the
// names of tests that are known to fail: a conformance.FailureSet. We have
// none, which is the empty message.
const failureSet = "conformance.FailureSet"

// Server answers requests one at a time. It is not safe for concurrent use.
type Server struct {
	plans  *plan.Set
	toJSON *transcode.Decoder // ProtoJSON knows no unknown fields
	toWire *transcode.Decoder // JSON that keeps all, to be encoded again
	strict *transcode.Encoder
	lax    *transcode.Encoder // passes over unknown keys
}

// NewServer is a server for the message types that plans resolves by name.
func NewServer(plans *plan.Set) *Server {
	return &Server{
		plans:  plans,
		toJSON: transcode.NewDecoder(transcode.Options{Unknown: transcode.DropUnknown}),
		toWire: transcode.NewDecoder(transcode.Options{}),
		strict: transcode.NewEncoder(transcode.EncodeOptions{}),
		lax:    transcode.NewEncoder(transcode.EncodeOptions{IgnoreUnknownKeys: true}),
	}
}

// Serve answers requests until in ends between two of them, which is how the
// runner says that it is done: both ways a little-endian uint32 of the length
// and a message of that length. The error is that of a stream, or a request
// that is cut off.
func (s *Server) Serve(in io.Reader, out io.Writer) error {
	r, w := bufio.NewReader(in), bufio.NewWriter(out)
	for {
		request, err := readRequest(r)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		response := s.Answer(request)
		w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(response))))
		w.Write(response)
		if err := w.Flush(); err != nil {
			return err
		}
	}
}

// readRequest is io.EOF where no request begins. It makes room for what comes,
// not for what was announced.
func readRequest(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the input ends within the length of a request")
		}
		return nil, err
	}
	want := int64(binary.LittleEndian.Uint32(length[:]))
	var request bytes.Buffer
	n, err := io.CopyN(&request, r, want)
	if err == io.EOF {
		return nil, fmt.Errorf("the input ends within a request: %d of %d bytes", n, want)
	}
	return request.Bytes(), err
}

// Answer is the ConformanceResponse to one ConformanceRequest, both without
// the length before them. What the runner could not mean is a runtime_error.
func (s *Server) Answer(request []byte) []byte {
	q, problem := parseRequest(request)
	switch {
	case problem != "":
		return appendResult(nil, runtimeError, problem)
	case q.messageType == failureSet:
		return appendResult(nil, protobufResult, "")
	case q.payloadField == 0:
		return appendResult(nil, runtimeError, "the request has no payload")
	case q.payloadField == jspbPayload || q.output == jspbOutput:
		return appendResult(nil, skipped, "JSPB is not supported")
	}
	m := s.plans.Named(protoreflect.FullName(q.messageType))
	if m == nil {
		return appendResult(nil, runtimeError, "the schema has no message type "+q.messageType)
	}
	wire, refusal := s.parse(m, q)
	if refusal != nil {
		return appendResult(nil, parseError, refusal.Error())
	}
	return s.write(m, q, wire)
}

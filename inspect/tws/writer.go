package tws

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/span"
)

// writer writes frames as the reader has read them.
type writer struct {
	both      bool   // directions are wanted
	direction string // of the stream, "" until it is known
	chosen    bool   // direction was given: frames of the other are left out
	source    string // who sends the stream, where frames come from a capture
}

// errBoth is a stream that two would have to send.
var errBoth error = bothError{}

type bothError struct{}

func (bothError) Error() string {
	return "the messages are those of both directions, and tws is a stream of one: give --direction client or --direction server (or --to pcap, which holds both)"
}

// leaves says that a frame is not of the stream that is written.
func (w *writer) leaves(f *frame.Frame) (bool, error) {
	if w.both || f.Meta == nil {
		return false, nil
	}
	direction, source := "", ""
	if f.Meta.TWS != nil {
		direction = f.Meta.TWS.Direction
	}
	if f.Meta.TCP != nil {
		source = f.Meta.TCP.Src
	}
	if w.direction == "" {
		w.direction = direction
	}
	if direction == w.direction && w.source == "" {
		w.source = source
	}
	other := direction != "" && direction != w.direction || direction == "" && source != w.source
	if other && !w.chosen {
		return false, errBoth
	}
	return other, nil
}

func (*writer) Finish(dst []byte) ([]byte, error) { return dst, nil }

func (w *writer) Append(dst []byte, f *frame.Frame) ([]byte, error) {
	if leave, err := w.leaves(f); leave || err != nil {
		return dst, err
	}
	if f.Problem != nil {
		return append(dst, f.Payload...), nil
	}
	if f.Meta == nil || f.Meta.TWS == nil {
		return dst, errors.New(`tws needs to know each message's id: give it envelopes with "tws" (--envelope)`)
	}
	t := f.Meta.TWS
	if t.Kind == kindHandshake {
		return append(dst, handshake...), nil
	}
	start := len(dst)
	out, err := appendPayload(append(dst, 0, 0, 0, 0), f, t)
	n := len(out) - start - 4
	if err == nil && n > maxFrame {
		err = fmt.Errorf("a frame of %d bytes; TWS clients take at most %d", n, maxFrame)
	}
	if err != nil {
		return dst, span.New(span.InvalidJSON, 0, err.Error())
	}
	binary.BigEndian.PutUint32(out[start:], uint32(n))
	return out, nil
}

func appendPayload(dst []byte, f *frame.Frame, t *frame.TWS) ([]byte, error) {
	switch {
	case t.Kind == kindClientVersions, t.Kind == kindServerInfo:
		var v handshakeValue
		if err := json.Unmarshal(t.Value, &v); err != nil {
			return dst, fmt.Errorf(`the "value" of a %s frame is not an object with its members`, t.Kind)
		}
		if v.charset = t.Charset; t.Kind == kindServerInfo {
			return appendServerInfo(dst, &v)
		}
		return appendClientVersions(dst, &v)
	case t.Kind != kindMessage && t.Kind != "":
		return dst, fmt.Errorf("tws has no frames of kind %q", t.Kind)
	case !t.HasID:
		return dst, errors.New(`a tws message needs its "id" and "wireId"`)
	case f.Null:
		return dst, errors.New("tws cannot hold a null value, which is not an empty message")
	}
	dst = appendID(dst, t)
	if t.Encoding != text {
		return append(dst, f.Payload...), nil
	}
	for i, field := range t.Fields {
		var ok bool
		if dst, ok = appendText(dst, field, t.Charset); !ok {
			return dst, fmt.Errorf("field %d of a text message has a character that cannot be written (NUL, or one outside of %s)", i+1, charsetName(t.Charset))
		}
		dst = append(dst, 0)
	}
	return dst, nil
}

func charsetName(charset string) string {
	if charset == "" {
		return "UTF-8"
	}
	return charset
}

// appendID appends the id in digits or in four bytes, as the frame says or its
// server's version implies.
func appendID(dst []byte, t *frame.TWS) []byte {
	digits := t.ServerVersion > 0 && t.ServerVersion < binaryIDs
	if t.IDEncoding != "" {
		digits = t.IDEncoding == text
	}
	if digits {
		return append(strconv.AppendUint(dst, uint64(t.WireID), 10), 0)
	}
	return binary.BigEndian.AppendUint32(dst, t.WireID)
}

func appendClientVersions(dst []byte, v *handshakeValue) ([]byte, error) {
	if v.MinVersion == nil {
		return dst, errors.New(`a client_versions frame needs "minVersion"`)
	}
	dst = strconv.AppendInt(append(dst, 'v'), int64(*v.MinVersion), 10)
	if v.MaxVersion != nil {
		dst = strconv.AppendInt(append(dst, ".."...), int64(*v.MaxVersion), 10)
	}
	if v.ConnectOptions != nil {
		dst = append(append(dst, ' '), *v.ConnectOptions...)
	}
	return dst, nil
}

func appendServerInfo(dst []byte, v *handshakeValue) ([]byte, error) {
	second := v.ConnectionTime
	if v.Redirect != nil {
		second = v.Redirect
	}
	if v.ServerVersion == nil || second == nil {
		return dst, errors.New(`a server_info frame needs "serverVersion" and "connectionTime" (or "redirect")`)
	}
	dst = append(strconv.AppendInt(dst, int64(*v.ServerVersion), 10), 0)
	dst, ok := appendText(dst, *second, v.charset)
	if !ok {
		return dst, fmt.Errorf("the time of a server_info frame has a character that cannot be written (NUL, or one outside of %s)", charsetName(v.charset))
	}
	return append(dst, 0), nil
}

package reflection

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The status codes of gRPC that are told apart here
// (github.com/grpc/grpc/blob/master/doc/statuscodes.md).
const (
	codeOK                = 0
	codeUnknown           = 2
	codeInvalidArgument   = 3
	codeDeadlineExceeded  = 4
	codeNotFound          = 5
	codePermissionDenied  = 7
	codeResourceExhausted = 8
	codeUnimplemented     = 12
	codeUnavailable       = 14
	codeUnauthenticated   = 16
)

// statusError is a call that ended with another status than OK.
type statusError struct {
	code    int
	message string
}

func (e *statusError) Error() string {
	text := "status " + codeName(e.code)
	if e.message != "" {
		text += ": " + e.message
	}
	return text
}

// codeName is the name of a status code, as gRPC writes it.
func codeName(code int) string {
	names := [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL",
		"UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}
	if code >= 0 && code < len(names) {
		return names[code]
	}
	return strconv.Itoa(code)
}

// explainStatus puts a status into an *Error with a hint; other errors stay as
// they are.
func explainStatus(err error) error {
	var s *statusError
	if !errors.As(err, &s) {
		return err
	}
	e := &Error{Message: "refuses: " + s.Error()}
	switch s.code {
	case codeUnimplemented:
		e.Message = "has no reflection service, neither v1 nor v1alpha"
		e.Hint = "switch reflection on in the server (in Go: reflection.Register), or give the schema with -I, -p or -d"
	case codeUnauthenticated, codePermissionDenied:
		e.Hint = "send what it asks for with --reflect-header 'authorization: …'"
	case codeUnavailable, codeDeadlineExceeded, codeResourceExhausted:
		e.lost = s.code == codeUnavailable
		e.Hint = "try again later"
	}
	return e
}

// statusOf is the status that headers or trailers carry; nil for OK.
func statusOf(headers map[string]string) error {
	text, ok := headers["grpc-status"]
	code, err := strconv.Atoi(text)
	if !ok || err != nil {
		return &Error{Message: "ended the call without a status", lost: true}
	}
	if code == codeOK {
		return nil
	}
	return &statusError{code: code, message: printable(percentDecoded(headers["grpc-message"]))}
}

// httpStatus is the status of a response that is not gRPC's, by gRPC's table
// of HTTP codes.
func httpStatus(headers map[string]string) error {
	status := headers[":status"]
	switch status {
	case "200":
		return &Error{Message: "answers, but not in gRPC: the content type is " + printable(strconv.Quote(headers["content-type"])),
			Hint: "this is the port of another protocol, or a proxy stands before the server"}
	case "404":
		return &statusError{code: codeUnimplemented}
	case "401":
		return &statusError{code: codeUnauthenticated, message: "HTTP 401"}
	case "403":
		return &statusError{code: codePermissionDenied, message: "HTTP 403"}
	case "429", "502", "503", "504":
		return &statusError{code: codeUnavailable, message: "HTTP " + status}
	}
	return &Error{Message: fmt.Sprintf("answers with HTTP status %s, not with gRPC", printable(strconv.Quote(status))),
		Hint: "this is the port of another protocol, or a proxy stands before the server"}
}

// percentDecoded undoes the escapes of grpc-message; what is no escape stays.
func percentDecoded(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// printable is a server's text without control characters, at most 300 bytes
// of it.
func printable(text string) string {
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

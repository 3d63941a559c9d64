// Package reflection asks a running gRPC server for its descriptors, by the
// services grpc.reflection.v1.ServerReflection and, where a server has that
// alone, v1alpha. It asks only for what its user wants and hands out raw
// FileDescriptorProtos; package descriptors indexes and links them.
//
// The client speaks just as much HTTP/2 (RFC 9113) and gRPC as one call at a
// time needs, over golang.org/x/net/http2/hpack and crypto/tls: grpc-go costs
// every start of the program several milliseconds, net/http 60 µs and 1.4 MB.
package reflection

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Options say which server is asked, and how.
type Options struct {
	// Address is HOST:PORT, or unix:PATH.
	Address string
	// TLS is nil for plaintext.
	TLS *TLS
	// Authority is the host that requests name; "" for that of Address.
	Authority string
	// Headers are sent with each call: names in lower case, values as they go
	// over the wire.
	Headers [][2]string
	// Timeout bounds connecting, and each answer; 0 for ten seconds.
	Timeout time.Duration
}

// Client is a connection to a server, made when it is first needed. It is not
// safe for concurrent use.
type Client struct {
	options Options
	conn    *conn
	call    *call
	// service is the version that the server has, "" until that is known.
	service string
}

// New is a client; it connects nowhere yet.
func New(o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	return &Client{options: o}
}

// Close ends the connection.
func (c *Client) Close() {
	if c.conn != nil {
		c.conn.close()
	}
	c.conn, c.call = nil, nil
}

// Error is what went wrong between the client and the server.
type Error struct {
	// Message is what the server does, to be read after its address: lower
	// case, no full stop. Hint says what to do or is empty.
	Message, Hint string
	// lost says that the connection, or the call, ended: another may work.
	lost bool
}

func (e *Error) Error() string { return e.Message }

// ErrNotFound is the server's answer that it has no such file or symbol.
var ErrNotFound = errors.New("not found")

// Services are the full names of the server's services, but for that of
// reflection itself.
func (c *Client) Services() ([]string, error) {
	answer, err := c.ask(askServices, nil)
	if err != nil {
		return nil, err
	}
	names := slices.DeleteFunc(answer.services, func(name string) bool {
		return strings.HasPrefix(name, "grpc.reflection.")
	})
	slices.Sort(names)
	return slices.Compact(names), nil
}

// FileByName is the FileDescriptorProto of that name and, as the server likes,
// files that it imports. ErrNotFound where it has none.
func (c *Client) FileByName(name string) ([][]byte, error) {
	return c.files(askFile, []byte(name))
}

// FileContaining is FileByName for the file that declares a full name.
func (c *Client) FileContaining(symbol string) ([][]byte, error) {
	return c.files(askSymbol, []byte(symbol))
}

// FileContainingExtension is FileByName for the file that declares an
// extension of a message by its number.
func (c *Client) FileContainingExtension(message string, number int32) ([][]byte, error) {
	return c.files(askExtension, extensionRequest(message, number))
}

// ExtensionNumbers are the numbers of all extensions of a message that the
// server knows. ErrNotFound where it does not know the message.
func (c *Client) ExtensionNumbers(message string) ([]int32, error) {
	answer, err := c.ask(askNumbers, []byte(message))
	return answer.numbers, err
}

func (c *Client) files(ask askedFor, value []byte) ([][]byte, error) {
	answer, err := c.ask(ask, value)
	if err == nil && len(answer.files) == 0 {
		err = ErrNotFound
	}
	return answer.files, err
}

// ask sends one request and reads its answer. A connection that was good
// before and is not any more, an idle one that the server closed, is made
// once more.
func (c *Client) ask(ask askedFor, value []byte) (answer, error) {
	for again := false; ; again = true {
		used := c.call != nil
		a, err := c.attempt(ask, value)
		var e *Error
		if errors.As(err, &e) {
			c.Close()
			if e.lost && used && !again {
				continue
			}
		}
		return a, err
	}
}

func (c *Client) attempt(ask askedFor, value []byte) (answer, error) {
	if c.conn == nil {
		conn, err := dial(&c.options)
		if err != nil {
			return answer{}, err
		}
		c.conn = conn
	}
	c.conn.deadline(c.options.Timeout)
	message, err := c.exchange(appendRequest(nil, c.authority(), ask, value))
	if err != nil {
		return answer{}, err
	}
	return readAnswer(message)
}

// exchange sends a request over the open call, or over a new one to the
// newest version of the service that the server has.
func (c *Client) exchange(request []byte) ([]byte, error) {
	if c.call != nil {
		message, err := c.call.exchange(request)
		return message, explainStatus(err)
	}
	var first error
	for _, service := range []string{"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"} {
		if c.service != "" && c.service != service {
			continue
		}
		call, err := c.conn.open("/"+service+"/ServerReflectionInfo", c.authority(), c.options.Headers)
		if err != nil {
			return nil, err
		}
		message, err := call.exchange(request)
		if err == nil {
			c.call, c.service = call, service
			return message, nil
		}
		var status *statusError
		if !errors.As(err, &status) || status.code != codeUnimplemented {
			return nil, explainStatus(err)
		}
		first = err
	}
	return nil, explainStatus(first)
}

// authority is what the requests name as their host.
func (c *Client) authority() string {
	switch {
	case c.options.Authority != "":
		return c.options.Authority
	case strings.HasPrefix(c.options.Address, unixPrefix):
		return "localhost"
	}
	return c.options.Address
}

package reflection

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
)

// unixPrefix begins the address of a socket in the file system.
const unixPrefix = "unix:"

// dial connects and shakes hands.
func dial(o *Options) (*conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
	defer cancel()
	network, address := "tcp", o.Address
	if path, ok := strings.CutPrefix(address, unixPrefix); ok {
		network, address = "unix", path
	}
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, dialError(err)
	}
	if o.TLS != nil {
		secured, err := handshake(ctx, raw, o)
		if err != nil {
			raw.Close()
			return nil, err
		}
		raw = secured
	}
	c := &conn{net: raw, secure: o.TLS != nil, timeout: o.Timeout}
	c.reader = bufio.NewReaderSize(raw, 32<<10)
	c.greet()
	return c, nil
}

func handshake(ctx context.Context, raw net.Conn, o *Options) (net.Conn, error) {
	config, err := o.TLS.config(hostOf(o))
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, tlsError(err, config.ServerName)
	}
	if protocol := secured.ConnectionState().NegotiatedProtocol; protocol != "h2" && protocol != "" {
		return nil, &Error{Message: "speaks " + printable(protocol) + " over TLS, not HTTP/2"}
	}
	return secured, nil
}

// hostOf is the name that the server's certificate must have.
func hostOf(o *Options) string {
	name := o.Authority
	if name == "" {
		name = o.Address
	}
	if host, _, err := net.SplitHostPort(name); err == nil {
		return host
	}
	return strings.TrimPrefix(name, unixPrefix)
}

func dialError(err error) *Error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{Message: "refuses the connection: nothing listens there", Hint: "is the server running, and the port right?"}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &Error{Message: "is not known: no address for " + printable(dns.Name)}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Message: "does not answer: the connection was not made in time", Hint: "--reflect-timeout allows more"}
	}
	return &Error{Message: "cannot be reached: " + plain(err)}
}

// plain is the innermost text of a network error, without addresses.
func plain(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return printable(op.Err.Error())
	}
	return printable(err.Error())
}

package reflection

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
)

// TLS says how a connection is secured.
type TLS struct {
	// CA is a file with certificates of authorities, in PEM, that are trusted
	// in place of the system's; "" for those.
	CA string
	// Certificate and Key are files with the client's own, in PEM; "" for none.
	Certificate, Key string
	// Insecure trusts any certificate.
	Insecure bool
}

func (t *TLS) config(name string) (*tls.Config, error) {
	config := &tls.Config{ServerName: name, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.Insecure}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fileError(t.CA, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, &Error{Message: "is not asked: " + printable(t.CA) + " holds no certificate in PEM"}
		}
	}
	if t.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
		var cause *fs.PathError
		switch {
		case errors.As(err, &cause):
			return nil, fileError(cause.Path, err)
		case err != nil:
			return nil, &Error{Message: "is not asked: the certificate " + printable(t.Certificate) + " and the key " + printable(t.Key) + " are no pair in PEM"}
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func fileError(path string, err error) *Error {
	return &Error{Message: "is not asked: " + printable(path) + ": " + plain(err)}
}

// remoteAlert is what crypto/tls calls an alert of the other side.
const remoteAlert = "remote error"

func tlsError(err error, name string) *Error {
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var op *net.OpError
	switch {
	case errors.As(err, &record):
		return &Error{Message: "does not speak TLS", Hint: "leave out --reflect-tls and what goes with it, for plaintext"}
	case errors.As(err, &authority):
		return &Error{Message: "has a certificate of an authority that is not known here",
			Hint: "give the authority's certificate with --reflect-ca FILE, or trust any with --reflect-insecure"}
	case errors.As(err, &host):
		return &Error{Message: "has a certificate that is not for " + printable(name),
			Hint: "give the name that it is for with --reflect-authority NAME"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &Error{Message: "has a certificate that has expired or is not valid yet"}
	case errors.As(err, &op) && op.Op == remoteAlert:
		return &Error{Message: "refuses the TLS connection: " + printable(strings.TrimPrefix(op.Err.Error(), "tls: ")),
			Hint: "if it wants a certificate of the client: --reflect-cert FILE --reflect-key FILE"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Message: "does not shake hands for TLS in time", Hint: "does it speak TLS? Without --reflect-tls it is plaintext"}
	}
	return &Error{Message: "makes no TLS connection: " + printable(strings.TrimPrefix(err.Error(), "tls: ")),
		Hint: "does it speak TLS? Without --reflect-tls it is plaintext"}
}

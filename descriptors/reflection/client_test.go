package reflection

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/reflection"
	v1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// names are the names of raw files, sorted.
func names(t *testing.T, files [][]byte) string {
	t.Helper()
	var all []string
	for _, raw := range files {
		file := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(raw, file); err != nil {
			t.Fatal(err)
		}
		all = append(all, file.GetName())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func open(t *testing.T, o Options) *Client {
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// checkShop asks everything of a server that has the shop.
func checkShop(t *testing.T, c *Client) {
	t.Helper()
	services, err := c.Services()
	if err != nil || strings.Join(services, " ") != "shop.Shop" {
		t.Errorf("Services = %q, %v", services, err)
	}
	for _, symbol := range []string{"shop.Shop", "shop.Shop.Get"} {
		files, err := c.FileContaining(symbol)
		if got := names(t, files); err != nil || !strings.Contains(got, "shop/shop.proto") {
			t.Errorf("FileContaining(%s) = %s, %v", symbol, got, err)
		}
	}
	if files, err := c.FileByName("shop/types.proto"); err != nil || names(t, files) != "shop/types.proto" {
		t.Errorf("FileByName = %s, %v", names(t, files), err)
	}
	for _, missing := range []string{"shop.Nothing", "", "\x00"} {
		if _, err := c.FileContaining(missing); !errors.Is(err, ErrNotFound) {
			t.Errorf("FileContaining(%q): %v", missing, err)
		}
	}
	if _, err := c.FileByName("shop/nothing.proto"); !errors.Is(err, ErrNotFound) {
		t.Errorf("FileByName of a missing file: %v", err)
	}
	if numbers, err := c.ExtensionNumbers("shop.Item"); err != nil || !slices.Equal(numbers, []int32{150}) {
		t.Errorf("ExtensionNumbers = %v, %v", numbers, err)
	}
	if files, err := c.FileContainingExtension("shop.Item", 150); err != nil || !strings.Contains(names(t, files), "shop/extra.proto") {
		t.Errorf("FileContainingExtension = %s, %v", names(t, files), err)
	}
}

func TestPlaintext(t *testing.T) {
	checkShop(t, open(t, Options{Address: serve(t, withReflection(t, shop(t, 0)))}))
}

func TestV1AlphaOnly(t *testing.T) {
	s := grpc.NewServer()
	v1alpha.RegisterServerReflectionServer(s, reflection.NewServer(serverOptions(t, shop(t, 0))))
	c := open(t, Options{Address: serve(t, s)})
	checkShop(t, c)
	if !strings.Contains(c.service, "v1alpha") {
		t.Errorf("asked %s", c.service)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Skipf("no socket can be had here: %v", err)
	}
	s := withReflection(t, shop(t, 0))
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	checkShop(t, open(t, Options{Address: "unix:" + path}))
}

// TestLargeAnswers asks for files beyond every window, frame and the 4 MB
// that gRPC clients take by default, several times over one call.
func TestLargeAnswers(t *testing.T) {
	c := open(t, Options{Address: serve(t, withReflection(t, shop(t, 12000)))})
	for range 3 {
		files, err := c.FileByName("shop/types.proto")
		if err != nil || len(files) != 1 || len(files[0]) < 10<<20 {
			t.Fatalf("%d files, %v", len(files), err)
		}
	}
}

// TestManyRequests sends more than the server's windows hold.
func TestManyRequests(t *testing.T) {
	c := open(t, Options{Address: serve(t, withReflection(t, shop(t, 0), grpc.InitialWindowSize(65535), grpc.InitialConnWindowSize(65535)))})
	for i := range 300 {
		if _, err := c.FileContaining("shop." + strings.Repeat("x", 900)); !errors.Is(err, ErrNotFound) {
			t.Fatalf("request %d: %v", i, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	address := serve(t, withReflection(t, shop(t, 0), grpc.StreamInterceptor(demanding)))
	checkShop(t, open(t, Options{Address: address, Headers: [][2]string{{"authorization", "Bearer x y"}, {"x-large", strings.Repeat("z", 40000)}}}))
	c := open(t, Options{Address: address})
	_, err := c.Services()
	var e *Error
	if !errors.As(err, &e) || e.Message != "refuses: status UNAUTHENTICATED: no tökën, 100% sure" || !strings.Contains(e.Hint, "--reflect-header") {
		t.Errorf("without the header: %v", err)
	}
}

// certificate makes a certificate for 127.0.0.1 that is its own authority.
func certificate(t *testing.T) (file string, pair tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames: []string{"shop.example"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	file = filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	pair, err = tls.X509KeyPair(text, text)
	if err != nil {
		t.Fatal(err)
	}
	return file, pair
}

func TestTLS(t *testing.T) {
	file, pair := certificate(t)
	address := serve(t, withReflection(t, shop(t, 0), grpc.Creds(credentials.NewServerTLSFromCert(&pair))))
	_, port, _ := net.SplitHostPort(address)
	checkShop(t, open(t, Options{Address: address, TLS: &TLS{CA: file}}))
	checkShop(t, open(t, Options{Address: address, TLS: &TLS{Insecure: true}}))
	checkShop(t, open(t, Options{Address: address, TLS: &TLS{CA: file}, Authority: "shop.example"}))
	other, _ := certificate(t)
	for _, c := range []struct {
		name          string
		options       Options
		message, hint string
	}{
		{"unknown authority", Options{Address: address, TLS: &TLS{}}, "authority that is not known", "--reflect-ca"},
		{"another authority", Options{Address: address, TLS: &TLS{CA: other}}, "authority that is not known", "--reflect-ca"},
		{"another name", Options{Address: address, TLS: &TLS{CA: file}, Authority: "other.example"}, "not for other.example", "--reflect-authority"},
		{"plaintext", Options{Address: "127.0.0.1:" + port}, "", "--reflect-tls"},
		{"no such file", Options{Address: address, TLS: &TLS{CA: "nothing.pem"}}, "nothing.pem: no such file", ""},
		{"no certificate", Options{Address: address, TLS: &TLS{CA: "client_test.go"}}, "no certificate in PEM", ""},
		{"no pair", Options{Address: address, TLS: &TLS{Certificate: file, Key: "client_test.go"}}, "no pair in PEM", ""},
	} {
		fails(t, c.name, c.options, c.message, c.hint)
	}
}

func TestClientCertificate(t *testing.T) {
	file, pair := certificate(t)
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	creds := credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
	address := serve(t, withReflection(t, shop(t, 0), grpc.Creds(creds)))
	checkShop(t, open(t, Options{Address: address, TLS: &TLS{CA: file, Certificate: file, Key: file}}))
	fails(t, "without", Options{Address: address, TLS: &TLS{CA: file}}, "refuses the TLS connection", "--reflect-cert")
}

// fails checks the error of the first question.
func fails(t *testing.T, name string, o Options, message, hint string) {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	_, err := open(t, o).Services()
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, message) || !strings.Contains(e.Hint, hint) {
		t.Errorf("%s: got %#v, want %q and the hint %q", name, err, message, hint)
	}
}

func TestOtherServers(t *testing.T) {
	plain := serve(t, grpc.NewServer())
	fails(t, "no reflection", Options{Address: plain}, "has no reflection service", "reflection.Register")
	fails(t, "TLS to plaintext", Options{Address: plain, TLS: &TLS{}}, "TLS", "reflect-tls")
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	fails(t, "HTTP/1", Options{Address: web.Listener.Addr().String()}, "answers in HTTP/1", "web server")
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	fails(t, "HTTPS", Options{Address: secure.Listener.Addr().String()}, "", "--reflect-tls")
	both := httptest.NewUnstartedServer(http.NotFoundHandler())
	both.EnableHTTP2 = true
	both.StartTLS()
	defer both.Close()
	fails(t, "404 over HTTP/2", Options{Address: both.Listener.Addr().String(), TLS: &TLS{Insecure: true}}, "no reflection", "")
	page := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	page.EnableHTTP2 = true
	page.StartTLS()
	defer page.Close()
	fails(t, "a page over HTTP/2", Options{Address: page.Listener.Addr().String(), TLS: &TLS{Insecure: true}}, "text/html", "another protocol")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().String()
	fails(t, "silent", Options{Address: free, Timeout: 50 * time.Millisecond}, "does not answer within 50ms", "--reflect-tls")
	fails(t, "silent to TLS", Options{Address: free, Timeout: 50 * time.Millisecond, TLS: &TLS{}}, "in time", "")
	listener.Close()
	fails(t, "refused", Options{Address: free}, "refuses the connection", "running")
}

// TestReconnect restarts the server between two questions.
func TestReconnect(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	address := listener.Addr().String()
	s := withReflection(t, shop(t, 0))
	go func() { _ = s.Serve(listener) }()
	c := open(t, Options{Address: address})
	checkShop(t, c)
	s.Stop()
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Skipf("the port is taken: %v", err)
	}
	s = withReflection(t, shop(t, 0))
	go func() { _ = s.Serve(listener) }()
	defer s.Stop()
	checkShop(t, c)
}

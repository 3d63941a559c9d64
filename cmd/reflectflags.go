package cmd

import (
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/descriptors/reflection"
)

// reflectFlags say which server is asked for its schema, and how.
type reflectFlags struct {
	address   addressFlag
	tls       bool
	files     reflection.TLS
	authority string
	headers   headersFlag
	timeout   time.Duration
	command   *cobra.Command
}

func (r *reflectFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.Var(&r.address, "reflect", "ask the gRPC server at `HOST:PORT`, or unix:PATH, for its schema, by reflection")
	f.BoolVar(&r.tls, "reflect-tls", false, "--reflect over TLS; --reflect-ca, -cert and -insecure say so too")
	f.StringVar(&r.files.CA, "reflect-ca", "", "trust the authorities in `FILE` (PEM) in place of the system's")
	f.StringVar(&r.files.Certificate, "reflect-cert", "", "`FILE` with a certificate of the client's own (PEM)")
	f.StringVar(&r.files.Key, "reflect-key", "", "`FILE` with the key of that certificate (PEM)")
	f.BoolVar(&r.files.Insecure, "reflect-insecure", false, "trust any certificate of the server")
	f.StringVar(&r.authority, "reflect-authority", "", "`NAME` of the server in requests and in its certificate, if not that of --reflect")
	f.Var(&r.headers, "reflect-header", "send the header `'NAME: VALUE'` with each --reflect call (repeatable)")
	f.DurationVar(&r.timeout, "reflect-timeout", 10*time.Second, "how long connecting, and each answer, may take")
	_ = c.RegisterFlagCompletionFunc("reflect", completeAddress)
	_ = c.RegisterFlagCompletionFunc("reflect-header", cobra.FixedCompletions([]cobra.Completion{"authorization: "}, cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp))
	r.command = c
}

func completeAddress(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"localhost:", "unix:"}, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// given says whether a server is to be asked.
func (r *reflectFlags) given() bool { return r.address != "" }

// check is an error for flags that do not go together.
func (r *reflectFlags) check() error {
	if r.command == nil {
		return nil
	}
	if !r.given() {
		for _, name := range []string{"tls", "ca", "cert", "key", "insecure", "authority", "header", "timeout"} {
			if r.command.Flags().Changed("reflect-" + name) {
				return usagef("--reflect-"+name+" without --reflect", "name the server with --reflect HOST:PORT")
			}
		}
	}
	if (r.files.Certificate == "") != (r.files.Key == "") {
		return usagef("--reflect-cert and --reflect-key belong together", "one file may hold both: give it twice")
	}
	if r.files.Insecure && r.files.CA != "" {
		return usagef("--reflect-insecure and --reflect-ca exclude each other", "")
	}
	if r.timeout <= 0 {
		return usagef("--reflect-timeout must be more than nothing", "")
	}
	return nil
}

// options is nil where no server is to be asked.
func (r *reflectFlags) options() *reflection.Options {
	if !r.given() {
		return nil
	}
	o := &reflection.Options{Address: string(r.address), Authority: r.authority, Headers: r.headers, Timeout: r.timeout}
	if r.tls || r.files != (reflection.TLS{}) {
		o.TLS = &r.files
	}
	return o
}

// addressFlag is HOST:PORT or unix:PATH.
type addressFlag string

func (a *addressFlag) String() string { return string(*a) }

// Type implements pflag.Value.
func (a *addressFlag) Type() string { return "address" }

// Set implements pflag.Value.
func (a *addressFlag) Set(text string) error {
	if path, ok := strings.CutPrefix(text, "unix:"); ok && path != "" {
		*a = addressFlag(text)
		return nil
	}
	if _, port, err := net.SplitHostPort(text); err != nil || port == "" || strings.Contains(text, "/") {
		return usagef("the address has the form HOST:PORT, [IPv6]:PORT or unix:PATH", "")
	}
	*a = addressFlag(text)
	return nil
}

// headersFlag is a list of headers.
type headersFlag [][2]string

func (h *headersFlag) String() string { return "" }

// Type implements pflag.Value.
func (h *headersFlag) Type() string { return "header" }

// Set implements pflag.Value.
func (h *headersFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
	if !ok || !isHeaderName(name) {
		return usagef("a header has the form 'NAME: VALUE'", "")
	}
	if strings.HasPrefix(name, "grpc-") || name == "content-type" || name == "te" || name == "connection" {
		return usagef("the header "+name+" belongs to the protocol", "")
	}
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return usagef("the value of a header is printable ASCII; that of NAME-bin is base64", "")
		}
	}
	*h = append(*h, [2]string{name, value})
	return nil
}

// isHeaderName says whether gRPC's metadata can have that name.
func isHeaderName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return name != ""
}

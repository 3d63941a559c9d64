package cmd

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/nearest"
)

// captureFlags say what is wanted of a capture.
type captureFlags struct{ options frame.CaptureOptions }

func (o *captureFlags) add(c *cobra.Command) {
	f := c.Flags()
	w := &o.options
	f.Var(&listFlag{"N,N-N", func(s string) error { return addConnections(w, s) }}, "connection", "captures: only the connections of these `NUMBERS` (see pbscope capture)")
	f.Var(&listFlag{"PORT", func(s string) error { return addPort(w, s) }}, "port", "captures: only connections with this `PORT` at either end (repeatable)")
	f.Var(&listFlag{"HOST", func(s string) error { return addHost(w, s) }}, "host", "captures: only connections with this `ADDRESS` or network (10.0.0.0/8) at either end (repeatable)")
	f.Var(&timeFlag{&w.After, &w.AfterStart}, "after", "captures: only records from this `TIME` on: 2026-03-02T14:30:00Z, or +90s from the first packet")
	f.Var(&timeFlag{&w.Before, &w.BeforeStart}, "before", "captures: only records before this `TIME`")
	f.Var(&listFlag{"PORT=PROTO", func(s string) error { return addDecodeAs(w, s) }}, "decode-as", "captures: what runs on a port of the server, `PORT=PROTO`: "+strings.Join(protocolNames(), ", ")+" (repeatable)")
	_ = c.RegisterFlagCompletionFunc("decode-as", completeDecodeAs)
	for _, name := range []string{"connection", "port", "host", "after", "before"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

func protocolNames() []string { return capture.Names(inspect.Protocols()) }

func completeDecodeAs(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	port, _, _ := strings.Cut(typed, "=")
	var all []string
	for _, name := range protocolNames() {
		if port != "" {
			all = append(all, port+"="+name)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// listFlag is a flag that may be given several times, or with several values
// between commas.
type listFlag struct {
	kind string
	add  func(value string) error
}

func (f *listFlag) String() string { return "" }
func (f *listFlag) Type() string   { return f.kind }

// Set implements pflag.Value.
func (f *listFlag) Set(text string) error {
	for value := range strings.SplitSeq(text, ",") {
		if err := f.add(strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	return nil
}

// maxRange is how many connections one value may name.
const maxRange = 1 << 20

func addConnections(w *frame.CaptureOptions, text string) error {
	first, last, isRange := strings.Cut(text, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	to := from
	if isRange && err == nil {
		to, err = strconv.ParseInt(last, 10, 64)
	}
	if err != nil || from < 1 || to < from || to-from > maxRange {
		return errors.New("must be numbers from 1 on: 3, or 2-5, or several with commas")
	}
	for n := from; n <= to; n++ {
		w.Connections = append(w.Connections, n)
	}
	return nil
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, errors.New("must be a port, a number from 1 to 65535")
	}
	return uint16(port), nil
}

func addPort(w *frame.CaptureOptions, text string) error {
	port, err := parsePort(text)
	if err == nil {
		w.Ports = append(w.Ports, port)
	}
	return err
}

func addHost(w *frame.CaptureOptions, text string) error {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		w.Hosts = append(w.Hosts, prefix.Masked())
		return nil
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return errors.New("must be an address or a network as the capture has them (names are not looked up): 127.0.0.1, 10.0.0.0/8, ::1")
	}
	w.Hosts = append(w.Hosts, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
	return nil
}

func addDecodeAs(w *frame.CaptureOptions, text string) error {
	left, name, found := strings.Cut(text, "=")
	port, err := parsePort(left)
	if !found || err != nil {
		return errors.New("must be PORT=PROTO, such as 5000=tws")
	}
	for _, known := range protocolNames() {
		if known == name {
			w.DecodeAs = append(w.DecodeAs, frame.PortProtocol{Port: port, Protocol: name})
			return nil
		}
	}
	message := "there is no protocol " + name + "; there are " + strings.Join(protocolNames(), ", ")
	if near := nearest.Name(name, protocolNames()); near != "" {
		message += "; did you mean " + near + "?"
	}
	return errors.New(message)
}

// timeFlag is a time, or one that counts from the capture's first packet.
type timeFlag struct {
	at    *time.Time
	start *time.Duration
}

func (f *timeFlag) String() string { return "" }
func (f *timeFlag) Type() string   { return "TIME" }

// Set implements pflag.Value.
func (f *timeFlag) Set(text string) error {
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		d, err := time.ParseDuration(rest)
		if err != nil || d <= 0 {
			return errors.New("must be a time after the first packet, such as +90s or +1h30m")
		}
		*f.at, *f.start = time.Time{}, d
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			*f.at, *f.start = t, 0
			return nil
		}
	}
	return errors.New("must be a time: 2026-03-02T14:30:00Z (UTC without a zone), 2026-03-02, or +90s from the first packet")
}

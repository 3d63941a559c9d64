package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/span"
)

// helpTopics are the pages of their own, such as pbscope help errors.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "errors", Short: "The errors, their tags and the exit codes", Long: errorsPage()},
		{Use: "forms", Short: "The forms that bytes come in", Long: formsPage()},
		{Use: "captures", Short: "Captures: connections, what is read on them, and what is lost", Long: capturesPage},
		{Use: "tws", Short: "The TWS API: ids, the table of messages, names of fields", Long: twsPage},
		{Use: "statistics", Short: "The numbers of pbscope stats, and how they are found", Long: statsPage},
		{Use: "json", Short: "A message as JSON: options and the keys that begin with @", Long: jsonPage},
		{Use: "schemas", Short: "Where schemas come from", Long: schemasPage},
	}
}

func errorsPage() string {
	var b strings.Builder
	b.WriteString(`A message that does not decode becomes a record of its own in the output,
  {"@error":{"tag":…,"offset":…,"path":…,"message":…},"@raw":"…"}
(in an envelope the keys "error" and "raw"), and the stream goes on. encode
writes the raw bytes back. Where the error has no "offset", the frame itself is
damaged, and its raw bytes are written without a frame around them.

"offset" counts from the message's first byte, "inputOffset" from the input's.

Tags:
`)
	for _, t := range span.Tags() {
		fmt.Fprintf(&b, "  %-24s %s\n", t.Tag, t.Meaning)
	}
	b.WriteString(`
Exit codes:
  0    done
  1    some record failed; breaking: findings that count
  2    the command line is wrong
  3    a schema or an input cannot be read, or an output cannot be written
  130  interrupted; what was under way has been written`)
	return b.String()
}

func formsPage() string {
	var b strings.Builder
	b.WriteString("decode --from and --to, encode --to:\n\n")
	for _, f := range inspect.Forms() {
		notes := ""
		switch {
		case f.Read == nil:
			notes = " (only written)"
		case f.Write == nil:
			notes = " (only read)"
		}
		fmt.Fprintf(&b, "  %-14s %s%s\n", f.Name, f.Summary, notes)
	}
	b.WriteString(`
decode --from auto (the default) goes by sure signs first, then, under a given
type, takes the one plain form that explains all of the first 64 KiB without
unknown fields. It waits for that much of a pipe: in pipelines write --from.

Any input may be gzip- or zstd-compressed; it is noticed.

decode --to json is indented and coloured on a terminal, one line a message
otherwise; jsonl is always one line; text is the protobuf text format, with
"# ---" lines between messages. encode reads json and text.`)
	return b.String()
}

const capturesPage = `decode and inspect --from pcap read pcap and pcapng files, also compressed, and
live ones from a pipe:

  sudo tcpdump -U -i lo -w - port 7497 | pbscope decode --from pcap -I tws-proto

(With --immediate-mode, tcpdump does not hold packets back for up to a second.)

Links: Ethernet (VLAN, QinQ, MPLS, PPPoE, tags of switches), 802.11 as far as it
is not encrypted, Linux cooked (tcpdump -i any), raw IP, BSD loopback, PPP, PKTAP,
NFLOG, pflog, ERF and others; IPv4 and IPv6 with fragments and extension headers;
also inside GRE, ERSPAN, VXLAN, Geneve, GTP-U, TZSP and IP in IP. What is not read
is counted and named; a capture of nothing else is an error.

pbscope capture lists the connections. Which protocol runs on one is found by
its first bytes in either direction; of TWS also by whole messages that follow
each other, where the capture begins later. --decode-as PORT=PROTO says it by
hand, and that the port is the server's. TWS connections are decoded; HTTP/2,
HTTP/1, TLS and Kafka are recognised and left alone.

TCP streams are put together as the receiver did it: of bytes that come twice
the first copy counts. A hole is waited for until the other side has
acknowledged it and 64 packets of the connection or 2 seconds have passed (longer
where packets were seen to come out of order), until the connection ends, or
until 8 MiB wait behind it; then it is a record with the error "gap" and its
length, and the stream is gone on with at the next message. 48 MiB are kept for
all connections together; beyond, those that keep most are not waited for any
longer. Of 32,768 connections at a time, the one that was quiet longest is taken
to have ended when another begins.

A frame that the capture's start or end cuts off is an error record too, but
does not count as failed.

Which side of a TWS connection is the client is told by the SYN, else by the
handshake, --decode-as, the usual ports (7496, 7497, 4001, 4002), or --direction,
which then names the sender of the connection's first packet.

Filters, for every protocol: --connection, --port, --host, --after, --before.`

const jsonPage = `A message is ProtoJSON, one line each, keys in the order of the wire (--sort: of
the schema). The same bytes always give the same text.

What the schema cannot express stands under keys that begin with @; their bytes
are always base64, and encode takes all of them back:
  "@unknown"  list of {"field":N,"wire":"varint"|"i32"|"i64"|"len"|"group","value":…}
              for fields that the type does not know; without a type a message is
              {"@unknown":[…]}
  "@bytes"    {"@bytes":"…"}: a string that is not UTF-8 and need not be;
              {"@type":"…","@bytes":"…"}: an Any that cannot be resolved
  "@error"    {"@error":{…},"@raw":"…"}: a message that does not decode, or a
              well-known type whose value has no JSON form
  "@wire"     with --lossless: the bytes of a message that encode would write
              differently

Work and memory grow with the bytes alone, but for sorting. A byte of a message
makes at most 200 bytes of JSON or text, 400 of inspect and 600 of inspect --to
json, and the names that the schema gives it; with --defaults a message has all
keys of its type. A byte of JSON makes at most 12 bytes. Messages nest to
--max-depth (10000), paths in errors are cut at 1024 bytes, of values without a
JSON form at 256.

Options of decode; encode reads all of these without being told, but for
--bytes hex, which must be said again:
  --unknown keep|drop|error   fields that the schema does not know
  --int64 string|number       64-bit integers
  --bytes base64|hex          bytes fields
  --names json|proto          field names
  --enums name|number         enum values
  --defaults                  absent fields without presence, lists and maps too
  --sort                      keys in the schema's order
  --lossless                  decode | encode gives back every byte
  --verify                    read each message with both engines and compare;
                              with --lossless encode it again, too
  --indent N                  N spaces a level`

package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// inputs are files made from fixed seeds when a row first wants them.
type inputs struct{ pbscope, dir, schema string }

// input is a file, how many messages it has and of how many bytes.
type input struct {
	path            string
	messages, bytes int64
}

func newInputs(pbscope, dir string) (*inputs, error) {
	in := &inputs{pbscope, dir, filepath.Join(dir, "bench.binpb")}
	return in, in.tool("", in.schema, "schema", "build", "--no-source-info", "-I", "fixtures/schemas", "-I", ".ci/measure", "-p", "bench.proto")
}

// tool runs pbscope from a file, or from nothing, to a file.
func (in *inputs) tool(from, to string, args ...string) error {
	p := exec.Command(in.pbscope, append(args, "-o", to)...)
	p.Stderr = os.Stderr
	if from != "" {
		file, err := os.Open(from)
		if err != nil {
			return err
		}
		defer file.Close()
		p.Stdin = file
	}
	return p.Run()
}

// file is the input of that name, made if it is not there yet.
func (in *inputs) file(name string, messages int64, make func(path string) error) (input, error) {
	path := filepath.Join(in.dir, name)
	if _, err := os.Stat(path); err != nil {
		if err := make(path); err != nil {
			return input{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return input{}, err
	}
	return input{path, messages, info.Size()}, nil
}

// descriptors is one FileDescriptorSet of about 18 MB.
func (in *inputs) descriptors(comments bool) (input, error) {
	return in.file(fmt.Sprintf("descriptors-%t.binpb", comments), 1, func(path string) error {
		set, err := descriptorSet(4, 18_000_000, comments)
		if err != nil {
			return err
		}
		return os.WriteFile(path, set, 0o666)
	})
}

// json is another input as JSON: that is how the work of encode begins.
func (in *inputs) json(of input, typ, from string) (input, error) {
	made, err := in.file(filepath.Base(of.path)+".jsonl", of.messages, func(path string) error {
		return in.tool(of.path, path, "decode", "--from", from, "-d", in.schema, "-t", typ)
	})
	return made, err
}

// stream is a delimited stream of n messages of a load.
func (in *inputs) stream(l load, n int64) (input, error) {
	return in.file(fmt.Sprintf("%s-%d.delimited", l.name, n), n, func(path string) error {
		if l.document == nil {
			return in.write(path, l, n, func(b, payload []byte) []byte { return protowire.AppendBytes(b, payload) })
		}
		documents := path + ".documents"
		defer os.Remove(documents)
		if err := in.write(documents, l, n, func(b, line []byte) []byte { return append(append(b, line...), '\n') }); err != nil {
			return err
		}
		return in.tool(documents, path, "encode", "--to", "delimited", "-d", in.schema, "-t", l.typ)
	})
}

// batch is the messages of a stream as one bench.Batch.
func (in *inputs) batch(l load, n int64) (input, error) {
	stream, err := in.stream(l, n)
	if err != nil {
		return input{}, err
	}
	return in.file(fmt.Sprintf("%s-%d.binpb", l.name, n), 1, func(path string) error {
		return rewrite(stream.path, path, func(w *bufio.Writer, payload []byte) {
			w.Write(protowire.AppendBytes(protowire.AppendTag(nil, l.field, protowire.BytesType), payload))
		})
	})
}

// rewrite gives each payload of a delimited stream to what writes it.
func rewrite(from, to string, write func(w *bufio.Writer, payload []byte)) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	return create(to, func(w *bufio.Writer) error {
		return payloads(source, func(payload []byte) { write(w, payload) })
	})
}

// payloads calls each with every payload of a delimited stream.
func payloads(stream io.Reader, each func(payload []byte)) error {
	r := bufio.NewReaderSize(stream, 1<<20)
	for {
		length, err := binary.ReadUvarint(r)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(r, payload); err != nil {
			return err
		}
		each(payload)
	}
}

func (in *inputs) write(path string, l load, n int64, frame func(b, content []byte) []byte) error {
	one := l.document
	if one == nil {
		one = l.payload
	}
	return create(path, func(w *bufio.Writer) error {
		r := rand.New(rand.NewPCG(4, uint64(l.field)))
		for i := range n {
			if _, err := w.Write(frame(nil, one(r, int(i)))); err != nil {
				return err
			}
		}
		return nil
	})
}

func create(path string, fill func(w *bufio.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	err = fill(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		return file.Close()
	}
	file.Close()
	return err
}

// load is a kind of message: written as a JSON document, or as bytes.
type load struct {
	name, typ string
	field     protowire.Number // in bench.Batch
	document  func(r *rand.Rand, i int) []byte
	payload   func(r *rand.Rand, i int) []byte
}

func tradesLoad() load  { return load{"trades", "trades.v1.MessageWrapper", 1, trade, nil} }
func packedLoad() load  { return load{"packed", "bench.Packed", 2, nil, packed} }
func stringsLoad() load { return load{"strings", "bench.Strings", 3, nil, texts} }
func mapsLoad() load    { return load{"maps", "bench.Maps", 4, nil, maps} }
func usersLoad() load   { return load{"users", "user.v1.User", 5, user, nil} }

// trade is a MessageWrapper of about 240 bytes.
func trade(r *rand.Rand, i int) []byte {
	symbols := [...]string{"AAPL", "MSFT", "SPY", "BRK.B", "TSLA", "NVDA", "ESM6", "AMZN"}
	at := time.Date(2026, 3, 4, 14, 30, 0, 0, time.UTC).Add(time.Duration(i)*137*time.Microsecond + time.Duration(r.IntN(1000)))
	symbol := symbols[r.IntN(len(symbols))]
	return fmt.Appendf(nil, `{"msgType":"MSG_TYPE_TRADE","trade":{"symbol":"%s","price":%.2f,"quantity":"%d","tradeId":"%d",`+
		`"side":"%s","executedAt":"%s","venue":%d,"conditions":[%d,37,%d],"signature":"%s",`+
		`"legs":[{"symbol":"%s-NEAR","ratio":%d},{"symbol":"%s-FAR","ratio":%d}]},`+
		`"sentAt":"%s","labels":{"desk":"equities","strategy":"momentum-%d","region":"us-east","book":"large-cap-%02d"}}`,
		symbol, 10+990*r.Float64(), r.IntN(20000)-10000, r.Int64N(1<<50), [...]string{"SIDE_BUY", "SIDE_SELL"}[r.IntN(2)],
		at.Format(time.RFC3339Nano), r.IntN(30), r.IntN(100), r.IntN(100), "c2lnbmF0dXJlIG9mIGEgdHJhZGUgdGhhdCBpcyBzaXh0eSBieXRlcyBsb25nLCBvciBzby4uLi4u",
		symbol, 1+r.IntN(3), symbol, -1-r.IntN(3), at.Add(time.Duration(r.IntN(5e6))).Format("2006-01-02T15:04:05.000000Z07:00"), r.IntN(100), r.IntN(40))
}

// user sets every kind of field that user.v1.User has.
func user(r *rand.Rand, i int) []byte {
	login := [...]string{`"userName":"u%d"`, `"badgeNumber":"%d"`, `"certificate":{"issuer":"CN=Example %d","serial":"AP8QIDBA","notAfter":"2031-01-01T00:00:00Z"}`}
	return fmt.Appendf(nil, `{"id":"%d","name":"Łucja Größe %d","email":"user%d@example.com","status":"STATUS_ACTIVE",`+
		`"address":{"street":"%d Main Street","city":"Zürich","postalCode":"80%02d","countryCode":"CH"},"tags":["a","b-%d","\"c\""],`+
		`"attributes":{"team":"t%d","floor":"%d","k":""},"otherAddresses":{"1":{"city":"Oslo"},"-7":{"street":"%d Rue","city":"Paris"}},`+
		login[i%len(login)]+`,"age":%d,"statusHistory":["STATUS_UNSPECIFIED","STATUS_DELETED","STATUS_SUSPENDED"],`+
		`"createdAt":"2026-03-02T14:31:%02d.%03dZ","sessionLength":"%d.5s","preferences":{"theme":"dark","size":%d,"on":true,"none":null,"list":[1,"x",{"y":2.5}]},`+
		`"profile":{"@type":"type.googleapis.com/user.v1.Profile","bio":"likes %d things","avatar":"iVBORw0KGgo="},"displayName":"L%d","verified":true,`+
		`"quotaBytes":"%d","score":%.3f,"extra":[1,2,{"a":null}],"history":["x",%d],"publicFields":"name,address.city",`+
		`"invited":[{"id":"1","name":"guest","age":0},{"id":"2","createdAt":"2025-01-01T00:00:00Z"}]}`,
		r.Int64(), i, i, r.IntN(300), r.IntN(100), r.IntN(9), r.IntN(50), r.IntN(12), r.IntN(99), i, r.IntN(90), r.IntN(60), r.IntN(1000), r.IntN(9000),
		r.IntN(40), r.IntN(40), i, r.Int64N(1<<40), 100*r.Float64(), r.IntN(1000))
}

// packed is 4 × 2,000 numbers, about 32 kB.
func packed(r *rand.Rand, _ int) []byte {
	var fields [4][]byte
	for range 2000 {
		fields[0] = protowire.AppendVarint(fields[0], r.Uint64()>>r.IntN(64))
		fields[1] = protowire.AppendFixed64(fields[1], math.Float64bits(math.Round(r.Float64()*1e7)/1e4))
		fields[2] = protowire.AppendVarint(fields[2], uint64(r.IntN(1000)))
		fields[3] = protowire.AppendFixed32(fields[3], math.Float32bits(float32(r.IntN(100000))/100))
	}
	var payload []byte
	for i, f := range fields {
		payload = protowire.AppendBytes(protowire.AppendTag(payload, protowire.Number(i+1), protowire.BytesType), f)
	}
	return payload
}

// texts is 40 lines, every fourth of them not ASCII: about 4 kB.
func texts(r *rand.Rand, _ int) []byte {
	var payload []byte
	for i := range 40 {
		text := fmt.Sprintf("a line of a log, number %d, which has the usual length and now and then a \"quoted\" word or a\ttab", r.IntN(1e6))
		if i%4 == 0 {
			text = fmt.Sprintf("%d Größe und Übermaß, naïve façade, Ελληνικά, 日本語のテキスト", r.IntN(1e6))
		}
		payload = protowire.AppendString(protowire.AppendTag(payload, 1, protowire.BytesType), text)
	}
	return payload
}

// maps is two maps of 40 entries: about 2 kB.
func maps(r *rand.Rand, _ int) []byte {
	var payload []byte
	add := func(field protowire.Number, entry []byte) {
		payload = protowire.AppendBytes(protowire.AppendTag(payload, field, protowire.BytesType), entry)
	}
	for i := range 40 {
		e := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), fmt.Sprintf("label-%d-%d", i, r.IntN(1e6)))
		add(1, protowire.AppendString(protowire.AppendTag(e, 2, protowire.BytesType), "some value"))
	}
	for i := range 40 {
		e := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(i*1000+r.IntN(1000)))
		add(2, protowire.AppendFixed64(protowire.AppendTag(e, 2, protowire.Fixed64Type), math.Float64bits(float64(r.IntN(10000))/8)))
	}
	return payload
}

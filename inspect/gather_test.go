package inspect

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/identify"
)

// personOrPlace is a table of two types.
func personOrPlace() *identify.Table {
	field := func(number int32, kind protoreflect.Kind) identify.Field {
		return identify.Field{Number: number, Kind: kind, Sub: -1, UTF8: true}
	}
	t := &identify.Table{Types: []identify.Type{
		{Name: "t.Person", Candidate: true, Fields: []identify.Field{field(1, protoreflect.StringKind), field(2, protoreflect.Int32Kind)}},
		{Name: "t.Place", Candidate: true, Fields: []identify.Field{field(1, protoreflect.DoubleKind), field(2, protoreflect.DoubleKind)}},
	}}
	t.Index()
	return t
}

const (
	person = "\x0a\x05Alice\x10\x1e"
	place  = "\x09\x00\x00\x00\x00\x00\x00\x45\x40"
)

// listed is a reader of frames that are there already.
type listed []frame.Frame

func (l *listed) Next(f *frame.Frame) error {
	if len(*l) == 0 {
		return io.EOF
	}
	*f, *l = (*l)[0], (*l)[1:]
	return nil
}

func inTopic(topic, payload string) frame.Frame {
	return frame.Frame{Payload: []byte(payload), Meta: &frame.Meta{Kafka: &frame.Kafka{Topic: topic}}}
}

// TestCandidatesGoByTopic has two topics of different types: each frame names
// what fits the frames of its topic up to it.
func TestCandidatesGoByTopic(t *testing.T) {
	null := inTopic("people", "")
	null.Null = true
	frames := &listed{
		inTopic("people", person), inTopic("places", place), null, inTopic("people", person),
		inTopic("empty", ""), inTopic("damaged", "\x0a"), inTopic("places", "\x18\x01"), inTopic("places", place),
	}
	want := []string{"t.Person", "t.Place", "", "t.Person", "", "", "", ""}
	made := 0
	r := Candidates(frames, nil, nil, func() *identify.Table { made++; return personOrPlace() })
	for i, w := range want {
		var f frame.Frame
		if err := r.Next(&f); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.TypeCandidates, ","); got != w {
			t.Errorf("frame %d has the candidates %q, want %q", i, got, w)
		}
	}
	if err := r.Next(new(frame.Frame)); err != io.EOF || made != 1 {
		t.Errorf("%v at the end, and the table was made %d times", err, made)
	}
}

// TestGathererKeepsGroups has frames of topics and ids, and those that have no
// message.
func TestGathererKeepsGroups(t *testing.T) {
	g := &Gatherer{Samples: 2}
	add := func(f frame.Frame) { g.Add(&f) }
	add(inTopic("a", "1"))
	add(inTopic("b", "2"))
	for range 3 {
		add(inTopic("a", "3"))
	}
	tws := func(kind, encoding string) frame.Frame {
		return frame.Frame{Payload: []byte("4"), Meta: &frame.Meta{TWS: &frame.TWS{Kind: kind, Encoding: encoding, Direction: "server", ID: 5, HasID: true}}}
	}
	add(tws("message", "protobuf"))
	add(tws("message", "text"))
	add(tws("handshake", ""))
	var names []string
	for _, group := range g.Groups {
		names = append(names, group.Name())
	}
	if !slices.Equal(names, []string{"topic a", "topic b", "server 5"}) || g.Full() {
		t.Fatalf("the groups are %q", names)
	}
	if a := g.Groups[0]; a.Records != 4 || len(a.Samples) != 2 || g.Groups[2].Records != 1 {
		t.Errorf("%+v %+v", a, g.Groups[2])
	}
}

// TestDetectAmong finds the form by the types that fit.
func TestDetectAmong(t *testing.T) {
	for _, c := range []struct{ input, want string }{
		{person, "raw"},
		{"\x09" + person + "\x09" + person, "delimited"},
		{"\x00\x00\x00\x09" + person, "u32be"},
		{"\x09\x00\x00\x00" + person + "\x09\x00\x00\x00" + place, ""},
		{"\x09\x00\x00\x00" + person + "\x09\x00\x00\x00" + person, "u32le"},
		{"0a05416c696365101e\n", "hex"},
		{"\xff\xff\xff", ""},
		{"\x78\x01", ""},
		{"", "raw"},
	} {
		form, err := DetectAmong(frame.NewInput(strings.NewReader(c.input)), personOrPlace())
		var ambiguous *AmbiguousError
		if form.Name != c.want || (c.want == "") != errors.As(err, &ambiguous) {
			t.Errorf("%q is taken as %q, %v; want %q", c.input, form.Name, err, c.want)
		}
	}
}

// Package sample makes messages of a type: an example in which every field is
// set, and random ones for tests.
//
// Samples are wire bytes as encode writes them (fields by ascending number,
// packed as the schema says), so that decoding one and encoding the JSON gives
// the same bytes again. Package transcode makes JSON of them. The same type,
// options and seed give the same bytes, on every platform.
package sample

import (
	"math/rand/v2"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/inspect/plan"
)

// Options say what samples are made of.
type Options struct {
	// Depth is how many levels of messages nest, the top one being the first; 0
	// stands for DefaultDepth. Deeper down only what is required is set.
	Depth int
	// Messages bounds the messages of one sample; 0 stands for DefaultMessages
	// in an example and for DefaultRandomMessages in random samples. Of what a
	// message may have each of its fields gets an equal share.
	Messages int
	// Extensions are the numbers of the known extensions of a message, in any
	// order; nil for none.
	Extensions func(message protoreflect.FullName) []protoreflect.FieldNumber
	// Any are the types that an Any holds, as far as the plan's resolver knows
	// them; nil stands for some of google.protobuf.
	Any []protoreflect.FullName
}

// The bounds of samples where Options has none.
const (
	DefaultDepth          = 8
	DefaultMessages       = 4000
	DefaultRandomMessages = 256
)

// EndlessError says that no message of a type can be finite.
type EndlessError struct {
	// Type requires itself, directly or through others.
	Type protoreflect.FullName
}

func (e *EndlessError) Error() string {
	return "there is no message of type " + string(e.Type) + ": its required fields lead back to it without end"
}

// TooLargeError says that even the smallest message of a type holds hundreds
// of thousands of others.
type TooLargeError struct {
	Type protoreflect.FullName
}

func (e *TooLargeError) Error() string {
	return "messages of type " + string(e.Type) + " are too large to make: their required fields hold more than " + strconv.Itoa(maxMade) + " messages"
}

// Possible is nil if messages of type m exist, else an *EndlessError.
func Possible(m *plan.Message) error {
	w := maker{finite: make(map[*plan.Message]bool)}
	if w.isFinite(m) {
		return nil
	}
	return &EndlessError{m.Name}
}

// Random appends a random message of type m to dst: fields absent and present,
// values of all magnitudes and at the edges of their ranges, text in many
// scripts. The error is an *EndlessError or a *TooLargeError.
func Random(dst []byte, m *plan.Message, r *rand.Rand, o Options) ([]byte, error) {
	if o.Messages == 0 {
		o.Messages = DefaultRandomMessages
	}
	w := maker{o: o, chooser: &random{r}}
	return w.make(dst, m)
}

// Source is the random numbers of the sample of that index in the series of a
// seed: samples of one series do not depend on each other.
func Source(seed, index uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, index))
}

// Examples makes the examples of one type.
type Examples struct {
	o      Options
	m      *plan.Message
	choice *example
}

// NewExamples makes examples of type m.
func NewExamples(m *plan.Message, o Options) *Examples {
	if o.Messages == 0 {
		o.Messages = DefaultMessages
	}
	return &Examples{o: o, m: m, choice: new(example)}
}

// Next appends the next example to dst. All fields are set in it, lists and
// maps with one element, of every oneof one member: in the first example the
// first. The following ones show the other members, until each has been shown
// wherever its oneof stands; more is then false, and Next must not be called
// again. A type within itself is as good as empty. The error is an
// *EndlessError or a *TooLargeError.
func (x *Examples) Next(dst []byte) (out []byte, more bool, err error) {
	w := maker{o: x.o, chooser: x.choice}
	out, err = w.make(dst, x.m)
	return out, x.choice.oneofs.advance() && err == nil, err
}

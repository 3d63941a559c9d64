package cmd

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/pbscope/pbscope/descriptors"
	"github.com/pbscope/pbscope/inspect"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/identify"
	"github.com/pbscope/pbscope/inspect/plan"
)

// suggester tells which types fit where the type that was given does not, or
// where none was. It keeps a few payloads, and looks at the schema's types only
// when something is amiss.
type suggester struct {
	app   *app
	flags *schemaFlags
	set   *plan.Set
	typ   *plan.Message

	once  sync.Once
	types *identify.Table

	name    protoreflect.FullName // of the records that are kept
	kept    [][]byte
	records int
	looked  int // records seen
	room    int
}

const (
	// suggestRecords is how many records are kept, suggestBytes how many bytes
	// of all of them.
	suggestRecords = 32
	suggestBytes   = 256 << 10
	// suggestLook is among how many they are looked for.
	suggestLook = 1024
	// suggestTypes is how many types a hint names.
	suggestTypes = 5
)

func newSuggester(j *decodeJob) *suggester {
	return &suggester{app: j.app, flags: &j.o.schema, set: j.set, typ: j.typ, room: suggestBytes}
}

// table is the types of the schema; an empty one if it cannot be read.
func (s *suggester) table() *identify.Table {
	s.once.Do(func() {
		src := s.flags.sources(s.app)
		src.Note = nil
		var err error
		if s.types, err = descriptors.Types(src); err != nil {
			s.types = new(identify.Table)
			s.types.Index()
		}
	})
	return s.types
}

// suggestSink keeps the first records of one type.
type suggestSink struct {
	inspect.Joining
	*suggester
}

// Put implements inspect.Sink.
func (s suggestSink) Put(f *frame.Frame, rec *inspect.Record, out []byte) error {
	if s.looking() {
		s.looked++
		s.keep(f)
	}
	return s.Joining.Put(f, rec, out)
}

// Joins implements inspect.Joining.
func (s suggestSink) Joins() bool { return !s.looking() && s.Joining.Joins() }

func (s *suggester) looking() bool { return s.records < suggestRecords && s.looked < suggestLook }

func (s *suggester) keep(f *frame.Frame) {
	name := f.Type
	if name == "" && s.typ != nil {
		name = s.typ.Name
	}
	if name == "" || f.Null || f.Problem != nil || s.name != "" && name != s.name {
		return
	}
	if len(f.Payload) > s.room {
		s.records = suggestRecords
		return
	}
	s.name = name
	s.records++
	s.room -= len(f.Payload)
	s.kept = append(s.kept, append([]byte{}, f.Payload...))
}

// afterwards says in one line which types fit the records that were kept, where
// most of them do not fit their own; nothing after a run that ended otherwise
// than by itself.
func (s *suggester) afterwards(ended error) {
	if ended != nil && !errors.As(ended, new(failedError)) {
		return
	}
	m := s.typ
	if s.set != nil && s.name != "" && (m == nil || m.Name != s.name) {
		m = s.set.Named(s.name)
	}
	if m == nil || len(s.kept) == 0 || !s.flags.given() {
		return
	}
	misfits := 0
	for _, payload := range s.kept {
		if inspect.Misfits(m, payload) {
			misfits++
		}
	}
	if misfits*2 <= len(s.kept) {
		return
	}
	r := s.table().Rank(s.kept, identify.Options{Limit: suggestTypes})
	names := typesOf(r.Fitting())
	if r.Place(string(m.Name)) == 1 || len(names) == 0 {
		return
	}
	records := "the " + strconv.Itoa(len(s.kept)) + " records"
	switch {
	case s.records >= suggestRecords:
		records = "the first " + strconv.Itoa(len(s.kept)) + " records"
	case len(s.kept) == 1:
		records = "1 record"
	}
	verb := " do"
	if misfits == 1 {
		verb = " does"
	}
	s.app.hint(strconv.Itoa(misfits) + " of " + records + verb + " not fit " + string(m.Name) + "; types that fit: " + strings.Join(names, ", ") + more(r))
}

// more is the rest of a list of types that fit equally well.
func more(r *identify.Result) string {
	last := r.Candidates[len(r.Candidates)-1]
	if rest := last.Rank - 1 + last.Tied - len(r.Candidates); rest > 0 && len(r.Fitting()) == len(r.Candidates) {
		return " and " + strconv.Itoa(rest) + " more"
	}
	return ""
}

func typesOf(candidates []identify.Candidate) []string {
	var names []string
	for _, c := range candidates {
		names = append(names, c.Type)
	}
	return names
}

// suggestWait is how long input is waited for before an error about the type
// goes without the types that fit.
const suggestWait = time.Second

// beforehand is the error that there is no type, with the types that fit the
// beginning of the input; form has no name where it is not known.
func (s *suggester) beforehand(err error, in *frame.Input, form frame.Form) error {
	s.table()
	found := make(chan string, 1)
	go func() { found <- s.fitting(in, form) }()
	select {
	case names := <-found:
		return withFitting(err, names)
	case <-time.After(suggestWait):
		return err
	}
}

// fitting is the names of the types that fit the beginning of an input, "" for
// none.
func (s *suggester) fitting(in *frame.Input, form frame.Form) string {
	if form.Name == "" {
		var err error
		if form, err = inspect.DetectAmong(in, s.table()); err != nil {
			return ""
		}
	}
	r := s.table().Rank(inspect.HeadPayloads(in, form), identify.Options{Limit: suggestTypes})
	names := typesOf(r.Fitting())
	if len(names) == 0 || r.Empty == r.Samples {
		return ""
	}
	return strings.Join(names, ", ") + more(r)
}

// withFitting is an error about a missing type with names of types in its hint.
func withFitting(err error, names string) error {
	if names == "" {
		return err
	}
	hint := "these fit the beginning of the input: " + names + "; choose one with -t"
	var usage *usageError
	var schema *descriptors.Error
	switch {
	case errors.As(err, &usage):
		return usagef(usage.message, hint)
	case errors.As(err, &schema):
		told := *schema
		told.Hint = hint
		return &told
	}
	return err
}

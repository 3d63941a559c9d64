package descriptors

import (
	"errors"
	"unicode/utf8"

	"github.com/pbscope/pbscope/descriptors/reflection"
)

// remote is a server that is asked for files by reflection. What it answers
// is indexed among the descriptor sets, without being named: only the files
// of its services are, once somebody lists them. A nil remote has nothing.
type remote struct {
	client *reflection.Client
	server string // its address
	sets   *sets
	// files are those that it answered with and that no set has.
	files []*setEntry
	// asked holds what need not be asked again, by kind and name.
	asked map[string]bool
	// unknown is how many names it did not know.
	unknown int
	// numbers are the extensions of messages that were asked about.
	numbers map[string]map[int32]bool
	listed  bool
	// failed is the error after which it is not asked any more.
	failed *Error
}

// maxUnknown bounds how many names a server is asked for that it does not
// know: the input can bring any number of them.
const maxUnknown = 1000

func newRemote(o *reflection.Options, s *sets) *remote {
	if o == nil {
		return nil
	}
	return &remote{client: reflection.New(*o), server: o.Address, sets: s,
		asked: make(map[string]bool), numbers: make(map[string]map[int32]bool)}
}

// sourceName is what messages call the server.
func (r *remote) sourceName() string { return "the server " + printable(r.server) }

// fail remembers an error of the client, unless it only says that something
// is not there.
func (r *remote) fail(err error) {
	var e *reflection.Error
	switch {
	case err == nil || errors.Is(err, reflection.ErrNotFound):
	case errors.As(err, &e):
		r.failed = &Error{Kind: KindServer, Message: r.sourceName() + " " + e.Message, Hint: e.Hint}
	default:
		r.failed = &Error{Kind: KindServer, Message: r.sourceName() + " cannot be asked: " + printable(err.Error())}
	}
}

// problem is the error for which the server could not be asked, nil if there
// is none.
func (r *remote) problem() error {
	if r == nil || r.failed == nil {
		return nil
	}
	return r.failed
}

// once says whether a thing may be asked, which then counts as asked.
func (r *remote) once(kind, name string) bool {
	if r == nil || r.failed != nil || r.asked[kind+name] || r.unknown >= maxUnknown ||
		name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return false
	}
	r.asked[kind+name] = true
	return true
}

// take indexes files that were answered, and is the entries of their names.
func (r *remote) take(files [][]byte, err error) []*setEntry {
	if err != nil {
		if r.unknown++; r.unknown == maxUnknown {
			r.sets.note(r.sourceName() + " did not know 1000 names; it is not asked for more")
		}
		r.fail(err)
		return nil
	}
	var taken []*setEntry
	for _, raw := range files {
		e := &setEntry{raw: raw, set: r.sourceName(), remote: true}
		if !e.readHead() {
			r.failed = &Error{Kind: KindServer, Message: r.sourceName() + " answers with a damaged descriptor"}
			return nil
		}
		if first := r.sets.files[e.name]; first != nil {
			e = first
		} else {
			r.sets.files[e.name] = e
			r.files = append(r.files, e)
		}
		taken = append(taken, e)
	}
	return taken
}

// fetch asks for a file by its name. The files of google/protobuf are the same
// everywhere, and are not asked for.
func (r *remote) fetch(name string) {
	if linkedBuiltin(name) == nil && r.once("file ", name) {
		r.take(r.client.FileByName(name))
	}
}

// declaring is the file that declares a full name, among what is known or by
// asking; nil if none does.
func (r *remote) declaring(name string) *setEntry {
	if r == nil {
		return nil
	}
	find := func(files []*setEntry) *setEntry {
		for _, e := range files {
			if inPackage(name, e.pkg) && e.outline().declares(name) {
				return e
			}
		}
		return nil
	}
	if e := find(r.files); e != nil || linkedBuiltin(builtinDeclaring(name)) != nil || !r.once("symbol ", name) {
		return e
	}
	return find(r.take(r.client.FileContaining(name)))
}

// extending is the file that declares an extension, nil if none does.
func (r *remote) extending(message string, number int32) *setEntry {
	if r == nil {
		return nil
	}
	if r.once("extensions of ", message) {
		numbers, err := r.client.ExtensionNumbers(message)
		r.fail(err)
		r.numbers[message] = make(map[int32]bool)
		for _, n := range numbers {
			r.numbers[message][n] = true
		}
	}
	if r.failed != nil || !r.numbers[message][number] {
		return nil
	}
	delete(r.numbers[message], number)
	for _, e := range r.take(r.client.FileContainingExtension(message, number)) {
		for _, d := range e.outline().decls {
			if d.extendee == lastComponent(message) {
				return e
			}
		}
	}
	return nil
}

// list names the files of the server's services.
func (r *remote) list() {
	if r == nil || r.listed || r.failed != nil {
		return
	}
	r.listed = true
	services, err := r.client.Services()
	r.fail(err)
	for _, service := range services {
		if e := r.declaring(service); e != nil {
			r.nameWithImports(e)
		}
	}
	if r.failed == nil && len(r.sets.order) == 0 {
		r.sets.note(r.sourceName() + " lists no services but reflection")
	}
}

// nameWithImports names a file and all that it imports, as those of a set are.
func (r *remote) nameWithImports(e *setEntry) {
	for next := []*setEntry{e}; len(next) > 0; next = next[1:] {
		if e := next[0]; !e.named {
			r.sets.name(e)
			for _, i := range e.outline().imports {
				if imported := r.sets.file(i.path); imported != nil {
					next = append(next, imported)
				}
			}
		}
	}
}

// file is the entry of a file by the name that imports use: of a set, or else
// of the server; nil where neither has it.
func (s *sets) file(name string) *setEntry {
	if e := s.files[name]; e != nil || s.remote == nil {
		return e
	}
	s.remote.fetch(name)
	return s.files[name]
}

// all are the files of the sets and of the server's services.
func (s *sets) all() []*setEntry {
	s.remote.list()
	return s.order
}

// name makes a file one of those that were named.
func (s *sets) name(e *setEntry) {
	e.named = true
	s.order = append(s.order, e)
}

// noteRemote tells of a server that failed where nothing else would.
func (s *Schema) noteRemote() {
	if err := s.sets.remote.problem(); err != nil {
		s.note(err.Error() + "; what only it has stays unknown")
	}
}

// withServer is an error, and before it that of the server which could not be
// asked: it may be the cause.
func (s *Schema) withServer(err error) error {
	problem := flatten(s.sets.remote.problem())
	if err == nil || len(problem) == 0 {
		return err
	}
	return append(problem, flatten(err)...)
}

// SourceError is the error for which a source could not be asked that is not
// on disk. Methods without an error of their own then tell less than there is.
func (s *Schema) SourceError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sets.remote.problem()
}

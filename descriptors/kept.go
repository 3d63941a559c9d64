package descriptors

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// The kinds of cache entries; a key begins with one.
const (
	keptSchema byte = iota + 1 // the files of an open schema
	keptIndex                  // what all files under the import paths declare
)

// keyOf is the key of an entry that depends on lists of paths and names: those,
// and the directory that paths are relative to.
func keyOf(kind byte, flag bool, lists ...[]string) []byte {
	key := []byte{kind, 0}
	if flag {
		key[1] = 1
	}
	if here, err := os.Getwd(); err == nil && slices.ContainsFunc(slices.Concat(lists...), isRelative) {
		key = appendText(key, here)
	}
	for _, list := range lists {
		key = binary.AppendUvarint(key, uint64(len(list)))
		for _, text := range list {
			key = appendText(key, text)
		}
	}
	return key
}

func isRelative(path string) bool { return !filepath.IsAbs(path) }

func appendText(b []byte, text string) []byte { return protowire.AppendString(b, text) }

// key is the key of the schema that the sources make; nil if it cannot be kept.
func (src *Sources) key() []byte {
	if src.Cache == nil || len(src.Protos)+len(src.Types) == 0 || !src.onlyFiles() {
		return nil
	}
	return keyOf(keptSchema, src.SourceInfo, src.ImportPaths, src.Protos, src.DescriptorSets, src.Types)
}

// onlyFiles says that no source is given but those that a key is made of: what
// others say cannot be told to be the same later.
func (src *Sources) onlyFiles() bool {
	v := reflect.ValueOf(src).Elem()
	for i := range v.NumField() {
		switch v.Type().Field(i).Name {
		case "ImportPaths", "Protos", "DescriptorSets", "Types", "SourceInfo", "Cache", "Note":
			continue
		}
		if !v.Field(i).IsZero() {
			return false
		}
	}
	return true
}

// openKept is the schema of sources whose files are in the cache; nil if they
// are not.
func openKept(src Sources) *Schema {
	key := src.key()
	if key == nil {
		return nil
	}
	value, ok := src.Cache.Get(key)
	if !ok {
		return nil
	}
	z, ok := parseFrozen(value)
	if !ok {
		return nil
	}
	for _, name := range src.Types {
		if z.descriptor(fullName(name)) == nil {
			return nil
		}
	}
	s := emptySchema(src)
	s.frozen, s.cold = z, true
	for _, text := range z.notes {
		s.note(text)
	}
	return s
}

// keep puts the files of a schema that was just opened into the cache.
func (s *Schema) keep() {
	trace := s.disk.seen()
	s.disk.trace = nil
	if trace == nil {
		return
	}
	if value := s.freeze(); value != nil {
		s.src.Cache.Put(s.src.key(), trace, value)
	}
}

// schemaLock is the lock of a schema. Who takes it finds a schema that has
// looked at its sources, whether it was opened with the cache or without.
type schemaLock struct {
	sync.Mutex
	locked func()
}

// Lock implements sync.Locker.
func (l *schemaLock) Lock() {
	l.Mutex.Lock()
	if l.locked != nil {
		l.locked()
	}
}

// lockOnly is Lock for those who ask for what the cache has as well.
func (l *schemaLock) lockOnly() { l.Mutex.Lock() }

// thaw makes the schema one that was opened without the cache, whose files are
// linked already as far as they were asked for. The caller holds s.mu.
func (s *Schema) thaw() {
	if !s.cold {
		return
	}
	s.cold = false
	s.begin()
	if err := s.open(); err != nil {
		// Somebody changed the files since this process looked at them.
		s.note(flatten(err)[0].Error())
	}
	s.frozen = nil
}

// The fields of a kept schema, a protobuf message.
const (
	frozenNote  protowire.Number = 1
	frozenEntry protowire.Number = 2
	frozenWhole protowire.Number = 3

	frozenName   protowire.Number = 1
	frozenSource protowire.Number = 2
	frozenKind   protowire.Number = 3
	frozenRaw    protowire.Number = 4
)

// freeze is the value of an entry: all files that are linked, in that order.
// It is nil where none had to be, or one cannot be written.
func (s *Schema) freeze() []byte {
	var value []byte
	whole, worth := s.src.SourceInfo, false
	for _, text := range s.said {
		value = appendField(value, frozenNote, text)
	}
	for _, name := range s.order {
		l := s.files[name]
		origin, raw, lazy, err := l.pack(name, s.src.SourceInfo)
		if err != nil {
			return nil
		}
		worth = worth || origin != frozenLinked
		whole = whole || !lazy
		entry := appendField(nil, frozenName, name)
		entry = appendField(entry, frozenSource, l.source)
		entry = protowire.AppendVarint(protowire.AppendTag(entry, frozenKind, protowire.VarintType), uint64(origin))
		entry = appendField(entry, frozenRaw, string(raw))
		value = protowire.AppendBytes(protowire.AppendTag(value, frozenEntry, protowire.BytesType), entry)
	}
	if !worth {
		return nil
	}
	if whole {
		value = protowire.AppendVarint(protowire.AppendTag(value, frozenWhole, protowire.VarintType), 1)
	}
	return value
}

func appendField(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

// pack is the descriptor of a linked file in wire form; lazy says that a lazy
// descriptor of it is the same as a whole one.
func (l *linked) pack(name string, sourceInfo bool) (origin frozenOrigin, raw []byte, lazy bool, err error) {
	file := l.proto
	switch {
	case l.fd == linkedBuiltin(name):
		return frozenLinked, nil, true, nil
	case l.entry != nil:
		origin = frozenPacked
		if file, err = l.entry.unmarshal(); err != nil {
			return 0, nil, false, err
		}
		if !sourceInfo {
			file.SourceCodeInfo = nil
		}
	case file == nil || hasMessageSet(file.MessageType):
		// Only the compiler makes descriptors of MessageSets as they stand.
		return 0, nil, false, errNotFound
	case l.source != "":
		origin = frozenCompiled
	default:
		origin = frozenBuiltin
	}
	raw, err = proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(file)
	return origin, raw, !l.adapted && canBeLazy(file), err
}

// parseFrozen reads what freeze wrote.
func parseFrozen(value []byte) (*frozen, bool) {
	z := &frozen{byName: make(map[string]*frozenFile)}
	ok := eachField(value, func(field protowire.Number, value []byte, number uint64) bool {
		switch field {
		case frozenNote:
			z.notes = append(z.notes, string(value))
		case frozenWhole:
			z.whole = number != 0
		case frozenEntry:
			f := new(frozenFile)
			ok := eachField(value, func(field protowire.Number, value []byte, number uint64) bool {
				switch field {
				case frozenName:
					f.name = string(value)
				case frozenSource:
					f.source = string(value)
				case frozenKind:
					f.origin = frozenOrigin(number)
				case frozenRaw:
					f.raw = value
				}
				return true
			})
			z.files = append(z.files, f)
			z.byName[f.name] = f
			return ok && f.origin <= frozenBuiltin
		}
		return true
	})
	return z, ok && len(z.files) > 0
}

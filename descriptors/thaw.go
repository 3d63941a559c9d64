package descriptors

// addFrozen is what compile does, with files that are in the cache; false if
// they are not.
func (s *Schema) addFrozen(names []string) bool {
	for _, name := range names {
		if f := s.frozen.file(name); f == nil || f.origin != frozenCompiled {
			return false
		}
	}
	for _, name := range names {
		s.addFrozenFile(name)
	}
	for _, name := range names {
		if l := s.files[name]; l != nil {
			s.linkOptionImports(l.fd)
		}
	}
	return true
}

// addFrozenFile is addCompiled.
func (s *Schema) addFrozenFile(name string) {
	f := s.frozen.file(name)
	if f == nil || s.files[name] != nil {
		return
	}
	l, err := s.thawed(f)
	if err != nil {
		return
	}
	s.add(name, l)
	for _, imported := range f.deps {
		s.addFrozenFile(imported)
	}
}

// linkFrozen is linkPacked.
func (s *Schema) linkFrozen(f *frozenFile, depth int) (*linked, error) {
	l, err := s.thawed(f)
	if err != nil {
		return nil, &Error{Kind: KindSet, File: f.source, Message: printable(f.name) + " does not hold together: " + protobufText(err)}
	}
	for _, names := range [][]string{f.deps, f.option} {
		for _, imported := range names {
			if _, err := s.link(imported, depth+1); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// thawed is a file of the cache as link makes it.
func (s *Schema) thawed(f *frozenFile) (*linked, error) {
	fd, err := s.frozen.linked(f, 0)
	if err != nil {
		return nil, err
	}
	l := &linked{fd: fd, source: f.source}
	switch f.origin {
	case frozenCompiled, frozenBuiltin:
		l.raw = f.raw
	case frozenPacked:
		l.entry = s.sets.files[f.name]
	}
	if source := s.tree.files[f.name]; source != nil {
		source.text = nil
	}
	return l, nil
}

package plan

// nameIndex finds fields by the names that JSON and text format write.
type nameIndex struct {
	fields map[string]*Field
}

// Named is the field of that JSON name or proto name; nil if there is none.
// Where one field's JSON name is another's proto name, the JSON name wins.
// Extensions are found by ExtensionNamed.
func (m *Message) Named(name []byte) *Field {
	index := m.names.Load()
	if index == nil {
		index = m.indexNames()
		m.names.Store(index)
	}
	return index.fields[string(name)]
}

func (m *Message) indexNames() *nameIndex {
	index := &nameIndex{fields: make(map[string]*Field, 2*len(m.Fields))}
	for i := range m.Fields {
		index.fields[m.Fields[i].ProtoName] = &m.Fields[i]
	}
	for i := range m.Fields {
		index.fields[m.Fields[i].JSONName] = &m.Fields[i]
	}
	return index
}

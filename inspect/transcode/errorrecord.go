package transcode

// ErrorRecord says whether doc is a top-level {"@error":{…},"@raw":"…"}
// record, and gives the raw bytes. ofFrame says that the error is the frame's
// own (its error object has no "offset" key): raw is then written without a
// frame around it. Documents that are no such record are told apart by their
// first key.
func ErrorRecord(doc []byte) (raw []byte, ofFrame, ok bool) {
	at := jsonSpace(doc, 0)
	if at >= len(doc) || doc[at] != '{' {
		return nil, false, false
	}
	object := at
	at = jsonSpace(doc, at+1)
	if at+1 >= len(doc) || doc[at] != '"' || doc[at+1] != '@' && doc[at+1] != '\\' {
		return nil, false, false
	}
	e := Encoder{maxDepth: DefaultMaxDepth, doc: doc}
	if !e.isKey(at, "@error") {
		return nil, false, false
	}
	_, at = e.str(at)
	at = e.colon(at)
	if at < 0 || at >= len(doc) || doc[at] != '{' {
		return nil, false, false
	}
	offset, ok := e.hasKey(at, "offset")
	if !ok {
		return nil, false, false
	}
	at = e.rawRecord(object)
	if at < 0 || jsonSpace(doc, at) < len(doc) {
		return nil, false, false
	}
	if e.out == nil {
		e.out = []byte{}
	}
	return e.out, !offset, true
}

// hasKey says whether the object at doc[at] has a key; ok is false if it is
// not right JSON.
func (e *Encoder) hasKey(at int, key string) (has, ok bool) {
	at = jsonSpace(e.doc, at+1)
	if at < len(e.doc) && e.doc[at] == '}' {
		return false, true
	}
	for more := true; more; {
		if e.isKey(at, key) {
			has = true
		}
		if _, at = e.str(at); at < 0 {
			return false, false
		}
		if at = e.skipMember(at); at < 0 {
			return false, false
		}
		if at, more = e.afterElement(at, '}'); at < 0 {
			return false, false
		}
	}
	return has, true
}

package transcode

// skipValue passes over the value at doc[at], which must be right JSON all
// through. It does not recurse. With an index, the "@type" members within that
// are not the first of their objects are noted there.
func (e *Encoder) skipValue(at int, index *anyIndex) int {
	e.nesting = e.nesting[:0]
	for {
		at = e.skipStart(at, index)
		for done := false; !done; {
			if at < 0 {
				return -1
			}
			if len(e.nesting) == 0 {
				return at
			}
			at, done = e.skipAfter(at, index)
		}
	}
}

// skipStart passes over a scalar, an empty object or list, or the opening of
// one that is not empty, up to its first value; the latter is then open and
// calls for another skipStart.
func (e *Encoder) skipStart(at int, index *anyIndex) int {
	for {
		if at >= len(e.doc) {
			return e.want(at, "a value")
		}
		c := e.doc[at]
		if c != '{' && c != '[' {
			return e.skipScalar(at)
		}
		if len(e.nesting) >= 4*e.maxDepth {
			return e.tooDeep(at)
		}
		open := at
		at = jsonSpace(e.doc, at+1)
		if at < len(e.doc) && e.doc[at] == c+2 { // ASCII: ] is [ + 2, } is { + 2
			return at + 1
		}
		e.nesting = append(e.nesting, open)
		if c == '{' {
			if at = e.skipKey(at, open, true, index); at < 0 {
				return -1
			}
		}
	}
}

// skipAfter passes over what follows a value within an object or a list: with
// a comma, up to the next value, and then done; or a closing bracket.
func (e *Encoder) skipAfter(at int, index *anyIndex) (next int, done bool) {
	open := e.nesting[len(e.nesting)-1]
	at, more := e.afterElement(at, e.doc[open]+2)
	if at < 0 {
		return -1, false
	}
	if !more {
		e.nesting = e.nesting[:len(e.nesting)-1]
		return at, false
	}
	if e.doc[open] == '{' {
		at = e.skipKey(at, open, false, index)
	}
	return at, at >= 0
}

func (e *Encoder) skipKey(at, object int, first bool, index *anyIndex) int {
	if at >= len(e.doc) || e.doc[at] != '"' {
		return e.wantKey(at)
	}
	key := at
	_, at = e.str(key)
	if at >= 0 {
		at = e.colon(at)
	}
	if index != nil && !first && at >= 0 && e.isKey(key, "@type") {
		index.list = append(index.list, anyPlace{object, at})
	}
	return at
}

func (e *Encoder) skipScalar(at int) int {
	switch c := e.doc[at]; c {
	case '"':
		_, at = e.str(at)
		return at
	case 't':
		return e.literal(at, "true")
	case 'f':
		return e.literal(at, "false")
	case 'n':
		return e.literal(at, "null")
	}
	end := jsonNumberEnd(e.doc, at)
	if end < 0 {
		return e.want(at, "a value")
	}
	return end
}

package breaking

import (
	"bytes"
	"encoding/json"
)

// AppendJSON appends the report as one indented JSON document and a line's
// end, with the keys of the output contract.
func (r *Report) AppendJSON(dst []byte) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return dst, err
	}
	return b.Bytes(), nil
}

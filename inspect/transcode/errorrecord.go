package transcode

// ErrorRecord says whether doc is a top-level {"@error":{…},"@raw":"…"}
// record, and gives the raw bytes. ofFrame says that the error is the frame's
// own (its error object has no "offset" key): raw is then written without a
// frame around it.
func ErrorRecord(doc []byte) (raw []byte, ofFrame, ok bool) { return nil, false, false }

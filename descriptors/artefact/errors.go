package artefact

import "errors"

// Errors of Lift, for people: lower case, no full stop.
var (
	errTooLarge    = errors.New("is too large for what it is")
	errHostile     = errors.New("holds more that begins like a descriptor and is none than any compiler makes")
	errDamagedZip  = errors.New("is a damaged zip archive")
	errUnpacked    = errors.New("unpacks to more than 4 GiB")
	errClass       = errors.New("is a damaged Java class")
	errDescriptor  = errors.New("holds a damaged descriptor")
	errPythonBytes = errors.New("has a literal that cannot be read where a descriptor stands")
)

package reflection

import "google.golang.org/protobuf/encoding/protowire"

// askedFor is a field of ServerReflectionRequest
// (grpc/reflection/v1/reflection.proto).
type askedFor = protowire.Number

const (
	requestHost  askedFor = 1
	askFile      askedFor = 3
	askSymbol    askedFor = 4
	askExtension askedFor = 5
	askNumbers   askedFor = 6
	askServices  askedFor = 7
)

// appendRequest appends a ServerReflectionRequest.
func appendRequest(b []byte, host string, ask askedFor, value []byte) []byte {
	b = protowire.AppendString(protowire.AppendTag(b, requestHost, protowire.BytesType), host)
	return protowire.AppendBytes(protowire.AppendTag(b, ask, protowire.BytesType), value)
}

// extensionRequest is an ExtensionRequest.
func extensionRequest(message string, number int32) []byte {
	b := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), message)
	return protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(number))
}

// answer is a ServerReflectionResponse.
type answer struct {
	files    [][]byte
	numbers  []int32
	services []string
}

// Fields of ServerReflectionResponse.
const (
	answerFiles    protowire.Number = 4
	answerNumbers  protowire.Number = 5
	answerServices protowire.Number = 6
	answerError    protowire.Number = 7
)

// readAnswer reads a ServerReflectionResponse; an error in it is ErrNotFound,
// or an *Error.
func readAnswer(message []byte) (answer, error) {
	var a answer
	var failed error
	ok := eachField(message, func(field protowire.Number, value []byte, _ uint64) bool {
		switch field {
		case answerFiles:
			return eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
				if field == 1 && value != nil {
					a.files = append(a.files, value)
				}
				return true
			})
		case answerNumbers:
			return a.readNumbers(value)
		case answerServices:
			return a.readServices(value)
		case answerError:
			failed = readError(value)
		}
		return true
	})
	if !ok {
		return answer{}, &Error{Message: "answers with bytes that are no ServerReflectionResponse"}
	}
	return a, failed
}

func (a *answer) readNumbers(value []byte) bool {
	return eachField(value, func(field protowire.Number, value []byte, number uint64) bool {
		switch {
		case field != 2:
		case value == nil:
			a.numbers = append(a.numbers, int32(number))
		default:
			for len(value) > 0 {
				number, n := protowire.ConsumeVarint(value)
				if n < 0 {
					return false
				}
				a.numbers = append(a.numbers, int32(number))
				value = value[n:]
			}
		}
		return true
	})
}

func (a *answer) readServices(value []byte) bool {
	return eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
		return field != 1 || eachField(value, func(field protowire.Number, value []byte, _ uint64) bool {
			if field == 1 {
				a.services = append(a.services, string(value))
			}
			return true
		})
	})
}

func readError(value []byte) error {
	s := &statusError{code: codeUnknown}
	eachField(value, func(field protowire.Number, value []byte, number uint64) bool {
		switch field {
		case 1:
			s.code = int(int32(number))
		case 2:
			s.message = string(value)
		}
		return true
	})
	switch s.code {
	case codeNotFound, codeInvalidArgument, codeUnimplemented:
		// The last two are said of names that cannot be, and of kinds of
		// questions that a server does not answer.
		return ErrNotFound
	}
	return explainStatus(s)
}

// eachField calls yield for each field of a message: value is the contents of
// a length-delimited one, nil for others, of which number is the varint. It is
// false when the bytes are no message or yield says so.
func eachField(message []byte, yield func(field protowire.Number, value []byte, number uint64) bool) bool {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 || !yield(field, value, number) {
			return false
		}
		message = message[n:]
	}
	return true
}

package artefact

import "google.golang.org/protobuf/encoding/protowire"

// kind is a message type of descriptor.proto, as far as it is checked.
type kind uint8

const (
	anything kind = iota // a message of which no more is known
	messageKind
	fieldKind
	oneofKind
	enumKind
	enumValueKind
	serviceKind
	methodKind
	optionsKind
	sourceInfoKind
	locationKind
	rangeKind
	// Of fields that are no messages:
	nameKind
	textKind
	varintKind
)

// fileKind is what the value of a file's field is.
func fileKind(field protowire.Number) kind {
	switch field {
	case fileMessage:
		return messageKind
	case fileEnum:
		return enumKind
	case fileService:
		return serviceKind
	case fileExtension:
		return fieldKind
	case fileOptions:
		return optionsKind
	case fileSourceInfo:
		return sourceInfoKind
	}
	return anything
}

// inner is what the value of a message's field is. Fields that are not listed
// may hold anything: descriptor.proto grows.
func inner(k kind, field protowire.Number) kind {
	var table [12]kind
	switch k {
	case messageKind:
		table = [...]kind{1: nameKind, 2: fieldKind, 3: messageKind, 4: enumKind, 5: rangeKind, 6: fieldKind, 7: optionsKind,
			8: oneofKind, 9: rangeKind, 10: textKind, 11: varintKind}
	case fieldKind:
		table = [...]kind{1: nameKind, 2: textKind, 3: varintKind, 4: varintKind, 5: varintKind, 6: textKind, 7: textKind,
			8: optionsKind, 9: varintKind, 10: textKind, 11: anything}
	case oneofKind:
		table = [...]kind{1: nameKind, 2: optionsKind, 11: anything}
	case enumKind:
		table = [...]kind{1: nameKind, 2: enumValueKind, 3: optionsKind, 4: rangeKind, 5: textKind, 6: varintKind, 11: anything}
	case enumValueKind:
		table = [...]kind{1: nameKind, 2: varintKind, 3: optionsKind, 11: anything}
	case serviceKind:
		table = [...]kind{1: nameKind, 2: methodKind, 3: optionsKind, 11: anything}
	case methodKind:
		table = [...]kind{1: nameKind, 2: textKind, 3: textKind, 4: optionsKind, 5: varintKind, 6: varintKind, 11: anything}
	case rangeKind:
		table = [...]kind{1: varintKind, 2: varintKind, 3: optionsKind, 11: anything}
	case sourceInfoKind:
		table = [...]kind{1: locationKind, 11: anything}
	}
	if field < 0 || int(field) >= len(table) {
		return anything
	}
	return table[field]
}

// maxDepth bounds how deep messages are checked, as protobuf's parsers do.
const maxDepth = 100

// valid says whether bytes are a message of that kind: all of them are fields,
// those that are known have their wire type, and what has a name begins with
// it.
func valid(k kind, message []byte, depth int) bool {
	if depth > maxDepth {
		return false
	}
	named := k == messageKind || k >= fieldKind && k <= methodKind
	first := true
	for ; len(message) > 0; first = false {
		field, wire, n := protowire.ConsumeTag(message)
		if n < 0 || named && first != (field == 1) || k == optionsKind && !isOption(field) {
			return false
		}
		message = message[n:]
		var value []byte
		if wire == protowire.BytesType {
			value, n = protowire.ConsumeBytes(message)
		} else {
			n = protowire.ConsumeFieldValue(field, wire, message)
		}
		if n < 0 || !validValue(inner(k, field), wire, value, depth) {
			return false
		}
		message = message[n:]
	}
	return !named || !first
}

// isOption says whether descriptor.proto has, or may come to have, an option
// of that number; extensions begin at 1000.
func isOption(field protowire.Number) bool { return field < 100 || field >= 990 }

func validValue(k kind, wire protowire.Type, value []byte, depth int) bool {
	switch k {
	case anything:
		return true
	case varintKind:
		return wire == protowire.VarintType
	case nameKind:
		return wire == protowire.BytesType && isIdentifier(value)
	case textKind:
		return wire == protowire.BytesType
	case locationKind:
		return wire == protowire.BytesType && validLocation(value)
	}
	return wire == protowire.BytesType && valid(k, value, depth+1)
}

// validLocation says whether bytes are a location of source info: it has a
// span of three or four numbers.
func validLocation(message []byte) bool {
	const span = 2
	numbers := 0
	for len(message) > 0 {
		field, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(field, wire, message); n < 0 {
			return false
		}
		if packed, m := protowire.ConsumeBytes(message); field == span && wire == protowire.BytesType && m > 0 {
			for _, c := range packed {
				if c < 0x80 {
					numbers++
				}
			}
		}
		message = message[n:]
	}
	return numbers == 3 || numbers == 4
}

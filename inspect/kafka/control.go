package kafka

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"

	"github.com/pbscope/pbscope/inspect/frame"
)

// A control record is the broker's: its key says what it is, {version i16, type
// i16}, and its value is no message. It goes into members of its own.
const (
	// extraEpoch is the coordinator's epoch of the marker at the end of a
	// transaction, whose value is {version i16, coordinator epoch i32}.
	extraEpoch = "coordinatorEpoch"
	// extraControl is any other value, in base64.
	extraControl = "controlValue"
)

// controlType is the type in the key of a control record; -1 if the key is too
// short.
func controlType(key []byte) int {
	if len(key) < 4 {
		return -1
	}
	return int(binary.BigEndian.Uint16(key[2:]))
}

// controlName is how the envelope calls a type of control record.
func controlName(kind int) string {
	switch kind {
	case -1:
		return "unknown"
	case controlTypeAbort:
		return "abort"
	case controlTypeCommit:
		return "commit"
	case 2:
		return "leader-change"
	case 3:
		return "snapshot-header"
	case 4:
		return "snapshot-footer"
	case 5:
		return "kraft-version"
	case 6:
		return "kraft-voters"
	}
	return "type-" + strconv.Itoa(kind)
}

// controlKey is the key of a control record that has lost it.
func controlKey(name string) []byte {
	for kind := range 7 {
		if controlName(kind) == name {
			return []byte{0, 0, 0, byte(kind)}
		}
	}
	return nil
}

func appendControlValue(dst []frame.Member, value []byte) []frame.Member {
	if len(value) == 6 && value[0] == 0 && value[1] == 0 {
		return appendExtra(dst, extraEpoch, int64(int32(binary.BigEndian.Uint32(value[2:]))))
	}
	quoted := base64.StdEncoding.AppendEncode([]byte{'"'}, value)
	return append(dst, frame.Member{Key: extraControl, Value: append(quoted, '"')})
}

// controlValue is the inverse of appendControlValue, nil if k has neither
// member.
func controlValue(k *frame.Kafka) []byte {
	if epoch, ok := extra(k, extraEpoch); ok {
		return binary.BigEndian.AppendUint32([]byte{0, 0}, uint32(epoch))
	}
	for _, m := range k.Extra {
		if n := len(m.Value); m.Key == extraControl && n >= 2 {
			value, err := base64.StdEncoding.AppendDecode([]byte{}, m.Value[1:n-1])
			if err == nil {
				return value
			}
		}
	}
	return nil
}

package inspect

import (
	"github.com/pbscope/pbscope/inspect/capture"
	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/kafka"
	"github.com/pbscope/pbscope/inspect/tws"
)

// Forms is the ordered table of the forms that bytes come in: a new one is a
// file of its own and a line here. Flags, completion and help derive from it.
func Forms() []frame.Form {
	return []frame.Form{
		frame.Raw(),
		frame.Delimited(),
		frame.U32BE(),
		frame.U32LE(),
		frame.GRPC(),
		frame.Hex(),
		frame.Base64(),
		kafka.KcatJSON(),
		kafka.KcatR(),
		kafka.Segment(),
		tws.Stream(),
		capture.Form(Protocols()...),
	}
}

// FormNamed is the form of that name.
func FormNamed(name string) (frame.Form, bool) {
	for _, f := range Forms() {
		if f.Name == name {
			return f, true
		}
	}
	return frame.Form{}, false
}

// Protocols is the ordered table of what is read on captured connections: a
// new protocol is a package of its own and a line here.
func Protocols() []frame.Protocol {
	return []frame.Protocol{
		tws.OnTCP(),
	}
}

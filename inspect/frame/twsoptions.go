package frame

import "google.golang.org/protobuf/reflect/protoreflect"

// TWSOptions are the settings of readers of the TWS API.
type TWSOptions struct {
	// Messages are further messages, or others than those that are built in,
	// by direction and ascending id.
	Messages []TWSMessage
	// Names has the fields of text messages named whose layout is known.
	Names bool
}

// TWSMessage is what a message id of the TWS API stands for.
type TWSMessage struct {
	// Direction is the sender: "client" or "server".
	Direction string
	// ID is the base id, without the offset that announces protobuf.
	ID uint32
	// Name is the constant for it.
	Name string
	// Type is the full name of its message, "" where it is text only.
	Type protoreflect.FullName
}

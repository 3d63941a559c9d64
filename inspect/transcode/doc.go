// Package transcode is the fast engine: it turns messages from the wire
// straight into JSON and back, with no message object in between.
//
// It runs over the flat tables of package plan and appends to a buffer; in the
// steady state nothing is allocated. Decoders and encoders are reused for many
// messages and belong to one goroutine each. It says only whether a payload is
// refused; inspect/message says where and why. The pipeline (package inspect)
// is its user.
//
// # What the JSON holds beyond ProtoJSON
//
// The output contract names the keys that begin with @. Where it leaves room,
// this is what stands here, and what an Encoder takes back:
//
//   - A well-known type other than Struct, Value and ListValue whose bytes hold
//     unknown fields has no object to keep them in. It becomes
//     {"@value":…,"@unknown":[…]}, with the value in its usual form. Within
//     Struct, Value and ListValue every key is data: unknown fields there, and
//     those within a map's entry, are dropped (with RefuseUnknown they are
//     refused; with Lossless the bytes are kept).
//   - With Lossless, a payload that as a whole is a well-known type without
//     an object of its own becomes {"@value":…,"@wire":"…"} if its bytes would
//     not be reproduced ({"@value":…,"@unknown":[…],"@wire":"…"} with unknown
//     fields). Below the top the nearest enclosing message carries @wire. Any
//     prints as an object and carries its own: the bytes of the Any, also
//     where only the message within would not be reproduced.
//   - A Value that has no JSON form makes the outermost Struct, Value or
//     ListValue around it an {"@error":…,"@raw":"…"}. So does one that nests
//     objects and lists more than 100 deep, and a Struct whose first two keys
//     are those of such a record.
//   - An item of a MessageSet that is not exactly one type id and one message
//     is an unknown field, kept whole.
//   - NullValue prints as null for 0, and as the number for others.
package transcode

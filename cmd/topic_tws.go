package cmd

const twsPage = `decode and inspect read the TWS API, Interactive Brokers' socket protocol, from
captures (--from pcap) and from the bytes of one direction (--from tws):

  pbscope decode --from pcap -I tws-proto session.pcap
  pbscope decode --from tws --direction server -I tws-proto server.bin

tws-proto is your copy of the .proto files that come with the API; without it
protobuf messages are shown as fields without names. Whether a message is
protobuf or text, its id says: above 1000000 or 200 it is protobuf, and its base
id is the rest. A message whose type nobody knows has the types of the schema
that fit it in typeCandidates.

--tws-messages FILE   names for ids, beside the built-in ones and before them, so
                      that new ids need no new pbscope (repeatable)
--tws-names           the names of a text message's fields

FILE is lines with tabs between cells; empty lines and those that begin with #
are passed over. The first line may name the columns, in any order, and further
ones are passed over; without it they are these four:

  direction  base_msg_id  constant  proto_message
  out        110          REQ_NEW   protobuf.NewRequest
  in         45           TICK_NEW  protobuf.TickNew

direction is out (client, from the program to TWS) or in (server); base_msg_id is
the id without 200; proto_message is a full name, or nothing for text only.

With --tws-names a text message has "named":{…} behind "fields":[…], as far as
the layout is known for the server's version: of all messages that have a text
form, of orders their first fields. version is the message's own. Where
the version leaves it open what a field is, the number of fields does not fit, or
the server is newer than 225, there is no "named". encode writes "fields", and
refuses a "named" that says otherwise.

A stream of the client alone does not say the server's version; where the way that
ids are written does not decide either, only a capture of both directions does.`

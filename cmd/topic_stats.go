package cmd

const statsPage = `pbscope stats prints a row for each kind of message: of the same type and encoding,
or what --by says (type, encoding, direction, topic, partition, connection,
source). Rows of records that failed have the error's tag, and are told apart in
the same way. Every record that decode prints is counted in one row. The table's
last line says how much of the input is in none: of captures the headers of packets,
connections left alone, bytes sent twice, and what filters leave out.

Keys of --format json, one object a line, and columns of csv; absent ones are
left out (csv: empty). New ones are added at the end:
  source topic partition connection client server direction kind id name type
  encoding error other     what the row's messages have in common. encoding is
                           protobuf or text, null for Kafka's tombstones; kind and
                           id, name, direction as in the envelope of TWS messages
  count                    records
  bytes                    the sum of the messages' own sizes, without headers
  share                    of the bytes of all rows, from 0 to 1
  minBytes p50Bytes p99Bytes maxBytes meanBytes
                           of the messages' sizes; of damaged frames what was kept
  wireBytes                with lengths, ids and other headers: in the stream of a
                           captured connection, else in the input. The bytes of a
                           Kafka batch count where its first record does
  lostBytes                that the capture lacks
  keyBytes                 of Kafka keys
  measured minNanoseconds p50Nanoseconds p99Nanoseconds maxNanoseconds
  meanNanoseconds          decode time, and of how many messages
  requests answered answeredByError unanswered withoutId pairedBy
  minAnswerNanoseconds …   from a request to its first answer
  first last               times of the messages
  relativeError            by which quantiles of this row may be off
  typeCandidates           types that fit messages whose type is not known
  at                       with --every: when this was printed

Quantiles are values that occurred (nearest rank; of an even number, the lower
one in the middle). They are exact up to 256 different values, afterwards within
0.8%; the table marks those with ~. Counts, sums, least and greatest are exact.

Decode time is measured here, on this machine, while the input is read: the time
from a message's bytes to its JSON, without reading, framing and writing; of text
messages, from their bytes to the list of fields in JSON. The first 32 messages of
a kind are measured and then about one in a hundred, fewer of short ones. A short
message is decoded again until 2 µs have passed, three times, and the best mean
counts: caches are warm, and another client's library takes another time.
--no-time leaves it out.

Answers, in captures of TWS connections: a request and the first message after it,
on the same connection, that is of a kind which answers it and bears its id (reqId,
orderId), by the times of the packets that completed them; the row is the request's,
whatever the answer's encoding. An error message with the id is an answer, and is
counted as answeredByError. pairedBy order: the request has no id (both:
some requests of the row have one), and the next
message of a kind that answers it is taken; where the server also sends such
messages unasked, that may be one of them. A request whose id is already waiting is
not paired, nor one that is taken back or that waits when bytes are lost. withoutId
are requests whose id could not be read: of text messages whose layout is not known.
The client's versions are paired with the server's.

Text against protobuf, and --compare: messages of one id that came as both. The
ratio is that of the median sizes, protobuf by text; on the wire that of the mean
sizes with headers. Only the same message from the same session compares well:
these are those that came.

Memory is bounded: --max-rows kinds are told apart (4096), further records share
rows that have "other"; --limit does the same to the rows that are printed.`

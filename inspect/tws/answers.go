package tws

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pbscope/pbscope/inspect/frame"
	"github.com/pbscope/pbscope/inspect/wire"
)

// Request is a kind of message that a client sends and a server answers.
type Request struct {
	// ID is the base id; Connecting stands for the client's versions.
	ID uint32
	// Cancel is the base id of the message that takes the request back, 0 for
	// none.
	Cancel uint32
	// ByID says that request and answer bear the same id (reqId, orderId);
	// other answers follow their request in the stream.
	ByID bool
	// Answers are base ids of the messages that may be the first answer. An
	// error message that bears the id may be it, too.
	Answers []uint32
}

// Connecting is the id of the request that the client's versions are, which the
// server answers with its own; no message has it.
const Connecting = 1 << 31

// ErrorMessage is the base id of the server's error messages.
const ErrorMessage = 4

// Requests is the requests whose answers are known, by ascending id. The facts
// are those of public clients: which of their calls return through which
// callbacks. Subscriptions that already run when they are asked for again, and
// messages that a server also sends unasked, cannot be told from answers.
func Requests() []Request {
	return []Request{
		{1, 2, true, []uint32{1, 2, 21, 45, 46, 47, 56, 57, 58, 81, 84, 91}},
		{3, 0, true, []uint32{3, 5}},
		{4, 0, true, []uint32{3, 5}},
		{5, 0, false, []uint32{5, 53}},
		{6, 0, false, []uint32{6, 7, 8, 54}},
		{7, 0, true, []uint32{11, 55}},
		{8, 0, false, []uint32{9}},
		{9, 106, true, []uint32{10, 18, 52}},
		{10, 11, true, []uint32{12, 13, 92}},
		{16, 0, false, []uint32{5, 53}},
		{17, 0, false, []uint32{15}},
		{18, 0, false, []uint32{16}},
		{19, 0, true, []uint32{103}},
		{20, 25, true, []uint32{17, 90, 106, 108}},
		{21, 0, true, []uint32{3, 5}},
		{22, 23, true, []uint32{20}},
		{24, 0, false, []uint32{19}},
		{49, 0, false, []uint32{49}},
		{50, 51, true, []uint32{50}},
		{52, 53, true, []uint32{51}},
		{54, 56, true, []uint32{21}},
		{55, 57, true, []uint32{21}},
		{61, 64, false, []uint32{61, 62}},
		{62, 63, true, []uint32{63, 64}},
		{67, 0, true, []uint32{67}},
		{68, 0, true, []uint32{68}},
		{71, 0, false, []uint32{9, 15}},
		{74, 75, true, []uint32{71, 72}},
		{76, 77, true, []uint32{73, 74}},
		{78, 0, true, []uint32{75, 76}},
		{79, 0, true, []uint32{77}},
		{80, 0, false, []uint32{78}},
		{81, 0, true, []uint32{79}},
		{82, 0, false, []uint32{80}},
		{83, 0, true, []uint32{82}},
		{84, 0, true, []uint32{83}},
		{85, 0, false, []uint32{85}},
		{86, 0, true, []uint32{86, 87}},
		{87, 90, true, []uint32{88}},
		{88, 89, true, []uint32{89}},
		{91, 0, true, []uint32{93}},
		{92, 93, true, []uint32{94}},
		{94, 95, true, []uint32{95}},
		{96, 107, true, []uint32{96, 97, 98}},
		{97, 98, true, []uint32{96, 97, 98, 99}},
		{99, 0, false, []uint32{101, 102}},
		{100, 101, true, []uint32{104}},
		{102, 103, true, []uint32{105}},
		{104, 0, true, []uint32{107}},
		{105, 0, false, []uint32{109}},
		{108, 0, true, []uint32{110}},
		{109, 0, true, []uint32{111}},
		{Connecting, 0, false, nil},
	}
}

// SharedID is the id that a request and its answers have in common (reqId,
// orderId, of errors id), false where the message has none or its place is not
// known. version is that of the server, 0 if it is not known; body is what
// follows the message's id.
//
// In IB's schema the field's number is 1 in all messages that have it and are in
// the table of requests.
func SharedID(t *frame.TWS, version int, body []byte) (int64, bool) {
	if t.Encoding == protobuf {
		return firstVarint(body)
	}
	digits := t.IDEncoding == text || t.IDEncoding == "" && t.ServerVersion > 0 && t.ServerVersion < binaryIDs
	n := naming{versions: versionsOf(version, digits), fields: t.Fields}
	layout := layoutOf(t.Direction, t.Name)
	if layout == "" {
		layout = startOf(t.Direction, t.Name)
	}
	at := n.sharedID(layout)
	if at < 0 {
		return 0, false
	}
	id, err := strconv.ParseInt(t.Fields[at], 10, 64)
	return id, err == nil
}

// maxGroups is how deep groups nest that are passed over.
const maxGroups = 100

// firstVarint is the value of field 1, if that is a varint.
func firstVarint(body []byte) (value int64, found bool) {
	for len(body) > 0 {
		number, typ, n, code := wire.ConsumeTag(body)
		if code != wire.OK {
			return 0, false
		}
		body = body[n:]
		if number == 1 && typ == wire.Varint {
			v, _, code := wire.ConsumeVarint(body)
			return int64(v), code == wire.OK
		}
		if n, code = wire.SkipValue(body, number, typ, maxGroups); code != wire.OK {
			return 0, false
		}
		body = body[n:]
	}
	return 0, false
}

// sharedID is the place among the fields of the id that a layout names, -1 if
// it is not known.
func (n *naming) sharedID(layout string) int {
	for at := 0; ; {
		var word string
		word, layout, _ = strings.Cut(layout, " ")
		word, there := n.there(word)
		name, value, fixed := strings.Cut(word, "=")
		switch {
		case n.failed, name == "", name == "…", strings.ContainsAny(name, "[{?}"):
			return -1
		case !there:
			continue
		case at == len(n.fields), fixed && n.fields[at] != value:
			return -1
		case isSharedID(name):
			return at
		}
		at++
	}
}

// startOf is how the layout of a text message begins of which layoutOf knows
// nothing, as far as its id.
func startOf(direction, name string) string {
	if direction == server {
		switch name {
		case "SCANNER_DATA", "FUNDAMENTAL_DATA", "DISPLAY_GROUP_LIST", "DISPLAY_GROUP_UPDATED", "TICK_EFP", "DELTA_NEUTRAL_VALIDATION":
			return "version reqId"
		case "BOND_CONTRACT_DATA":
			return "version@-164 reqId"
		case "SECURITY_DEFINITION_OPTION_PARAMETER", "SECURITY_DEFINITION_OPTION_PARAMETER_END", "SOFT_DOLLAR_TIERS",
			"SYMBOL_SAMPLES", "SMART_COMPONENTS", "NEWS_ARTICLE", "HISTOGRAM_DATA", "HISTORICAL_TICKS",
			"HISTORICAL_TICKS_BID_ASK", "HISTORICAL_TICKS_LAST", "REROUTE_MKT_DATA_REQ", "REROUTE_MKT_DEPTH_REQ",
			"WSH_META_DATA", "WSH_EVENT_DATA", "HISTORICAL_SCHEDULE", "REPLACE_FA_END":
			return "reqId"
		case "MARKET_RULE":
			return "marketRuleId"
		}
		return ""
	}
	switch name {
	case "REQ_MKT_DEPTH", "CANCEL_MKT_DEPTH", "REQ_REAL_TIME_BARS", "CANCEL_REAL_TIME_BARS", "REQ_FUNDAMENTAL_DATA",
		"CANCEL_FUNDAMENTAL_DATA", "REQ_CALC_IMPLIED_VOLAT", "REQ_CALC_OPTION_PRICE", "CANCEL_CALC_IMPLIED_VOLAT",
		"CANCEL_CALC_OPTION_PRICE", "CANCEL_SCANNER_SUBSCRIPTION", "REQ_POSITIONS_MULTI", "CANCEL_POSITIONS_MULTI",
		"REQ_ACCOUNT_UPDATES_MULTI", "CANCEL_ACCOUNT_UPDATES_MULTI", "QUERY_DISPLAY_GROUPS",
		"SUBSCRIBE_TO_GROUP_EVENTS", "EXERCISE_OPTIONS":
		return "version reqId"
	case "REQ_SCANNER_SUBSCRIPTION":
		return "version@-143 reqId"
	case "REQ_SEC_DEF_OPT_PARAMS", "REQ_SOFT_DOLLAR_TIERS", "REQ_MATCHING_SYMBOLS", "REQ_SMART_COMPONENTS",
		"REQ_NEWS_ARTICLE", "REQ_HISTORICAL_NEWS", "REQ_HEAD_TIMESTAMP", "CANCEL_HEAD_TIMESTAMP", "REQ_HISTOGRAM_DATA",
		"CANCEL_HISTOGRAM_DATA", "REQ_HISTORICAL_TICKS", "REQ_WSH_META_DATA", "CANCEL_WSH_META_DATA",
		"REQ_WSH_EVENT_DATA", "CANCEL_WSH_EVENT_DATA":
		return "reqId"
	case "REQ_MARKET_RULE":
		return "marketRuleId"
	}
	return ""
}

// Fields is the fields of a text message's body as UTF-8, as its frame has them;
// ok is false if the last one does not end.
func Fields(body []byte) (fields []string, ok bool) {
	fields, _, ok = splitFields(body)
	return fields, ok
}

func isSharedID(name string) bool {
	return slices.Contains([]string{"reqId", "orderId", "id", "marketRuleId"}, name)
}

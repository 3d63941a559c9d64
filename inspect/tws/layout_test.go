package tws

import (
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	at := func(v int) versions { return versions{v, v} }
	for _, c := range []struct {
		sender, name string
		versions     versions
		fields       string // between spaces, _ for empty
		names        string // "" for none
	}{
		{server, "TICK_PRICE", at(176), "6 12 1 187.24 300 1", "version reqId tickType price size attrMask"},
		{server, "TICK_PRICE", at(176), "6 12 1 187.24 300", ""},
		{server, "TICK_PRICE", at(176), "6 12 1 187.24 300 1 2", ""},
		{server, "TICK_PRICE", versions{0, 0}, "6 12 1 187.24 300 1", ""},
		{server, "TICK_PRICE", at(99), "6 12 1 187.24 300 1", ""},
		{server, "TICK_PRICE", at(226), "6 12 1 187.24 300 1", ""},
		{client, "TICK_PRICE", at(176), "6 12 1 187.24 300 1", ""},
		{server, "TICK_OPTION_COMPUTATION", at(155), "6 2 10 .1 .2 .3 .4 .5 .6 .7 .8", "version reqId tickType impliedVol delta optPrice pvDividend gamma vega theta undPrice"},
		{server, "TICK_OPTION_COMPUTATION", at(155), "5 2 10 .1 .2 .3 .4 .5 .6 .7 .8", ""},
		{server, "TICK_OPTION_COMPUTATION", at(156), "2 10 0 .1 .2 .3 .4 .5 .6 .7 .8", "reqId tickType tickAttrib impliedVol delta optPrice pvDividend gamma vega theta undPrice"},
		{server, "ERR_MSG", at(165), "2 -1 2104 ok", "version id errorCode errorMsg"},
		{server, "ERR_MSG", at(166), "2 -1 2104 ok _", "version id errorCode errorMsg advancedOrderRejectJson"},
		{server, "ERR_MSG", at(194), "-1 2104 ok _ 1790771696000", "id errorCode errorMsg advancedOrderRejectJson errorTime"},
		// The same number of fields under two versions that the stream leaves open.
		{server, "ERR_MSG", versionsOf(0, true), "-1 2104 ok _ 1790771696000", ""},
		{server, "ERR_MSG", versionsOf(0, false), "-1 2104 ok _ 1790771696000", "id errorCode errorMsg advancedOrderRejectJson errorTime"},
		{client, "START_API", versionsOf(0, true), "2 7 _", "version clientId optionalCapabilities"},
		{client, "START_API", at(200), "1 7 _", ""},
		{server, "FAMILY_CODES", at(176), "2 a b c d", "familyCodesCount familyCodes[0].accountId familyCodes[0].familyCode familyCodes[1].accountId familyCodes[1].familyCode"},
		{server, "FAMILY_CODES", at(176), "0", "familyCodesCount"},
		{server, "FAMILY_CODES", at(176), "999999999 a b", ""},
		{server, "FAMILY_CODES", at(176), "-1", ""},
		{server, "FAMILY_CODES", at(176), "3 a b c d", ""},
		{server, "TICK_BY_TICK", at(200), "1 4 1790771696 187.25", "reqId tickType time midPoint"},
		{server, "TICK_BY_TICK", at(200), "1 9 1790771696 187.25", ""},
		{server, "HISTORICAL_DATA", at(123), "3 1 a b 1 d 1 2 3 4 5 6 0 7", "version reqId startDate endDate barsCount " +
			"bars[0].date bars[0].open bars[0].high bars[0].low bars[0].close bars[0].volume bars[0].WAP bars[0].hasGaps bars[0].barCount"},
		{client, "REQ_MKT_DATA", at(176), "11 1 0 IBKR BAG _ 0 _ _ SMART _ USD _ _ 1 265598 1 BUY SMART 0 _ 0 0 _",
			"version reqId conId symbol secType lastTradeDateOrContractMonth strike right multiplier exchange primaryExch currency localSymbol tradingClass " +
				"comboLegsCount comboLegs[0].conId comboLegs[0].ratio comboLegs[0].action comboLegs[0].exchange " +
				"deltaNeutral genericTickList snapshot regulatorySnapshot marketDataOptions"},
		{client, "REQ_EXECUTIONS", at(200), "3 1 0 _ _ _ _ _ _ 2 2 20260930 20261001",
			"version reqId clientId acctCode time symbol secType exchange side lastNDays specificDatesCount specificDates[0] specificDates[1]"},
		{client, "CANCEL_ORDER", at(188), "1 101 _ a b 7", "version orderId manualOrderCancelTime"},
		{client, "CANCEL_ORDER", at(192), "101 _ _ 7", "orderId manualOrderCancelTime extOperator manualOrderIndicator"},
		{server, "OPEN_ORDER", at(176), "101", ""},
		{server, "SCANNER_PARAMETERS", at(176), "1 <xml/>", "version xml"},
		{server, "NEWS_ARTICLE", at(176), "800 0 text", "reqId articleType articleText"},
		{server, "SYMBOL_SAMPLES", at(176), "218 1 265598 AAPL STK NASDAQ USD 2 OPT WAR APPLE _",
			"reqId contractDescriptionsCount contractDescriptions[0].conId contractDescriptions[0].symbol contractDescriptions[0].secType " +
				"contractDescriptions[0].primaryExch contractDescriptions[0].currency contractDescriptions[0].derivativeSecTypesCount " +
				"contractDescriptions[0].derivativeSecTypes[0] contractDescriptions[0].derivativeSecTypes[1] " +
				"contractDescriptions[0].description contractDescriptions[0].issuerId"},
		{server, "HISTORICAL_TICKS", at(150), "1 1 1790771696 0 187.25 100 1",
			"reqId historicalTicksCount historicalTicks[0].time historicalTicks[0].unused historicalTicks[0].price historicalTicks[0].size isDone"},
		{server, "SECURITY_DEFINITION_OPTION_PARAMETER", at(200), "0 SMART 265598 AAPL 100 2 20261016 20261120 1 187.5",
			"reqId exchange underlyingConId tradingClass multiplier expirationsCount expirations[0] expirations[1] strikesCount strikes[0]"},
		{client, "REQ_MKT_DEPTH", at(145), "5 1 0 IBKR STK _ 0 _ _ ISLAND USD _ _ 5 _",
			"version reqId conId symbol secType lastTradeDateOrContractMonth strike right multiplier exchange currency localSymbol tradingClass numRows marketDepthOptions"},
		{client, "REQ_WSH_EVENT_DATA", at(173), "1 2 _ 0 0 0 _ _ 10", "reqId conId filter fillWatchlist fillPortfolio fillCompetitors startDate endDate totalLimit"},
		{client, "REQ_WSH_EVENT_DATA", at(165), "1 2", "reqId conId"},
	} {
		fields := strings.Split(strings.ReplaceAll(c.fields, "_", ""), " ")
		got := strings.Join(namesOf(layoutOf(c.sender, c.name), c.versions, fields), " ")
		if got != c.names {
			t.Errorf("%s %v %s: %s", c.name, c.versions, c.fields, got)
		}
	}
}

// TestLayouts holds the layouts to their language: every constant is one of the
// table, names are given once, and braces close.
func TestLayouts(t *testing.T) {
	seen := 0
	for _, sender := range []string{client, server} {
		for id := range uint32(highestID) {
			row, ok := find(sender, id)
			layout := layoutOf(sender, row.name)
			if !ok || layout == "" {
				continue
			}
			seen++
			if strings.Count(layout, "{") != strings.Count(layout, "}") || strings.Contains(layout, "  ") || layout != strings.TrimSpace(layout) {
				t.Errorf("%s: %q", row.name, layout)
			}
			for v := oldestLayouts; v <= newestLayouts; v++ {
				names := longest(layout, v)
				sorted := slices.Sorted(slices.Values(names))
				if len(slices.Compact(sorted)) != len(names) || len(names) == 0 {
					t.Errorf("%s at %d: %v", row.name, v, names)
				}
				for _, name := range names {
					if strings.ContainsAny(name, "@{}?=…") {
						t.Errorf("%s at %d: %q", row.name, v, name)
					}
				}
			}
		}
	}
	if seen < 130 {
		t.Errorf("%d layouts", seen)
	}
}

// longest is the names for as many fields as a layout has for a version where
// all conditions on values fail and nothing is fixed.
func longest(layout string, v int) []string {
	words := strings.Fields(layout)
	for i, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok && !strings.HasSuffix(w, "{") {
			_, when, limited := strings.Cut(value, "@")
			if words[i] = name; limited {
				words[i] += "@" + when
			}
		}
	}
	n := naming{versions: versions{v, v}, fields: make([]string, 200)}
	n.run(strings.Join(words, " "), "")
	if n.failed {
		return nil
	}
	return n.names
}

// FuzzNames: there are never more names than fields, whatever these say, and
// with names or without, they are the same fields.
func FuzzNames(f *testing.F) {
	f.Add("HISTORICAL_DATA", 200, "14\x001\x00a\x001\x002\x003\x004\x005\x006\x007\x00")
	f.Add("CONTRACT_DATA", 176, strings.Repeat("1\x00", 60))
	f.Add("REQ_EXECUTIONS", 200, "3\x001\x00\x00\x00\x00\x00\x00\x00\x002\x0099999999\x00")
	f.Fuzz(func(t *testing.T, name string, version int, body string) {
		fields, _, ok := splitFields([]byte(body))
		if !ok {
			return
		}
		for _, sender := range []string{client, server} {
			names := namesOf(layoutOf(sender, name), versionsOf(version, true), fields)
			if len(names) > len(fields) {
				t.Fatalf("%d names for %d fields", len(names), len(fields))
			}
		}
	})
}

package tws

// serverMoreLayout is serverLayout for bonds, scanners, options, news, ticks of
// the past and what else fewer programs ask for.
func serverMoreLayout(name string) string {
	switch name {
	case "BOND_CONTRACT_DATA":
		return "version=6@-164 reqId symbol secType cusip coupon lastTradeDateOrContractMonth issueDate ratings bondType couponType " +
			"convertible callable puttable descAppend exchange currency marketName tradingClass conId minTick mdSizeMultiplier@110-164 " +
			"orderTypes validExchanges nextOptionDate nextOptionType nextOptionPartial bondNotes longName " +
			"timeZoneId@188 tradingHours@188 liquidHours@188 evRule evMultiplier secIdListCount secIdList[]{ tag value } " +
			"aggGroup@121 marketRuleIds@126 minSize@164 sizeIncrement@164 suggestedSizeIncrement@164"
	case "COMPLETED_ORDER":
		return contractGot + "action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose origin orderRef permId " +
			"outsideRth hidden discretionaryAmt goodAfterTime faGroup faMethod faPercentage faProfile@-177 " +
			"modelCode goodTillDate rule80A percentOffset settlingFirm …"
	case "ORDER_BOUND":
		return "permId clientId orderId"
	case "RECEIVE_FA":
		return "version faDataType xml"
	case "REPLACE_FA_END":
		return "reqId text"
	case "SCANNER_PARAMETERS":
		return "version xml"
	case "SCANNER_DATA":
		return "version reqId elementsCount elements[]{ rank conId symbol secType lastTradeDateOrContractMonth strike right " +
			"exchange currency localSymbol marketName tradingClass distance benchmark projection comboKey }"
	case "TICK_EFP":
		return "version reqId tickType basisPoints formattedBasisPoints impliedFuturesPrice holdDays futureLastTradeDate " +
			"dividendImpact dividendsToLastTradeDate"
	case "FUNDAMENTAL_DATA":
		return "version reqId data"
	case "DELTA_NEUTRAL_VALIDATION":
		return "version reqId conId delta price"
	case "VERIFY_MESSAGE_API":
		return "version apiData"
	case "VERIFY_AND_AUTH_MESSAGE_API":
		return "version apiData xyzChallenge"
	case "VERIFY_COMPLETED", "VERIFY_AND_AUTH_COMPLETED":
		return "version isSuccessful errorText"
	case "DISPLAY_GROUP_LIST":
		return "version reqId groups"
	case "DISPLAY_GROUP_UPDATED":
		return "version reqId contractInfo"
	case "SECURITY_DEFINITION_OPTION_PARAMETER":
		return "reqId exchange underlyingConId tradingClass multiplier expirationsCount expirations[] strikesCount strikes[]"
	case "SECURITY_DEFINITION_OPTION_PARAMETER_END":
		return "reqId"
	case "SOFT_DOLLAR_TIERS":
		return "reqId softDollarTiersCount softDollarTiers[]{ name value displayName }"
	case "SYMBOL_SAMPLES":
		return "reqId contractDescriptionsCount contractDescriptions[]{ conId symbol secType primaryExch currency " +
			"derivativeSecTypesCount derivativeSecTypes[] description@176 issuerId@176 }"
	case "MKT_DEPTH_EXCHANGES":
		return "depthMarketDataDescriptionsCount depthMarketDataDescriptions[]{ exchange secType " +
			"listingExch@120 serviceDataType@120 aggGroup@120 isL2@-120 }"
	case "SMART_COMPONENTS":
		return "reqId smartComponentsCount smartComponents[]{ bitNumber exchange exchangeLetter }"
	case "NEWS_ARTICLE":
		return "reqId articleType articleText"
	case "NEWS_PROVIDERS":
		return "newsProvidersCount newsProviders[]{ providerCode providerName }"
	case "HISTOGRAM_DATA":
		return "reqId histogramDataEntriesCount histogramDataEntries[]{ price size }"
	case "REROUTE_MKT_DATA_REQ", "REROUTE_MKT_DEPTH_REQ":
		return "reqId conId exchange"
	case "MARKET_RULE":
		return "marketRuleId priceIncrementsCount priceIncrements[]{ lowEdge increment }"
	case "HISTORICAL_TICKS":
		return "reqId historicalTicksCount historicalTicks[]{ time unused price size } isDone"
	case "HISTORICAL_TICKS_BID_ASK":
		return "reqId historicalTicksBidAskCount historicalTicksBidAsk[]{ time tickAttribBidAsk priceBid priceAsk sizeBid sizeAsk } isDone"
	case "HISTORICAL_TICKS_LAST":
		return "reqId historicalTicksLastCount historicalTicksLast[]{ time tickAttribLast price size exchange specialConditions } isDone"
	case "HISTORICAL_SCHEDULE":
		return "reqId startDateTime endDateTime timeZone historicalSessionsCount historicalSessions[]{ startDateTime endDateTime refDate }"
	case "WSH_META_DATA", "WSH_EVENT_DATA":
		return "reqId dataJson"
	}
	return ""
}

package tws

// clientDataLayout is clientLayout for depth, history, news, scanners and what
// else fewer programs ask for.
func clientDataLayout(name string) string {
	switch name {
	case "REQ_MKT_DEPTH":
		return "version=5 reqId " + contractStart + "exchange primaryExch@149 currency localSymbol tradingClass " +
			"numRows isSmartDepth@146 marketDepthOptions"
	case "CANCEL_MKT_DEPTH":
		return "version reqId isSmartDepth@146"
	case "REQ_NEWS_BULLETINS":
		return "version allMessages"
	case "CANCEL_NEWS_BULLETINS", "REQ_SCANNER_PARAMETERS":
		return "version"
	case "REQ_FA":
		return "version faDataType"
	case "REPLACE_FA":
		return "version faDataType xml reqId@157"
	case "EXERCISE_OPTIONS":
		return "version=2 reqId " + contractGot + "exerciseAction exerciseQuantity account override " +
			"manualOrderTime@180 customerAccount@183 professionalCustomer@184"
	case "REQ_SCANNER_SUBSCRIPTION":
		return "version=4@-143 reqId numberOfRows instrument locationCode scanCode abovePrice belowPrice aboveVolume " +
			"marketCapAbove marketCapBelow moodyRatingAbove moodyRatingBelow spRatingAbove spRatingBelow " +
			"maturityDateAbove maturityDateBelow couponRateAbove couponRateBelow excludeConvertible averageOptionVolumeAbove " +
			"scannerSettingPairs stockTypeFilter scannerSubscriptionFilterOptions@143 scannerSubscriptionOptions"
	case "REQ_REAL_TIME_BARS":
		return "version=3 reqId " + contractSent + "barSize whatToShow useRTH realTimeBarsOptions"
	case "REQ_FUNDAMENTAL_DATA":
		return "version=2 reqId conId symbol secType exchange primaryExch currency localSymbol reportType " +
			"fundamentalDataOptionsCount fundamentalDataOptions"
	case "REQ_CALC_IMPLIED_VOLAT":
		return "version=3 reqId " + contractSent + "optionPrice underPrice impliedVolatilityOptionsCount impliedVolatilityOptions"
	case "REQ_CALC_OPTION_PRICE":
		return "version=3 reqId " + contractSent + "volatility underPrice optionPriceOptionsCount optionPriceOptions"
	case "CANCEL_SCANNER_SUBSCRIPTION", "CANCEL_REAL_TIME_BARS", "CANCEL_FUNDAMENTAL_DATA", "CANCEL_CALC_IMPLIED_VOLAT", "CANCEL_CALC_OPTION_PRICE",
		"CANCEL_POSITIONS_MULTI", "CANCEL_ACCOUNT_UPDATES_MULTI", "QUERY_DISPLAY_GROUPS", "UNSUBSCRIBE_FROM_GROUP_EVENTS":
		return "version reqId"
	case "SUBSCRIBE_TO_GROUP_EVENTS":
		return "version reqId groupId"
	case "UPDATE_DISPLAY_GROUP":
		return "version reqId contractInfo"
	case "REQ_POSITIONS_MULTI":
		return "version reqId account modelCode"
	case "REQ_ACCOUNT_UPDATES_MULTI":
		return "version reqId account modelCode ledgerAndNLV"
	case "REQ_SEC_DEF_OPT_PARAMS":
		return "reqId underlyingSymbol futFopExchange underlyingSecType underlyingConId"
	case "REQ_MATCHING_SYMBOLS":
		return "reqId pattern"
	case "REQ_SMART_COMPONENTS":
		return "reqId bboExchange"
	case "REQ_NEWS_ARTICLE":
		return "reqId providerCode articleId newsArticleOptions@128"
	case "REQ_HISTORICAL_NEWS":
		return "reqId conId providerCodes startDateTime endDateTime totalResults historicalNewsOptions@128"
	case "REQ_HEAD_TIMESTAMP":
		return "reqId " + contractSent + "includeExpired useRTH whatToShow formatDate"
	case "REQ_HISTOGRAM_DATA":
		return "reqId " + contractSent + "includeExpired useRTH timePeriod"
	case "REQ_HISTORICAL_TICKS":
		return "reqId " + contractSent + "includeExpired startDateTime endDateTime numberOfTicks whatToShow useRTH ignoreSize miscOptions"
	case "REQ_MARKET_RULE":
		return "marketRuleId"
	case "REQ_COMPLETED_ORDERS":
		return "apiOnly"
	case "REQ_WSH_EVENT_DATA":
		return "reqId conId filter@171 fillWatchlist@171 fillPortfolio@171 fillCompetitors@171 startDate@173 endDate@173 totalLimit@173"
	case "REQ_SOFT_DOLLAR_TIERS", "CANCEL_HISTOGRAM_DATA", "CANCEL_HEAD_TIMESTAMP", "REQ_WSH_META_DATA", "CANCEL_WSH_META_DATA", "CANCEL_WSH_EVENT_DATA":
		return "reqId"
	case "VERIFY_REQUEST":
		return "version apiName apiVersion"
	case "VERIFY_MESSAGE":
		return "version apiData"
	case "VERIFY_AND_AUTH_REQUEST":
		return "version apiName apiVersion opaqueIsvKey"
	case "VERIFY_AND_AUTH_MESSAGE":
		return "version apiData xyzResponse"
	}
	return ""
}

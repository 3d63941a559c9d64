package tws

// What messages have in common: the contract as clients send it, and as servers
// do, in most messages.
const (
	contractStart = "conId symbol secType lastTradeDateOrContractMonth strike right multiplier "
	contractSent  = contractStart + "exchange primaryExch currency localSymbol tradingClass "
	contractGot   = contractStart + "exchange currency localSymbol tradingClass "
	combination   = "?secType=BAG{ comboLegsCount comboLegs[]{ conId ratio action exchange } } "
)

// layoutOf is the layout of a text message without its id, "" if it is not
// known. The facts are those of public clients: the order in which they write
// and read fields, and the server versions that they ask for. Names are those of
// the fields of IB's protobuf messages where these have them.
func layoutOf(direction, name string) string {
	switch direction {
	case client:
		return clientLayout(name)
	case server:
		return serverLayout(name)
	}
	return ""
}

func clientLayout(name string) string {
	switch name {
	case "REQ_MKT_DATA":
		return "version=11 reqId " + contractSent + combination +
			"deltaNeutral ?deltaNeutral=1{ deltaNeutralConId deltaNeutralDelta deltaNeutralPrice } " +
			"genericTickList snapshot regulatorySnapshot@114 marketDataOptions"
	case "PLACE_ORDER":
		return "version=45@-145 orderId " + contractSent + "secIdType secId " +
			"action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose origin orderRef transmit " +
			"parentId blockOrder sweepToFill displaySize triggerMethod outsideRth hidden …"
	case "CANCEL_ORDER":
		return "version@-192 orderId manualOrderCancelTime@169 …@187-190 extOperator@192 manualOrderIndicator@192"
	case "REQ_ACCT_DATA":
		return "version=2 subscribe acctCode"
	case "REQ_EXECUTIONS":
		return "version=3 reqId clientId acctCode time symbol secType exchange side " +
			"?@200{ lastNDays specificDatesCount specificDates[] }"
	case "REQ_IDS":
		return "version numIds"
	case "REQ_CONTRACT_DATA":
		return "version=8 reqId " + contractSent + "includeExpired secIdType secId issuerId@176"
	case "SET_SERVER_LOGLEVEL":
		return "version logLevel"
	case "REQ_AUTO_OPEN_ORDERS":
		return "version autoBind"
	case "REQ_OPEN_ORDERS", "REQ_ALL_OPEN_ORDERS", "REQ_MANAGED_ACCTS", "REQ_CURRENT_TIME", "REQ_POSITIONS", "CANCEL_POSITIONS":
		return "version"
	case "REQ_HISTORICAL_DATA":
		return "version=6@-124 reqId " + contractSent +
			"includeExpired endDateTime barSizeSetting duration useRTH whatToShow formatDate " + combination +
			"keepUpToDate@124 chartOptions"
	case "REQ_MARKET_DATA_TYPE":
		return "version marketDataType"
	case "REQ_GLOBAL_CANCEL":
		return "version@-192 extOperator@192 manualOrderIndicator@192"
	case "REQ_ACCOUNT_SUMMARY":
		return "version reqId group tags"
	case "CANCEL_MKT_DATA", "CANCEL_HISTORICAL_DATA", "CANCEL_ACCOUNT_SUMMARY":
		return "version reqId"
	case "START_API":
		return "version=2 clientId optionalCapabilities"
	case "REQ_PNL":
		return "reqId account modelCode"
	case "REQ_PNL_SINGLE":
		return "reqId account modelCode conId"
	case "REQ_TICK_BY_TICK_DATA":
		return "reqId " + contractSent + "tickType numberOfTicks@140 ignoreSize@140"
	case "CANCEL_PNL", "CANCEL_PNL_SINGLE", "CANCEL_TICK_BY_TICK_DATA", "REQ_USER_INFO":
		return "reqId"
	}
	return clientDataLayout(name)
}

func serverLayout(name string) string {
	switch name {
	case "TICK_PRICE":
		return "version reqId tickType price size attrMask"
	case "TICK_SIZE":
		return "version reqId tickType size"
	case "TICK_GENERIC", "TICK_STRING":
		return "version reqId tickType value"
	case "TICK_OPTION_COMPUTATION":
		return "version=6@-156 reqId tickType tickAttrib@156 impliedVol delta optPrice pvDividend gamma vega theta undPrice"
	case "TICK_NEWS":
		return "reqId timestamp providerCode articleId headline extraData"
	case "TICK_REQ_PARAMS":
		return "reqId minTick bboExchange snapshotPermissions"
	case "TICK_BY_TICK":
		return "reqId tickType time ?tickType=1|2{ price size tickAttribLast exchange specialConditions } " +
			"?tickType=3{ priceBid priceAsk sizeBid sizeAsk tickAttribBidAsk } ?tickType=4{ midPoint }"
	case "ORDER_STATUS":
		return "version@-131 orderId status filled remaining avgFillPrice permId parentId lastFillPrice clientId whyHeld mktCapPrice@131"
	case "ERR_MSG":
		return "version@-194 id errorCode errorMsg advancedOrderRejectJson@166 errorTime@194"
	case "OPEN_ORDER":
		return "version@-145 orderId " + contractGot +
			"action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose origin orderRef clientId permId " +
			"outsideRth hidden discretionaryAmt goodAfterTime sharesAllocation faGroup faMethod faPercentage faProfile@-177 " +
			"modelCode@103 goodTillDate rule80A percentOffset settlingFirm …"
	case "NEXT_VALID_ID":
		return "version orderId"
	case "MANAGED_ACCTS":
		return "version accountsList"
	case "CURRENT_TIME":
		return "version currentTime"
	case "CURRENT_TIME_IN_MILLIS":
		return "currentTimeInMillis"
	case "MARKET_DATA_TYPE":
		return "version reqId marketDataType"
	case "MARKET_DEPTH":
		return "version reqId position operation side price size"
	case "MARKET_DEPTH_L2":
		return "version reqId position marketMaker operation side price size isSmartDepth@146"
	case "REAL_TIME_BARS":
		return "version reqId time open high low close volume WAP count"
	case "USER_INFO":
		return "reqId whiteBrandingId"
	case "NEWS_BULLETINS":
		return "version newsMsgId newsMsgType newsMessage originatingExch"
	case "OPEN_ORDER_END", "POSITION_END":
		return "version"
	case "CONTRACT_DATA_END", "EXECUTION_DATA_END", "TICK_SNAPSHOT_END", "ACCOUNT_SUMMARY_END", "POSITION_MULTI_END", "ACCOUNT_UPDATE_MULTI_END":
		return "version reqId"
	}
	return serverDataLayout(name)
}

// serverDataLayout is serverLayout for contracts, accounts and history.
func serverDataLayout(name string) string {
	switch name {
	case "CONTRACT_DATA":
		return "version=8@-164 reqId symbol secType lastTradeDateOrContractMonth lastTradeDate@182 strike right exchange currency localSymbol " +
			"marketName tradingClass conId minTick mdSizeMultiplier@110-164 multiplier orderTypes validExchanges priceMagnifier " +
			"underConId longName primaryExch contractMonth industry category subcategory timeZoneId tradingHours liquidHours " +
			"evRule evMultiplier secIdListCount secIdList[]{ tag value } aggGroup@121 underSymbol@122 underSecType@122 " +
			"marketRuleIds@126 realExpirationDate@134 stockType@152 sizeMinTick@163-164 minSize@164 sizeIncrement@164 suggestedSizeIncrement@164 " +
			"?secType=FUND@179{ fundName fundFamily fundType fundFrontLoad fundBackLoad fundBackLoadTimeInterval fundManagementFee " +
			"fundClosed fundClosedForNewInvestors fundClosedForNewMoney fundNotifyAmount fundMinimumInitialPurchase " +
			"fundMinimumSubsequentPurchase fundBlueSkyStates fundBlueSkyTerritories fundDistributionPolicyIndicator fundAssetType } " +
			"?@186{ ineligibilityReasonCount ineligibilityReasonList[]{ id description } }"
	case "EXECUTION_DATA":
		return "version@-136 reqId orderId " + contractGot +
			"execId time acctNumber executionExchange side shares price permId clientId liquidation cumQty avgPrice orderRef " +
			"evRule evMultiplier modelCode@103 lastLiquidity@136 pendingPriceRevision@178 submitter@198"
	case "COMMISSION_AND_FEES_REPORT":
		return "version execId commissionAndFees currency realizedPNL bondYield yieldRedemptionDate"
	case "ACCT_VALUE":
		return "version key value currency accountName"
	case "ACCT_UPDATE_TIME":
		return "version timeStamp"
	case "ACCT_DOWNLOAD_END":
		return "version accountName"
	case "PORTFOLIO_VALUE":
		return "version=8 " + contractStart + "primaryExch currency localSymbol tradingClass " +
			"position marketPrice marketValue averageCost unrealizedPNL realizedPNL accountName"
	case "POSITION_DATA":
		return "version=3 account " + contractGot + "position avgCost"
	case "POSITION_MULTI":
		return "version reqId account " + contractGot + "position avgCost modelCode"
	case "ACCOUNT_SUMMARY":
		return "version reqId account tag value currency"
	case "ACCOUNT_UPDATE_MULTI":
		return "version reqId account modelCode key value currency"
	case "FAMILY_CODES":
		return "familyCodesCount familyCodes[]{ accountId familyCode }"
	case "PNL":
		return "reqId dailyPnL unrealizedPnL@129 realizedPnL@135"
	case "PNL_SINGLE":
		return "reqId position dailyPnL unrealizedPnL@129 realizedPnL@135 value"
	case "HISTORICAL_DATA":
		return "version@-124 reqId startDate@-196 endDate@-196 barsCount bars[]{ date open high low close volume WAP hasGaps@-124 barCount }"
	case "HISTORICAL_DATA_END":
		return "reqId startDate endDate"
	case "HISTORICAL_DATA_UPDATE":
		return "reqId barCount date open close high low WAP volume"
	case "HISTORICAL_NEWS":
		return "reqId time providerCode articleId headline"
	case "HISTORICAL_NEWS_END":
		return "reqId hasMore"
	case "HEAD_TIMESTAMP":
		return "reqId headTimestamp"
	}
	return serverMoreLayout(name)
}

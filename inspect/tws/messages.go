package tws

// messageRow is a message of the API as IB's official clients (10.46) have it:
// its id before any offset, its constant, and the name of its message within
// package protobuf, "" where there is only a text form; with a dot before it, it
// is a full name.
type messageRow struct {
	id    uint32
	name  string
	proto string
}

// find is the row of a base id sent by a direction's sender.
func find(direction string, id uint32) (messageRow, bool) {
	rows := clientMessages[:]
	if direction == server {
		rows = serverMessages[:]
	}
	low, high := 0, len(rows)
	for low < high {
		if mid := (low + high) / 2; rows[mid].id < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(rows) && rows[low].id == id {
		return rows[low], true
	}
	return messageRow{}, false
}

// highestID is the highest base id that is known, with room for new ones.
const highestID = 400

// clientMessages are sent by the client, by ascending id.
var clientMessages = [...]messageRow{
	{1, "REQ_MKT_DATA", "MarketDataRequest"},
	{2, "CANCEL_MKT_DATA", "CancelMarketData"},
	{3, "PLACE_ORDER", "PlaceOrderRequest"},
	{4, "CANCEL_ORDER", "CancelOrderRequest"},
	{5, "REQ_OPEN_ORDERS", "OpenOrdersRequest"},
	{6, "REQ_ACCT_DATA", "AccountDataRequest"},
	{7, "REQ_EXECUTIONS", "ExecutionRequest"},
	{8, "REQ_IDS", "IdsRequest"},
	{9, "REQ_CONTRACT_DATA", "ContractDataRequest"},
	{10, "REQ_MKT_DEPTH", "MarketDepthRequest"},
	{11, "CANCEL_MKT_DEPTH", "CancelMarketDepth"},
	{12, "REQ_NEWS_BULLETINS", "NewsBulletinsRequest"},
	{13, "CANCEL_NEWS_BULLETINS", "CancelNewsBulletins"},
	{14, "SET_SERVER_LOGLEVEL", "SetServerLogLevelRequest"},
	{15, "REQ_AUTO_OPEN_ORDERS", "AutoOpenOrdersRequest"},
	{16, "REQ_ALL_OPEN_ORDERS", "AllOpenOrdersRequest"},
	{17, "REQ_MANAGED_ACCTS", "ManagedAccountsRequest"},
	{18, "REQ_FA", "FARequest"},
	{19, "REPLACE_FA", "FAReplace"},
	{20, "REQ_HISTORICAL_DATA", "HistoricalDataRequest"},
	{21, "EXERCISE_OPTIONS", "ExerciseOptionsRequest"},
	{22, "REQ_SCANNER_SUBSCRIPTION", "ScannerSubscriptionRequest"},
	{23, "CANCEL_SCANNER_SUBSCRIPTION", "CancelScannerSubscription"},
	{24, "REQ_SCANNER_PARAMETERS", "ScannerParametersRequest"},
	{25, "CANCEL_HISTORICAL_DATA", "CancelHistoricalData"},
	{49, "REQ_CURRENT_TIME", "CurrentTimeRequest"},
	{50, "REQ_REAL_TIME_BARS", "RealTimeBarsRequest"},
	{51, "CANCEL_REAL_TIME_BARS", "CancelRealTimeBars"},
	{52, "REQ_FUNDAMENTAL_DATA", "FundamentalsDataRequest"},
	{53, "CANCEL_FUNDAMENTAL_DATA", "CancelFundamentalsData"},
	{54, "REQ_CALC_IMPLIED_VOLAT", "CalculateImpliedVolatilityRequest"},
	{55, "REQ_CALC_OPTION_PRICE", "CalculateOptionPriceRequest"},
	{56, "CANCEL_CALC_IMPLIED_VOLAT", "CancelCalculateImpliedVolatility"},
	{57, "CANCEL_CALC_OPTION_PRICE", "CancelCalculateOptionPrice"},
	{58, "REQ_GLOBAL_CANCEL", "GlobalCancelRequest"},
	{59, "REQ_MARKET_DATA_TYPE", "MarketDataTypeRequest"},
	{61, "REQ_POSITIONS", "PositionsRequest"},
	{62, "REQ_ACCOUNT_SUMMARY", "AccountSummaryRequest"},
	{63, "CANCEL_ACCOUNT_SUMMARY", "CancelAccountSummary"},
	{64, "CANCEL_POSITIONS", "CancelPositions"},
	{65, "VERIFY_REQUEST", "VerifyRequest"},
	{66, "VERIFY_MESSAGE", "VerifyMessageRequest"},
	{67, "QUERY_DISPLAY_GROUPS", "QueryDisplayGroupsRequest"},
	{68, "SUBSCRIBE_TO_GROUP_EVENTS", "SubscribeToGroupEventsRequest"},
	{69, "UPDATE_DISPLAY_GROUP", "UpdateDisplayGroupRequest"},
	{70, "UNSUBSCRIBE_FROM_GROUP_EVENTS", "UnsubscribeFromGroupEventsRequest"},
	{71, "START_API", "StartApiRequest"},
	{72, "VERIFY_AND_AUTH_REQUEST", ""},
	{73, "VERIFY_AND_AUTH_MESSAGE", ""},
	{74, "REQ_POSITIONS_MULTI", "PositionsMultiRequest"},
	{75, "CANCEL_POSITIONS_MULTI", "CancelPositionsMulti"},
	{76, "REQ_ACCOUNT_UPDATES_MULTI", "AccountUpdatesMultiRequest"},
	{77, "CANCEL_ACCOUNT_UPDATES_MULTI", "CancelAccountUpdatesMulti"},
	{78, "REQ_SEC_DEF_OPT_PARAMS", "SecDefOptParamsRequest"},
	{79, "REQ_SOFT_DOLLAR_TIERS", "SoftDollarTiersRequest"},
	{80, "REQ_FAMILY_CODES", "FamilyCodesRequest"},
	{81, "REQ_MATCHING_SYMBOLS", "MatchingSymbolsRequest"},
	{82, "REQ_MKT_DEPTH_EXCHANGES", "MarketDepthExchangesRequest"},
	{83, "REQ_SMART_COMPONENTS", "SmartComponentsRequest"},
	{84, "REQ_NEWS_ARTICLE", "NewsArticleRequest"},
	{85, "REQ_NEWS_PROVIDERS", "NewsProvidersRequest"},
	{86, "REQ_HISTORICAL_NEWS", "HistoricalNewsRequest"},
	{87, "REQ_HEAD_TIMESTAMP", "HeadTimestampRequest"},
	{88, "REQ_HISTOGRAM_DATA", "HistogramDataRequest"},
	{89, "CANCEL_HISTOGRAM_DATA", "CancelHistogramData"},
	{90, "CANCEL_HEAD_TIMESTAMP", "CancelHeadTimestamp"},
	{91, "REQ_MARKET_RULE", "MarketRuleRequest"},
	{92, "REQ_PNL", "PnLRequest"},
	{93, "CANCEL_PNL", "CancelPnL"},
	{94, "REQ_PNL_SINGLE", "PnLSingleRequest"},
	{95, "CANCEL_PNL_SINGLE", "CancelPnLSingle"},
	{96, "REQ_HISTORICAL_TICKS", "HistoricalTicksRequest"},
	{97, "REQ_TICK_BY_TICK_DATA", "TickByTickRequest"},
	{98, "CANCEL_TICK_BY_TICK_DATA", "CancelTickByTick"},
	{99, "REQ_COMPLETED_ORDERS", "CompletedOrdersRequest"},
	{100, "REQ_WSH_META_DATA", "WshMetaDataRequest"},
	{101, "CANCEL_WSH_META_DATA", "CancelWshMetaData"},
	{102, "REQ_WSH_EVENT_DATA", "WshEventDataRequest"},
	{103, "CANCEL_WSH_EVENT_DATA", "CancelWshEventData"},
	{104, "REQ_USER_INFO", "UserInfoRequest"},
	{105, "REQ_CURRENT_TIME_IN_MILLIS", "CurrentTimeInMillisRequest"},
	{106, "CANCEL_CONTRACT_DATA", "CancelContractData"},
	{107, "CANCEL_HISTORICAL_TICKS", "CancelHistoricalTicks"},
	{108, "REQ_CONFIG", "ConfigRequest"},
	{109, "UPDATE_CONFIG", "UpdateConfigRequest"},
}

// serverMessages are sent by the server, by ascending id.
var serverMessages = [...]messageRow{
	{1, "TICK_PRICE", "TickPrice"},
	{2, "TICK_SIZE", "TickSize"},
	{3, "ORDER_STATUS", "OrderStatus"},
	{4, "ERR_MSG", "ErrorMessage"},
	{5, "OPEN_ORDER", "OpenOrder"},
	{6, "ACCT_VALUE", "AccountValue"},
	{7, "PORTFOLIO_VALUE", "PortfolioValue"},
	{8, "ACCT_UPDATE_TIME", "AccountUpdateTime"},
	{9, "NEXT_VALID_ID", "NextValidId"},
	{10, "CONTRACT_DATA", "ContractData"},
	{11, "EXECUTION_DATA", "ExecutionDetails"},
	{12, "MARKET_DEPTH", "MarketDepth"},
	{13, "MARKET_DEPTH_L2", "MarketDepthL2"},
	{14, "NEWS_BULLETINS", "NewsBulletin"},
	{15, "MANAGED_ACCTS", "ManagedAccounts"},
	{16, "RECEIVE_FA", "ReceiveFA"},
	{17, "HISTORICAL_DATA", "HistoricalData"},
	{18, "BOND_CONTRACT_DATA", "ContractData"},
	{19, "SCANNER_PARAMETERS", "ScannerParameters"},
	{20, "SCANNER_DATA", "ScannerData"},
	{21, "TICK_OPTION_COMPUTATION", "TickOptionComputation"},
	{45, "TICK_GENERIC", "TickGeneric"},
	{46, "TICK_STRING", "TickString"},
	{47, "TICK_EFP", ""},
	{49, "CURRENT_TIME", "CurrentTime"},
	{50, "REAL_TIME_BARS", "RealTimeBarTick"},
	{51, "FUNDAMENTAL_DATA", "FundamentalsData"},
	{52, "CONTRACT_DATA_END", "ContractDataEnd"},
	{53, "OPEN_ORDER_END", "OpenOrdersEnd"},
	{54, "ACCT_DOWNLOAD_END", "AccountDataEnd"},
	{55, "EXECUTION_DATA_END", "ExecutionDetailsEnd"},
	{56, "DELTA_NEUTRAL_VALIDATION", ""},
	{57, "TICK_SNAPSHOT_END", "TickSnapshotEnd"},
	{58, "MARKET_DATA_TYPE", "MarketDataType"},
	{59, "COMMISSION_AND_FEES_REPORT", "CommissionAndFeesReport"},
	{61, "POSITION_DATA", "Position"},
	{62, "POSITION_END", "PositionEnd"},
	{63, "ACCOUNT_SUMMARY", "AccountSummary"},
	{64, "ACCOUNT_SUMMARY_END", "AccountSummaryEnd"},
	{65, "VERIFY_MESSAGE_API", "VerifyMessageApi"},
	{66, "VERIFY_COMPLETED", "VerifyCompleted"},
	{67, "DISPLAY_GROUP_LIST", "DisplayGroupList"},
	{68, "DISPLAY_GROUP_UPDATED", "DisplayGroupUpdated"},
	{69, "VERIFY_AND_AUTH_MESSAGE_API", ""},
	{70, "VERIFY_AND_AUTH_COMPLETED", ""},
	{71, "POSITION_MULTI", "PositionMulti"},
	{72, "POSITION_MULTI_END", "PositionMultiEnd"},
	{73, "ACCOUNT_UPDATE_MULTI", "AccountUpdateMulti"},
	{74, "ACCOUNT_UPDATE_MULTI_END", "AccountUpdateMultiEnd"},
	{75, "SECURITY_DEFINITION_OPTION_PARAMETER", "SecDefOptParameter"},
	{76, "SECURITY_DEFINITION_OPTION_PARAMETER_END", "SecDefOptParameterEnd"},
	{77, "SOFT_DOLLAR_TIERS", "SoftDollarTiers"},
	{78, "FAMILY_CODES", "FamilyCodes"},
	{79, "SYMBOL_SAMPLES", "SymbolSamples"},
	{80, "MKT_DEPTH_EXCHANGES", "MarketDepthExchanges"},
	{81, "TICK_REQ_PARAMS", "TickReqParams"},
	{82, "SMART_COMPONENTS", "SmartComponents"},
	{83, "NEWS_ARTICLE", "NewsArticle"},
	{84, "TICK_NEWS", "TickNews"},
	{85, "NEWS_PROVIDERS", "NewsProviders"},
	{86, "HISTORICAL_NEWS", "HistoricalNews"},
	{87, "HISTORICAL_NEWS_END", "HistoricalNewsEnd"},
	{88, "HEAD_TIMESTAMP", "HeadTimestamp"},
	{89, "HISTOGRAM_DATA", "HistogramData"},
	{90, "HISTORICAL_DATA_UPDATE", "HistoricalDataUpdate"},
	{91, "REROUTE_MKT_DATA_REQ", "RerouteMarketDataRequest"},
	{92, "REROUTE_MKT_DEPTH_REQ", "RerouteMarketDepthRequest"},
	{93, "MARKET_RULE", "MarketRule"},
	{94, "PNL", "PnL"},
	{95, "PNL_SINGLE", "PnLSingle"},
	{96, "HISTORICAL_TICKS", "HistoricalTicks"},
	{97, "HISTORICAL_TICKS_BID_ASK", "HistoricalTicksBidAsk"},
	{98, "HISTORICAL_TICKS_LAST", "HistoricalTicksLast"},
	{99, "TICK_BY_TICK", "TickByTickData"},
	{100, "ORDER_BOUND", "OrderBound"},
	{101, "COMPLETED_ORDER", "CompletedOrder"},
	{102, "COMPLETED_ORDERS_END", "CompletedOrdersEnd"},
	{103, "REPLACE_FA_END", "ReplaceFAEnd"},
	{104, "WSH_META_DATA", "WshMetaData"},
	{105, "WSH_EVENT_DATA", "WshEventData"},
	{106, "HISTORICAL_SCHEDULE", "HistoricalSchedule"},
	{107, "USER_INFO", "UserInfo"},
	{108, "HISTORICAL_DATA_END", "HistoricalDataEnd"},
	{109, "CURRENT_TIME_IN_MILLIS", "CurrentTimeInMillis"},
	{110, "CONFIG_RESPONSE", "ConfigResponse"},
	{111, "UPDATE_CONFIG_RESPONSE", "UpdateConfigResponse"},
}

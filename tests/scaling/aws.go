package main

// A Figure is a price or a quota of AWS.
type Figure struct {
	What   string
	Value  float64
	Unit   string
	Source string // the page of AWS that has it
	Seen   string // where it was read: that page, or another, or nowhere
}

// Where a figure was read, in stored copies of public pages, in November 2026. AWS fills in the numbers
// of its price pages by a script, so copies of those pages have none.
const (
	there   = "read there" // or in AWS's copy of that page for China
	another = "read on another site"
	memory  = "from memory"
)

const (
	lambdaPrices      = "https://aws.amazon.com/lambda/pricing/"
	dynamoPrices      = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
	logPrices         = "https://aws.amazon.com/cloudwatch/pricing/"
	managerPrices     = "https://aws.amazon.com/secrets-manager/pricing/"
	gatewayPrices     = "https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html"
	lambdaQuotas      = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
	lambdaConcurrency = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html"
	lambdaScaling     = "https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html"
	gatewayQuotas     = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"
	dynamoQuotas      = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
	dynamoWarm        = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html"
	managerQuotas     = "https://aws.amazon.com/about-aws/whats-new/2025/03/aws-secrets-manager-increases-api-requests-seconds/"
	lambdaMemory      = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"
	logEvents         = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"
)

// Prices of us-east-1, on demand, without free tier.
var (
	lambdaCall     = Figure{"Lambda, invocations", 0.20, "$ a million", lambdaPrices, another}
	lambdaTime     = Figure{"Lambda, time on arm64", 0.0000133334, "$ a GB-second", lambdaPrices, another}
	writeUnits     = Figure{"DynamoDB, write request units", 0.625, "$ a million", dynamoPrices, another}
	readUnits      = Figure{"DynamoDB, read request units", 0.125, "$ a million", dynamoPrices, another}
	tableStorage   = Figure{"DynamoDB, storage", 0.25, "$ a GB and month", dynamoPrices, memory}
	tableRecovery  = Figure{"DynamoDB, point-in-time recovery", 0.20, "$ a GB and month", dynamoPrices, memory}
	logIngestion   = Figure{"CloudWatch Logs, first 10 TB a month", 0.50, "$ a GB", logPrices, another}
	logIngestion20 = Figure{"CloudWatch Logs, next 20 TB", 0.25, "$ a GB", logPrices, another}
	logIngestion30 = Figure{"CloudWatch Logs, next 20 TB", 0.10, "$ a GB", logPrices, another}
	logIngestion50 = Figure{"CloudWatch Logs, above 50 TB", 0.05, "$ a GB", logPrices, another}
	logStorage     = Figure{"CloudWatch Logs, storage", 0.03, "$ a GB and month", logPrices, another}
	secretCalls    = Figure{"Secrets Manager, calls", 5, "$ a million", managerPrices, memory}
	secretMonth    = Figure{"Secrets Manager, a secret", 0.40, "$ a month", managerPrices, memory}
	restCalls      = Figure{"REST API, first 333 million a month", 3.50, "$ a million", gatewayPrices, there}
	restCalls667   = Figure{"REST API, next 667 million", 2.80, "$ a million", gatewayPrices, there}
	restCalls19    = Figure{"REST API, next 19 billion", 2.38, "$ a million", gatewayPrices, there}
	restCalls20    = Figure{"REST API, above 20 billion", 1.51, "$ a million", gatewayPrices, there}
	httpCalls      = Figure{"HTTP API, first 300 million a month", 1.00, "$ a million", gatewayPrices, there}
)

// Quotas of a region; those marked "raised on request" are defaults.
var (
	concurrency   = Figure{"functions at once, of an account", 1000, "raised on request; a new account has less", lambdaQuotas, there}
	callsEach     = Figure{"invocations a second for each of these", 10, "fixed", lambdaConcurrency, another}
	growth        = Figure{"new sandboxes of a function in 10 s", 1000, "fixed", lambdaScaling, there}
	gatewayRate   = Figure{"requests a second, of all APIs of an account", 10000, "raised on request; 2,500 in some regions", gatewayQuotas, there}
	newWrites     = Figure{"writes a second, of a new table", 4000, "twice the last peak within 30 minutes; more by warm throughput", dynamoWarm, there}
	newReads      = Figure{"reads a second, of a new table", 12000, "as above", dynamoWarm, there}
	tableUnits    = Figure{"writes, and reads, a second, of a table", 40000, "raised on request", dynamoQuotas, there}
	keyWrites     = Figure{"writes a second, of one item", 1000, "fixed", dynamoWarm, there}
	keyReads      = Figure{"reads a second, of one item", 3000, "fixed", dynamoWarm, there}
	secretRate    = Figure{"secrets read a second", 10000, "fixed", managerQuotas, there}
	fullProcessor = Figure{"memory that comes with a whole processor", 1769, "MB", lambdaMemory, memory}
	lineOverhead  = Figure{"bytes that a log line costs beyond its text", 26, "bytes", logEvents, there}
)

var (
	prices = []Figure{lambdaCall, lambdaTime, writeUnits, readUnits, tableStorage, tableRecovery, logIngestion, logIngestion20, logIngestion30,
		logIngestion50, logStorage, secretCalls, secretMonth, restCalls, restCalls667, restCalls19, restCalls20, httpCalls}
	quotas = []Figure{concurrency, callsEach, growth, gatewayRate, newWrites, newReads, tableUnits, keyWrites, keyReads, secretRate, fullProcessor, lineOverhead}
)

// What only AWS can show, and is assumed. Times are milliseconds.
const (
	callTime        = 3.0   // a call of DynamoDB from a function; AWS says "single-digit milliseconds"
	transactionTime = 10.0  // a transaction, during which others on its items are cancelled
	coldTime        = 200.0 // a cold start: a sandbox is made and the function started
	theirTime       = 50.0  // the deployer's own function, behind the authorizer
	usesADelivery   = 20    // uses that CloudWatch Logs delivers at once
	keysASandbox    = 1     // secrets that a sandbox reads: the pepper, or the signing secret
	rereadSeconds   = 300.0 // a sandbox reads its secret again (shared/secret, maxAge)
)

// Lambda's own lines of an invocation, as text logs have them (AWS Lambda developer guide, "Using
// CloudWatch Logs with Lambda").
var lambdasLines = []string{
	"START RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Version: $LATEST\n",
	"END RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\n",
	"REPORT RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\tDuration: 7.42 ms\tBilled Duration: 8 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\t\n",
}

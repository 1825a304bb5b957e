package main

import "math"

const million = 1e6

// Memory of the functions, in template.yaml.
const (
	memoryMB      = 256
	loginMemoryMB = 1024
)

// A cost is dollars for a million of something, part by part.
type cost struct {
	calls, time, table, log float64
}

func (c cost) sum() float64 { return c.calls + c.time + c.table + c.log }

func (c cost) plus(o cost) cost {
	return cost{c.calls + o.calls, c.time + o.time, c.table + o.table, c.log + o.log}
}

// millis is how long an invocation takes and is billed: it waits for DynamoDB, and has a share of a
// processor that grows with its memory. The share is used up to the last only under steady load, so
// this is the upper end.
func millis(c Call, memory float64) float64 {
	wait := 0.0
	for operation, n := range c.Calls {
		if operation == "TransactWriteItems" {
			wait += float64(n) * transactionTime
		} else {
			wait += float64(n) * callTime
		}
	}
	return wait + c.CPU/math.Min(1, memory/fullProcessor.Value)
}

// logBytes is what CloudWatch Logs bills for an invocation: our line and Lambda's three.
func logBytes(c Call) float64 {
	n := float64(c.Log) + lineOverhead.Value
	for _, line := range lambdasLines {
		n += float64(len(line)) + lineOverhead.Value
	}
	return n
}

// costOf is that of a million invocations.
func costOf(c Call, memory float64) cost {
	return cost{
		calls: lambdaCall.Value,
		time:  million * millis(c, memory) / 1000 * memory / 1024 * lambdaTime.Value,
		table: c.Reads*readUnits.Value + c.Writes*writeUnits.Value,
		log:   million * logBytes(c) / 1e9 * logIngestion.Value,
	}
}

// counting is the cost of counting a million uses that come so many a delivery.
func counting(delivery Call, uses float64) float64 { return costOf(delivery, memoryMB).sum() / uses }

// secrets is the cost of the secret that each sandbox reads every five minutes, for a million checks
// at a steady rate: checks a second divided by those that a sandbox does.
func secrets(c Call) float64 {
	sandboxesForEachRate := millis(c, memoryMB) / 1000
	return million * sandboxesForEachRate * keysASandbox / rereadSeconds * secretCalls.Value / million
}

// A tier is a price up to an amount.
type tier struct {
	upTo  float64
	price float64
}

// tiered is the price of an amount of which each tier has its own.
func tiered(amount float64, tiers ...tier) float64 {
	sum, from := 0.0, 0.0
	for _, t := range tiers {
		sum += math.Max(0, math.Min(amount, t.upTo)-from) * t.price
		from = t.upTo
	}
	return sum
}

func logPrice(gigabytes float64) float64 {
	return tiered(gigabytes, tier{10e3, logIngestion.Value}, tier{30e3, logIngestion20.Value}, tier{50e3, logIngestion30.Value}, tier{math.Inf(1), logIngestion50.Value})
}

func restPrice(millions float64) float64 {
	return tiered(millions, tier{333, restCalls.Value}, tier{1000, restCalls667.Value}, tier{20e3, restCalls19.Value}, tier{math.Inf(1), restCalls20.Value})
}

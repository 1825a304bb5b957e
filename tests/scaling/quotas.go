package main

import "math"

// A need is how much of a quota a rate of requests takes.
type need struct {
	what  string
	of    func(rate float64) float64
	quota float64
	raise string // how the quota is raised
}

// needs are those of requests to an API of the deployer's, each of which runs the authorizer, which checks
// a limited key, and a function.
func needs(m Measured) []need {
	check := m.Calls["key, limited"]
	each := m.Calls["a delivery of 20 uses of one entry"]
	delivered := func(rate float64) float64 { return rate / usesADelivery }
	atOnce := func(rate float64) float64 { return rate * (millis(check, memoryMB) + theirTime) / 1000 }
	counted := func(rate float64) float64 { return delivered(rate) * millis(each, memoryMB) / 1000 }
	return []need{
		{"Lambda: invocations a second, two a request", func(r float64) float64 { return 2 * r }, callsEach.Value * concurrency.Value, "raised with the concurrency"},
		{"API Gateway: requests a second", func(r float64) float64 { return r }, gatewayRate.Value, gatewayRate.Unit},
		{"DynamoDB: writes a second, new table", func(r float64) float64 { return r*check.Writes + delivered(r)*each.Writes }, newWrites.Value, newWrites.Unit},
		{"DynamoDB: writes a second, any table", func(r float64) float64 { return r*check.Writes + delivered(r)*each.Writes }, tableUnits.Value, tableUnits.Unit},
		{"Lambda: functions at once", func(r float64) float64 { return atOnce(r) + counted(r) }, concurrency.Value, concurrency.Unit},
		{"Lambda: new sandboxes in 10 s, of the authorizer", func(r float64) float64 { return math.Min(r*(millis(check, memoryMB)+coldTime)/1000, r) }, growth.Value, growth.Unit},
		{"Secrets Manager: reads a second, all sandboxes new", func(r float64) float64 { return math.Min(growth.Value, r*(millis(check, memoryMB)+coldTime)/1000) }, secretRate.Value, secretRate.Unit},
		{"Counting: deliveries a second to one entry, if one key sends a tenth", func(r float64) float64 { return delivered(r) * (1 - math.Pow(0.9, usesADelivery)) }, entryRate, "simulated below"},
		{"DynamoDB: the busiest limited key, a tenth of all requests", func(r float64) float64 { return r / 10 * check.Writes }, keyWrites.Value, keyWrites.Unit},
		{"DynamoDB: the same key, unlimited", func(r float64) float64 { return r / 10 * m.Calls["key, unlimited"].Reads }, keyReads.Value, keyReads.Unit},
	}
}

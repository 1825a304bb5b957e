package main

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"strings"
)

var place = regexp.MustCompile(`(?s)(<!-- table: ([a-z ]+) -->\n).*?(<!-- end of table -->)`)

// tables computes all tables of the document, by their names.
func tables() (map[string]string, error) {
	m, err := measuredNow()
	if err != nil {
		return nil, err
	}
	sizes, err := sizesTable()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"sizes":    sizes,
		"measured": measuredTable(m), "cost": costTable(m), "settings": settingsTable(m), "month": monthTable(m),
		"quotas": quotaTable(m), "burst": burstTable(m), "counting": countingTable(), "prices": figureTable(prices), "aws quotas": figureTable(quotas),
	}, nil
}

// withTables puts the tables into their places in a document.
func withTables(document string, tables map[string]string) (string, error) {
	var unknown error
	left := maps.Clone(tables)
	filled := place.ReplaceAllStringFunc(document, func(found string) string {
		parts := place.FindStringSubmatch(found)
		text, ok := tables[parts[2]]
		if !ok {
			unknown = fmt.Errorf("no table is called %q", parts[2])
		}
		delete(left, parts[2])
		return parts[1] + text + parts[3]
	})
	for name := range left {
		unknown = fmt.Errorf("the document has no place for the table %q", name)
	}
	return filled, unknown
}

func table(head string, rows ...[]string) string {
	var b strings.Builder
	columns := strings.Count(head, "|") + 1
	fmt.Fprintf(&b, "| %s |\n|%s\n", head, strings.Repeat("---|", columns))
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}

func dollars(x float64) string {
	switch {
	case x == 0:
		return "–"
	case x < 0.005:
		return "under $0.01"
	case x >= 1000:
		return "$" + grouped(math.Round(x))
	}
	return fmt.Sprintf("$%.2f", math.Round(100*x)/100)
}

// grouped is a whole number with commas.
func grouped(x float64) string {
	text := fmt.Sprintf("%.0f", x)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func measuredTable(m Measured) string {
	var rows [][]string
	for _, name := range []string{
		"key, limited", "key, unlimited", "session, limited", "session, unlimited", "client token, limited", "client token, unlimited",
		"a function of Latchkey", "a login", "a delivery of 1 use", "a delivery of 20 uses of one entry", "a delivery of 20 uses of 20 keys",
	} {
		c := m.Calls[name]
		cpu := "–"
		if c.CPU > 0 {
			cpu = fmt.Sprintf("%.1f ms", c.CPU)
		}
		rows = append(rows, []string{name, calls(c), fmt.Sprint(c.Reads), fmt.Sprint(c.Writes), fmt.Sprintf("%.2f KB", logBytes(c)/1000), cpu})
	}
	return table("An invocation | calls of DynamoDB | read units | write units | log | CPU", rows...) +
		fmt.Sprintf("\nBytes of an item: a key %d, a session %d, an entry of uses %d, another entry %d.\n",
			m.Items["KEY KEY"], m.Items["SESSION SESSION"], m.Items["USES USE"], m.Items["KEY AUDIT"])
}

func calls(c Call) string {
	var all []string
	for _, operation := range []string{"GetItem", "PutItem", "UpdateItem", "TransactWriteItems"} {
		switch n := c.Calls[operation]; n {
		case 0:
		case 1:
			all = append(all, operation)
		default:
			all = append(all, fmt.Sprintf("%d × %s", n, operation))
		}
	}
	return strings.Join(all, ", ")
}

func costTable(m Measured) string {
	check, function := costOf(m.Calls["key, limited"], memoryMB), costOf(m.Calls["a function of Latchkey"], memoryMB)
	uses := counting(m.Calls["a delivery of 20 uses of one entry"], usesADelivery)
	of := func(name string) cost { return costOf(m.Calls[name], memoryMB) }
	var rows [][]string
	for _, row := range []struct {
		title   string
		cost    cost
		counted float64
	}{
		{"key, limited", check, uses},
		{"key, unlimited (`RateLimit…=0`)", of("key, unlimited"), uses},
		{"token of a user, limited", of("session, limited"), 0},
		{"token of a user, unlimited", of("session, unlimited"), 0},
		{"token made from a key, limited", of("client token, limited"), uses},
		{"Latchkey's own route: the check of a limited key, and the function", check.plus(function), uses},
		{"logins", costOf(m.Calls["a login"], loginMemoryMB), 0},
	} {
		c := row.cost
		rows = append(rows, []string{row.title, dollars(c.calls), dollars(c.time), dollars(c.table), dollars(c.log), dollars(row.counted), "**" + dollars(c.sum()+row.counted) + "**"})
	}
	return table("A million checks | calls | time | DynamoDB | log | counting | together", rows...)
}

func settingsTable(m Measured) string {
	check, one := m.Calls["key, limited"], m.Calls["a delivery of 1 use"]
	whole := costOf(check, memoryMB).sum() + counting(m.Calls["a delivery of 20 uses of one entry"], usesADelivery)
	var rows [][]string
	add := func(setting string, cost float64, note string) {
		rows = append(rows, []string{setting, dollars(cost), note})
	}
	for _, memory := range []float64{128, memoryMB, 512, 1024} {
		add(fmt.Sprintf("`MemorySize: %.0f`", memory), whole+costOf(check, memory).time-costOf(check, memoryMB).time, fmt.Sprintf("a check takes %.0f ms at most", millis(check, memory)))
	}
	for _, requests := range []float64{10, 100} {
		add(fmt.Sprintf("`ReauthorizeEvery: 60`, callers send %.0f a minute", requests), whole/requests, "a million requests, which are fewer checks")
	}
	for _, uses := range []float64{1, 5, 20, 100} {
		add(fmt.Sprintf("uses a delivery: %.0f", uses), costOf(check, memoryMB).sum()+counting(one, uses), fmt.Sprintf("of it %s for counting", dollars(counting(one, uses))))
	}
	each := counting(m.Calls["a delivery of 20 uses of 20 keys"], usesADelivery)
	add("uses a delivery: 20, each of another key", costOf(check, memoryMB).sum()+each, fmt.Sprintf("of it %s for counting", dollars(each)))
	for _, days := range []float64{14, 90, 365} {
		add(fmt.Sprintf("`LogRetentionDays=%.0f`", days), whole+million*logBytes(check)/1e9*logStorage.Value*days/30, "at most: the storage of their lines, if they did not compress")
	}
	entries := float64(m.Items["USES USE"]) * million / 1e9 * (tableStorage.Value + tableRecovery.Value) * 400 / 30
	add("`AuditRetentionDays=400`", whole+entries/10, fmt.Sprintf("if each entry counts ten uses; a million entries cost %s in all", dollars(entries)))
	add("secrets, read every five minutes", whole+secrets(check), fmt.Sprintf("under steady load; %s at one check a second", dollars(million/rereadSeconds*secretCalls.Value/million)))
	return table("Setting | A million checks of a limited key | ", rows...)
}

func monthTable(m Measured) string {
	const month = 30 * 24 * 3600
	check, delivery := m.Calls["key, limited"], m.Calls["a delivery of 20 uses of one entry"]
	var rows [][]string
	for _, rate := range []float64{10, 100, 1_000, 10_000, 100_000} {
		millions := rate * month / million
		gigabytes := millions * million * (logBytes(check) + logBytes(delivery)/usesADelivery) / 1e9
		flat := millions * (costOf(check, memoryMB).sum() + counting(delivery, usesADelivery) - (costOf(check, memoryMB).log + costOf(delivery, memoryMB).log/usesADelivery))
		saved := millions * (costOf(check, memoryMB).table - costOf(m.Calls["key, unlimited"], memoryMB).table)
		own := flat + logPrice(gigabytes)
		rows = append(rows, []string{grouped(rate), grouped(millions), dollars(own), dollars(own - saved), dollars(restPrice(millions))})
	}
	return table("Requests a second | millions a month | checks of limited keys | of unlimited keys | your REST API, which you pay anyway", rows...)
}

func quotaTable(m Measured) string {
	var rows [][]string
	for _, n := range needs(m) {
		row := []string{n.what}
		for _, rate := range []float64{1_000, 10_000, 100_000} {
			text := grouped(n.of(rate))
			if n.of(rate) > n.quota {
				text = "**" + text + "**"
			}
			row = append(row, text)
		}
		rows = append(rows, append(row, grouped(n.quota), n.raise))
	}
	return table("Need at so many requests a second | 1,000 | 10,000 | 100,000 | quota | ", rows...)
}

func burstTable(m Measured) string {
	var rows [][]string
	for _, rate := range []float64{100, 1_000, 4_000, 5_000, 10_000} {
		r := burst{
			rate: rate, seconds: 10, warm: []float64{millis(m.Calls["key, limited"], memoryMB) / 1000, theirTime / 1000}, cold: coldTime / 1000,
			atOnce: int(concurrency.Value), eachRate: callsEach.Value,
		}.run()
		rows = append(rows, []string{grouped(rate), grouped(float64(r.Sandboxes)), grouped(float64(r.Cold)), grouped(float64(r.Secrets)),
			fmt.Sprintf("%.0f %%", 100*float64(r.Refused)/float64(r.Requests))})
	}
	return table("From 0 to so many requests a second | sandboxes of the authorizer | requests that waited for a cold start | secrets read in the busiest second | refused by Lambda in the first 10 s", rows...)
}

const boundOfCounting = 20

func countingTable() string {
	var rows [][]string
	for _, n := range []float64{10, 40, 60, 80, 100, 200, 440} {
		row := []string{grouped(n)}
		for _, atMost := range []int{math.MaxInt, boundOfCounting} {
			h := hotEntry{deliveries: n, seconds: 60, atMost: atMost}
			r := h.run()
			row = append(row, fmt.Sprintf("%.1f s", r.Slowest), grouped(float64(r.AtOnce)), fmt.Sprintf("%.0f %%", 100*float64(r.Dropped)/(n*h.seconds)))
		}
		rows = append(rows, row)
	}
	return table(fmt.Sprintf("Deliveries a second to one entry, for a minute | the slowest 1 %% take over | functions at once | given up | bounded to %d: the slowest 1 %% | functions at once | given up", boundOfCounting), rows...)
}

func figureTable(figures []Figure) string {
	var rows [][]string
	for _, f := range figures {
		value := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.10f", f.Value), "0"), ".")
		if f.Value >= 1000 {
			value = grouped(f.Value)
		}
		rows = append(rows, []string{f.What, value, f.Unit, fmt.Sprintf("[%s](%s)", strings.Split(f.Source, "/")[2], f.Source), f.Seen})
	}
	return table("What | how much | | page | ", rows...)
}

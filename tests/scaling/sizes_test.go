package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/machine"
)

func TestCallsCostTheSameHoweverMuchTheTableHolds(t *testing.T) {
	cfg := awsenv.Config("DYNAMODB")
	m, address := metered(t, os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
	cfg.BaseEndpoint = &address
	spent := map[string]Spent{}
	for _, n := range []int{300, 3_000} {
		_, table := storetest.Table(t)
		k := fill(t, table, n)
		s := store.New(cfg, table)
		for _, q := range questions {
			m.take()
			must(t, q.ask(t.Context(), s, k))
			now := m.take()
			if before, known := spent[q.name]; known && !now.equal(before) {
				t.Errorf("%s: %+v with 300 items, and %+v with 3,000", q.name, before, now)
			}
			spent[q.name] = now
		}
	}
}

const mostRatio = 1.1

// BenchmarkSizes asks tables of three sizes in turns. Run it by `make scaling-sizes`, which writes sizes.json.
func BenchmarkSizes(b *testing.B) {
	if os.Getenv(writes) == "" {
		b.Skip("this takes minutes and gigabytes: run it by `make scaling-sizes`")
	}
	result := Sizes{When: time.Now().UTC().Format(time.DateOnly), Where: machine.Processor(), Items: []int{1_000, 100_000, 1_000_000}}
	var stores []*store.Store
	var keys []apikey.Key
	for _, n := range result.Items {
		_, table := storetest.Table(b)
		began := time.Now()
		keys = append(keys, fill(b, table, n))
		stores = append(stores, store.New(awsenv.Config("DYNAMODB"), table)) // not strict: the proxy's time is not the table's
		b.Logf("%d items were written in %v", n, time.Since(began).Round(time.Second))
	}
	for _, q := range questions {
		took := make([][]time.Duration, len(stores))
		for i := range 700 {
			for j, s := range stores {
				began := time.Now()
				must(b, q.ask(b.Context(), s, keys[j]))
				if i >= 200 { // warm
					took[j] = append(took[j], time.Since(began))
				}
			}
		}
		call := SizedCall{Name: q.name}
		for _, times := range took {
			slices.Sort(times)
			call.Millis = append(call.Millis, float64(times[len(times)/2].Microseconds())/1000)
		}
		if call.ratio() > mostRatio {
			b.Errorf("%s takes %.2f times as long with %d items as with %d", q.name, call.ratio(), result.Items[2], result.Items[0])
		}
		result.Calls = append(result.Calls, call)
	}
	text, err := json.MarshalIndent(result, "", "  ")
	must(b, err)
	must(b, os.WriteFile("sizes.json", append(text, '\n'), 0o600))
}

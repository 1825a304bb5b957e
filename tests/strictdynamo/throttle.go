package strictdynamo

import (
	"encoding/json"
	"sync"
)

// throttle is row 8: a partition key takes 1,000 write units and 3,000 read units a second,
// in the table and in each index. Only this promise is modelled: in any second (of ten tenths)
// so many units are allowed, and the rest is refused. AWS may let a burst pass, and the keys of
// one partition together may get less.
//
// Units depend on the items' sizes. The size of an updated item is known from the last request
// or answer that had the whole item. A read's units are counted when it is answered, because
// they are not known earlier.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
type throttle struct {
	mu     sync.Mutex
	meters map[string]*meter
	sizes  map[string]int // items of more than one write unit → bytes
}

func (t *throttle) serve(c *call, next step) (answer, error) {
	if !c.settings.on("8") {
		return next()
	}
	charges := make([][]charge, len(c.accesses))
	t.mu.Lock()
	for i, a := range c.accesses {
		charges[i] = t.charges(c, a)
	}
	refused := t.take(c, charges)
	t.mu.Unlock()
	all := len(refused) == len(c.accesses)
	if len(refused) > 0 && (c.operation != "BatchGetItem" || all) {
		return throttled(c, refused), nil
	}
	out, err := next()
	if err == nil {
		t.settle(c, charges, out)
		out = t.unprocessed(c, refused, out)
	}
	return out, err
}

// take counts all charges of a call. If some are too much, it counts none, and returns the
// first such charge of each access. A BatchGetItem is served in part.
func (t *throttle) take(c *call, charges [][]charge) map[int]charge {
	now, refused, sums := tenths(c.now()), map[int]charge{}, map[string]float64{}
	for _, list := range charges {
		for _, one := range list {
			sums[one.meter] += one.units
		}
	}
	if chance(c.settings.ThrottleRate) {
		refused[0] = charges[0][0]
	}
	for i, list := range charges {
		for _, one := range list {
			used := t.meter(one.meter, now).used(now)
			if _, already := refused[i]; !already && used > 0 && used+sums[one.meter] > one.limit {
				refused[i] = one
			}
		}
	}
	if len(refused) > 0 && c.operation != "BatchGetItem" {
		return refused
	}
	for i, list := range charges {
		if _, is := refused[i]; !is {
			for _, one := range list {
				t.meter(one.meter, now).add(now, one.units)
			}
		}
	}
	return refused
}

// settle counts the cost of reads once it is known, and keeps the sizes of the answer's items.
func (t *throttle) settle(c *call, charges [][]charge, out answer) {
	var got struct {
		Item, Attributes item
		Items            []item
		Responses        map[string][]item
	}
	if json.Unmarshal(out.body, &got) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := tenths(c.now())
	more := func(a *access, first charge, bytes int) {
		t.meter(first.meter, now).add(now, readCharge(c, a, bytes).units-first.units)
	}
	for i, a := range c.accesses {
		switch c.operation {
		case "Query":
			bytes := 0
			for _, it := range got.Items {
				bytes += it.size()
			}
			more(a, charges[i][0], bytes)
		case "GetItem":
			more(a, charges[i][0], got.Item.size())
			t.remember(a.id, got.Item.size())
		case "BatchGetItem":
			for _, it := range got.Responses[a.TableName] {
				if a.table.keyOf(it) == a.table.keyOf(a.Key) {
					more(a, charges[i][0], it.size())
					t.remember(a.id, it.size())
				}
			}
		default:
			t.settleWrite(a, out.ok(), max(got.Item.size(), got.Attributes.size()))
		}
	}
}

// settleWrite keeps an item's size. A Put has the whole item, and so has an answer that shows
// the item.
func (t *throttle) settleWrite(a *access, done bool, shown int) {
	switch {
	case done && a.kind == "Put":
		t.remember(a.id, a.Item.size())
	case done && a.kind == "Delete":
		t.remember(a.id, 0)
	case shown > 0:
		t.remember(a.id, shown)
	}
}

func (t *throttle) remember(id string, size int) {
	if size <= writeUnit {
		delete(t.sizes, id)
		return
	}
	if t.sizes == nil {
		t.sizes = map[string]int{}
	}
	t.sizes[id] = size
}

// unprocessed moves the refused keys out of a BatchGetItem's answer into its list of unprocessed keys.
func (t *throttle) unprocessed(c *call, refused map[int]charge, out answer) answer {
	var body map[string]any
	var got struct{ Responses map[string][]item }
	if len(refused) == 0 || json.Unmarshal(out.body, &body) != nil || json.Unmarshal(out.body, &got) != nil {
		return out
	}
	keys := map[string][]item{}
	for i := range refused {
		a := c.accesses[i]
		keys[a.TableName] = append(keys[a.TableName], a.Key)
		kept := []item{}
		for _, it := range got.Responses[a.TableName] {
			if a.table.keyOf(it) != a.table.keyOf(a.Key) {
				kept = append(kept, it)
			}
		}
		got.Responses[a.TableName] = kept
	}
	rest := map[string]any{}
	for name, list := range keys {
		rest[name] = map[string]any{"Keys": list, "ConsistentRead": c.request.RequestItems[name].ConsistentRead}
	}
	body["Responses"], body["UnprocessedKeys"] = got.Responses, rest
	return out.replace(body)
}

const throttleText = "Throughput exceeds the current capacity of your table or index. " +
	"DynamoDB is automatically scaling your table or index so please try again shortly. " +
	"If exceptions persist, check if you have a hot key: " +
	"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"

// throttled makes the refusal of an on-demand table.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html
func throttled(c *call, refused map[int]charge) answer {
	if c.transaction() {
		reasons := make([]*reason, len(c.accesses))
		for i := range refused {
			reasons[i] = &reason{"ThrottlingError", throttleText}
		}
		return cancelled(reasons)
	}
	why := []map[string]string{}
	for _, one := range refused {
		why = append(why, map[string]string{"reason": one.reason, "resource": one.resource})
	}
	return refuse(ofAvailability, "ThrottlingException", map[string]any{"message": throttleText, "throttlingReasons": why})
}

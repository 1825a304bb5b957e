package strictdynamo

import "math"

// A charge is the cost of an access to one partition.
type charge struct {
	meter    string
	units    float64
	limit    float64
	resource string // ARN
	reason   string
}

const (
	writeUnit = 1024 // bytes
	readUnit  = 4096
)

// charges returns the costs of an access that are known before it is answered.
func (t *throttle) charges(c *call, a *access) []charge {
	s := c.settings
	if a.kind == "Scan" { // it reads all partitions, each a little
		return []charge{{a.table.name + " scan", 1, math.Inf(1), a.table.arn, "TableReadKeyRangeThroughputExceeded"}}
	}
	if a.kind == "Query" {
		return []charge{readCharge(c, a, 0)}
	}
	if a.kind == "Get" {
		return []charge{readCharge(c, a, t.sizes[a.id])}
	}
	size := max(t.sizes[a.id], a.Item.size(), a.Key.size()+a.ExpressionAttributeValues.size())
	factor := 1.0
	if c.transaction() {
		factor = 2
	}
	list := []charge{{
		a.table.name + " w " + a.Key[a.table.hash].text(), factor * units(size, writeUnit),
		s.WriteUnits, a.table.arn, "TableWriteKeyRangeThroughputExceeded",
	}}
	for _, x := range a.table.indexes {
		for _, entry := range []item{x.entry(a.before), x.entry(a.Item)} {
			if entry != nil {
				list = append(list, charge{
					a.table.name + " " + x.name + " w " + entry[x.hash].text(), units(entry.size(), writeUnit),
					s.WriteUnits, x.arn, "IndexWriteKeyRangeThroughputExceeded",
				})
			}
		}
	}
	return list
}

// readCharge returns the cost of reading so many bytes. An eventually consistent read costs half.
func readCharge(c *call, a *access, bytes int) charge {
	n := units(bytes, readUnit)
	if !a.strong {
		n /= 2
	}
	if a.index != nil {
		return charge{a.table.name + " " + a.index.name + " r " + c.partition(a), n,
			c.settings.ReadUnits, a.index.arn, "IndexReadKeyRangeThroughputExceeded"}
	}
	hash := a.Key[a.table.hash].text()
	if a.kind == "Query" {
		hash = c.partition(a)
	}
	return charge{a.table.name + " r " + hash, n,
		c.settings.ReadUnits, a.table.arn, "TableReadKeyRangeThroughputExceeded"}
}

func units(bytes, unit int) float64 { return math.Max(1, math.Ceil(float64(bytes)/float64(unit))) }

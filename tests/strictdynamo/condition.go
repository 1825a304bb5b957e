package strictdynamo

import (
	"regexp"
	"strings"
)

// A keyCondition is one comparison of a KeyConditionExpression.
type keyCondition struct {
	attribute, operator string
	value, upper        attribute
}

var comparison = regexp.MustCompile(`(?i)begins_with\s*\(\s*([#\w]+)\s*,\s*(:\w+)\s*\)` +
	`|([#\w]+)\s+between\s+(:\w+)\s+and\s+(:\w+)` +
	`|([#\w]+)\s*(=|<=|>=|<|>)\s*(:\w+)`)

// keyCondition parses a Query's KeyConditionExpression.
func (c *call) keyCondition(a *access) []keyCondition {
	var list []keyCondition
	values := a.ExpressionAttributeValues
	for _, m := range comparison.FindAllStringSubmatch(c.request.KeyConditionExpression, -1) {
		switch {
		case m[1] != "":
			list = append(list, keyCondition{a.name(m[1]), "begins_with", values[m[2]], nil})
		case m[3] != "":
			list = append(list, keyCondition{a.name(m[3]), "between", values[m[4]], values[m[5]]})
		default:
			list = append(list, keyCondition{a.name(m[6]), m[7], values[m[8]], nil})
		}
	}
	return list
}

// partition returns the name of the partition that a Query reads.
func (c *call) partition(a *access) string {
	hash := a.table.hash
	if a.index != nil {
		hash = a.index.hash
	}
	for _, condition := range c.keyCondition(a) {
		if condition.attribute == hash {
			return condition.value.text()
		}
	}
	return ""
}

func (k keyCondition) holds(it item) bool {
	found := it[k.attribute]
	n := found.compare(k.value)
	switch k.operator {
	case "=":
		return n == 0
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	case ">=":
		return n >= 0
	case "between":
		return n >= 0 && found.compare(k.upper) <= 0
	default: // begins_with
		return strings.HasPrefix(found.text(), k.value.text())
	}
}

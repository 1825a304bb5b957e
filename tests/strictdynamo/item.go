package strictdynamo

import (
	"math/big"
	"strings"
	"unicode/utf8"
)

// An item maps names to values in the form of DynamoDB's JSON: {"S":"text"}.
type item map[string]attribute

type attribute map[string]any

// only returns the item's attributes with those names.
func (it item) only(names ...string) item {
	out := item{}
	for _, name := range names {
		if value, ok := it[name]; ok {
			out[name] = value
		}
	}
	return out
}

func (it item) has(names ...string) bool {
	for _, name := range names {
		if _, ok := it[name]; name != "" && !ok {
			return false
		}
	}
	return true
}

// size returns the bytes that DynamoDB bills for the item: its names and values.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func (it item) size() int {
	n := 0
	for name, value := range it {
		n += len(name) + value.size()
	}
	return n
}

func (a attribute) size() int {
	for kind, value := range a {
		switch v := value.(type) {
		case string:
			switch kind {
			case "N":
				return len(v)/2 + 1
			case "B":
				return len(v) * 3 / 4
			}
			return len(v)
		case []any: // of attributes, or a set
			n := 3
			for _, element := range v {
				if text, ok := element.(string); ok {
					n += utf8.RuneCountInString(text)
				} else {
					n += 1 + sizeOf(element)
				}
			}
			return n
		case map[string]any:
			n := 3
			for name, element := range v {
				n += len(name) + 1 + sizeOf(element)
			}
			return n
		}
	}
	return 1 // BOOL or NULL
}

func sizeOf(element any) int {
	inner, _ := element.(map[string]any)
	return attribute(inner).size()
}

// text returns a key's value with its type. Two texts are equal if their keys are equal.
func (a attribute) text() string {
	for kind, value := range a {
		if text, ok := value.(string); ok {
			return kind + ":" + text
		}
	}
	return ""
}

// compare orders two sort keys of one type.
func (a attribute) compare(b attribute) int {
	if n, ok := a["N"].(string); ok {
		other, _ := b["N"].(string)
		x, _ := new(big.Float).SetString(n)
		y, _ := new(big.Float).SetString(other)
		if x != nil && y != nil {
			return x.Cmp(y)
		}
	}
	return strings.Compare(a.text(), b.text())
}

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sums checks that the sums of each key, and of the deployment, are what the logs of the keys say. It is so in
// a table that no release without sums has counted in. It returns what is wrong.
func sums(t table) (wrong []string) {
	const all = "the deployment"
	logged, summed := map[string]int{}, map[string]int{}
	for _, it := range t.items {
		kind, id, _ := strings.Cut(it.PK, "#")
		switch {
		case kind == "USES":
			logged[id] += it.UseCount
			logged[all] += it.UseCount
		case kind == "USAGE" && strings.HasPrefix(id, "ALL#"):
			summed[all] += it.summed
		case kind == "USAGE":
			summed[it.KeyID] += it.summed
		}
	}
	for _, of := range slices.Sorted(maps.Keys(logged)) {
		if logged[of] != summed[of] {
			wrong = append(wrong, fmt.Sprintf("%s: the logs have %d uses, the sums %d", of, logged[of], summed[of]))
		}
		delete(summed, of)
	}
	for of, n := range summed {
		wrong = append(wrong, fmt.Sprintf("%s: no log has a use, the sums have %d", of, n))
	}
	return wrong
}

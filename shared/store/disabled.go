package store

import "github.com/latchkey/latchkey/shared/apikey"

// The item of a disabled key lacks what a credential is compared with: its hashes and its generation.
// They are kept under other names, until the key is enabled again. So every condition that lets a key
// or its token through fails for it, also the conditions of a release that does not know disabled keys
// and runs beside this one during an upgrade: there, the key and its tokens are not valid.
//
// Only reading and writing an item know of this. An apikey.Key has its hashes and its generation in any
// case, and DisabledAt.

const attrDisabledAt = "disabled_at"

// credentials are the names of the attributes that a credential is compared with.
type credentials struct{ hash, prevHash, generation string }

var (
	enabledNames  = credentials{"key_hash", "prev_hash", "generation"}
	disabledNames = credentials{"kept_hash", "kept_prev_hash", "kept_generation"}
)

// attributesOf returns the names in the item of a key.
func attributesOf(k apikey.Key) credentials {
	if k.DisabledAt != nil {
		return disabledNames
	}
	return enabledNames
}

func (c credentials) list() []string { return []string{c.hash, c.prevHash, c.generation} }

// inPlace returns an item with the attributes of a disabled key under the names of an enabled one. It
// returns every other item unchanged.
func inPlace(it item) item {
	if it[attrDisabledAt] == nil {
		return it
	}
	moved := make(item, len(it))
	for name, value := range it {
		moved[name] = value
	}
	for i, name := range disabledNames.list() {
		if value, kept := moved[name]; kept {
			moved[enabledNames.list()[i]] = value
			delete(moved, name)
		}
	}
	return moved
}

// turnOff moves the attributes of the item of an enabled key.
func turnOff(it item) {
	for i, name := range enabledNames.list() {
		if value, there := it[name]; there {
			it[disabledNames.list()[i]] = value
			delete(it, name)
		}
	}
}

// Package rehash owns the way by which a key gets its hash under the current version of the
// pepper: after a rotation, and an imported key at its first use. Only a check of the key has the secret for it, and a check makes one call to the table
// and no write besides. So it puts the new hash into the log line that it prints anyway:
//
//	check ─► Of ─► the line of the check ─► Applier ─► store.Rehash
//	                                    (functions/uses-count)
//
// Whoever can write to the log could give a key a hash of their choice, so the statement has a
// seal that only a holder of the pepper can make.
package rehash

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/secret"
)

// Of returns the Rehash of the key id with that hash, given the hashes of the full key that was
// presented. It returns nil if the hash is under the current version, or is the hash of another secret.
func Of(ring secret.Ring, id, hash string, presented []string) *apikey.Rehash {
	current, _ := ring.Current()
	i := slices.IndexFunc(presented, func(mac string) bool { return secret.VersionOf(mac) == current })
	if i < 0 || secret.VersionOf(hash) == current || !slices.Contains(presented, hash) {
		return nil
	}
	r := apikey.Rehash{From: hash, To: presented[i]}
	r.Seal = seal(ring, id, r)
	return &r
}

// seal returns the seal of a statement. It can be no hash of a key, because no key has a line break.
func seal(ring secret.Ring, id string, r apikey.Rehash) string {
	return ring.MAC(strings.Join([]string{"rehash", id, r.From, r.To}, "\n"))
}

// read returns the Rehash in the line of a check, and the id of its key, or nil.
func read(line string) (id string, r *apikey.Rehash) {
	if !strings.Contains(line, `"rehash":{`) {
		return "", nil
	}
	var l struct {
		Key    string         `json:"key"`
		Rehash *apikey.Rehash `json:"rehash"`
	}
	if json.Unmarshal([]byte(line), &l) != nil {
		return "", nil
	}
	return l.Key, l.Rehash
}

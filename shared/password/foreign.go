package password

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/latchkey/latchkey/shared/password/imported"
)

// mark is at the head of a hash that another product made. No hash of ours has it, so nothing that
// does not know of imports takes one for the other.
const mark = "imported:"

// Import returns what is stored of a hash that another product made. It is good for one login, at
// which Matches calls it stale.
func Import(hash string) (string, error) {
	if err := imported.Valid(hash); err != nil {
		return "", err
	}
	return mark + hash, nil
}

// lately is how long the last hash of ours took in this process, in nanoseconds.
var lately atomic.Int64

// matchesImported compares with another product's hash. It takes as long as a hash of ours, or
// longer if that hash costs more: see docs/moving-in.md on what this shows.
func (c Cost) matchesImported(password, hash string) (bool, error) {
	if lately.Load() == 0 {
		if _, err := c.Hash(password); err != nil {
			return false, err
		}
	}
	began := time.Now()
	matches, err := imported.Matches(password, strings.TrimPrefix(hash, mark))
	time.Sleep(time.Duration(lately.Load()) - time.Since(began))
	return matches, err
}

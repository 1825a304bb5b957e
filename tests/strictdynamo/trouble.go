package strictdynamo

import (
	"errors"
	"math/rand/v2"
	"time"
)

var errReset = errors.New("the connection is reset, as the settings ask")

// trouble is no row: it is what a network does to some calls, if the settings ask for it. A call that gets
// no answer may have been served.
func trouble(s *Settings, next step) (answer, error) {
	if chance(s.SlowRate) {
		time.Sleep(time.Duration(s.SlowMS) * time.Millisecond)
	}
	if !chance(s.ResetRate) {
		return next()
	}
	if rand.IntN(2) == 0 { //nolint:gosec // any one
		_, _ = next() // nobody learns of it
	}
	return answer{}, errReset
}

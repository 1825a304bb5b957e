// Package passwordtest has what a password costs in the tests that are not about this cost.
package passwordtest

import "github.com/latchkey/latchkey/shared/password"

// Cost is next to nothing. Under the race detector a hash of password.Minimum takes a third of a second on a busy machine.
var Cost = password.Cost{Memory: 64, Passes: 1}

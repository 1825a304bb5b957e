package owned

import (
	"errors"

	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

// changeTries is how many others may change a thing at the same moment: each failed try means that one has.
const changeTries = 20

// Changed makes a change, from the thing as it is then, and again while others are first: change returns
// store.ErrConflict. Error: DUPLICATE_RESOURCE, with what it is, if that does not end.
func Changed[T any](what string, change func() (T, error)) (T, error) {
	for range changeTries {
		now, err := change()
		if !errors.Is(err, store.ErrConflict) {
			return now, err
		}
	}
	var none T
	return none, problem.Duplicate.WithDetail("Others change the " + what + " at the same moment; try again")
}

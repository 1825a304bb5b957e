package process

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// margin is the time that a function keeps for itself: after its calls have timed out it still
// has to answer and to log.
const margin = 500 * time.Millisecond

// InTime returns h with a context that ends before Lambda ends the function. Every call that
// waits for the table or a secret then gives up, and the caller gets the function's own 503 with
// Retry-After.
func InTime(h lambda.Handler) lambda.Handler { return inTime{h} }

type inTime struct{ lambda.Handler }

func (h inTime) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-margin))
		defer cancel()
	}
	return h.Handler.Invoke(ctx, event)
}

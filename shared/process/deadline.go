package process

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// margin is what a function keeps of its time to word an answer and to log it, after the
// calls that it makes have run out of theirs.
const margin = 500 * time.Millisecond

// InTime is h with an end of its context that comes before Lambda ends the function. Whatever
// waits for a table or a secret gives up then, and the caller gets the function's own 503
// with Retry-After instead of no answer.
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

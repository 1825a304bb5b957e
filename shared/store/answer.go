package store

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"strconv"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A lostAnswer is an answer that did not arrive as it was sent. The SDK repeats the call.
type lostAnswer struct{ error }

func (lostAnswer) RetryableError() bool { return true }
func (l lostAnswer) Unwrap() error      { return l.error }

// wholeAnswers has a client read each answer whole before it uses it.
func wholeAnswers(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("WholeAnswers", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if res, ok := out.RawResponse.(*smithyhttp.Response); ok && err == nil {
			err = readWhole(res)
		}
		return out, metadata, err
	}), middleware.After)
}

var errChecksum = errors.New("the answer does not have its checksum")

// readWhole reads an answer and compares it with its checksum. The SDK compares the two only after
// it has used the answer, logs a difference and goes on.
func readWhole(res *smithyhttp.Response) error {
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close() // it was read
	if err != nil {
		return lostAnswer{err}
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	sum := res.Header.Get("X-Amz-Crc32")
	if sum != "" && sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) {
		return lostAnswer{errChecksum}
	}
	return nil
}

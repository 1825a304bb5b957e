// Package cacheflush makes a revocation hold at once where somebody's API caches what
// the authorizer answered: it flushes the authorizer caches of the stages that the
// deployment registers (CACHED_STAGES, from the parameter CachedStages).
//
//	handler ─► the change commits ─► flush each stage ─► the answer
//
// One flush serves all who asked before it began: API Gateway takes ten calls a second of an
// account, whatever they are for.
//
// Only REST APIs have such a flush; docs/authorizer.md says how long each setting lags.
package cacheflush

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

// timeout is for all stages together: the caller waits, and the change stands anyway.
const timeout = 3 * time.Second

// pause is how long one waits who finds somebody else at a flush: about the time of one.
const pause = 100 * time.Millisecond

// A Queue brings those together who ask for a flush of one stage at once; see store.AskFlush.
type Queue interface {
	AskFlush(ctx context.Context, stage string) (number int64, err error)
	TakeFlush(ctx context.Context, stage string, number int64, now time.Time) (upTo int64, err error)
	EndFlush(ctx context.Context, stage string, upTo int64) error
	DropFlush(ctx context.Context, stage string) error
}

// A Flusher empties the authorizer caches of its stages. Without stages it does nothing.
type Flusher struct {
	api    *apigateway.Client
	queue  Queue
	stages []stage
}

type stage struct{ api, name string }

func (s stage) String() string { return s.api + "/" + s.name }

// FromEnv reads CACHED_STAGES, apiId/stage separated by commas. It makes no call.
func FromEnv(e *env.Reader, q Queue) *Flusher {
	stages, err := parse(os.Getenv("CACHED_STAGES"))
	e.Fail(err)
	if len(stages) == 0 {
		return &Flusher{}
	}
	return newFlusher(awsenv.Config("API_GATEWAY"), q, stages)
}

func newFlusher(cfg aws.Config, q Queue, stages []stage) *Flusher {
	return &Flusher{apigateway.NewFromConfig(cfg), q, stages}
}

func parse(text string) ([]stage, error) {
	var stages []stage
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		api, name, ok := strings.Cut(word, "/")
		if !ok || api == "" || name == "" || strings.Contains(name, "/") {
			return nil, fmt.Errorf("environment variable CACHED_STAGES: %q is not apiId/stage", word)
		}
		stages = append(stages, stage{api, name})
	}
	return stages, nil
}

// After is h, and then a flush if h succeeded, or answered that there is nothing to revoke: the
// process of an earlier request may have deleted it, and been killed before its flush. A flush that
// fails is logged and counted (metric CacheFlushFailures), and changes nothing: the credential is
// revoked, and is refused everywhere once the caches' time is over.
func (f *Flusher) After(h gateway.Handler) gateway.Handler {
	return func(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
		res, err := h(ctx, r, p)
		if err == nil || errors.Is(err, problem.NotFound) {
			f.flush(ctx, r)
		}
		return res, err
	}
}

// AfterPublic is After for a route without the authorizer.
func (f *Flusher) AfterPublic(h gateway.PublicHandler) gateway.PublicHandler {
	return func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		res, err := h(ctx, r)
		if err == nil {
			f.flush(ctx, r)
		}
		return res, err
	}
}

func (f *Flusher) flush(ctx context.Context, r *gateway.Request) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, s := range f.stages {
		if err := f.flushStage(ctx, s); err != nil {
			slog.LogAttrs(ctx, slog.LevelError, "an authorizer cache is not flushed", append([]slog.Attr{
				slog.String("request_id", r.ID()), slog.String("api", s.api), slog.String("api_stage", s.name),
				slog.String("error", err.Error()),
			}, metric.Attrs(r.Now, metric.Value{Name: "CacheFlushFailures", Unit: metric.Count, Value: 1})...)...)
		}
	}
}

// flushStage returns when a flush has ended that began after the call of flushStage.
func (f *Flusher) flushStage(ctx context.Context, s stage) error {
	number, err := f.queue.AskFlush(ctx, s.String())
	if err != nil {
		return err
	}
	for {
		upTo, err := f.queue.TakeFlush(ctx, s.String(), number, time.Now())
		switch {
		case errors.Is(err, store.ErrConflict):
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		case err != nil || upTo == 0:
			return err
		default:
			return f.flushFor(ctx, s, upTo)
		}
	}
}

// flushFor flushes for everybody up to that number. The SDK repeats a call that is throttled.
func (f *Flusher) flushFor(ctx context.Context, s stage, upTo int64) error {
	_, err := f.api.FlushStageAuthorizersCache(ctx, &apigateway.FlushStageAuthorizersCacheInput{
		RestApiId: &s.api, StageName: &s.name,
	})
	if err != nil {
		return errors.Join(err, f.queue.DropFlush(ctx, s.String()))
	}
	return f.queue.EndFlush(ctx, s.String(), upTo)
}

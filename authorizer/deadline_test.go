package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/process"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/faults"
)

func TestFaultThatNeverEndsIsARefusalBeforeLambdaEndsTheAuthorizer(t *testing.T) {
	const functionTime = 1500 * time.Millisecond
	for _, fault := range []faults.Fault{faults.Throttled, faults.Hung, faults.Lost} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			cfg, table, proxy := storetest.Proxied(t)
			w := worldOver(t, store.New(cfg, table), modeFunction)
			_, full := w.key(nil)
			proxy.Line.FailAtRate(1, fault)
			e := get("X-Api-Key: " + full)
			e.Type = "REQUEST"
			event, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(ctx, functionTime)
			defer cancel()
			text, err := process.InTime(w.authorizer).Invoke(ctx, event)
			if err != nil {
				t.Fatal(err)
			}
			expect.Same(t, "Lambda had ended the function by then", ctx.Err() != nil, false)
			var answer events.APIGatewayCustomAuthorizerResponse
			if err := json.Unmarshal(text, &answer); err != nil {
				t.Fatal(err)
			}
			expect.Same[any](t, "the refusal", answer.Context[gateway.CtxRefusal], "SERVICE_UNAVAILABLE")
		})
	}
}

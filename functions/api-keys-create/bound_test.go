package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestOwnerHasNoMoreKeysThanTheDeploymentAllows(t *testing.T) {
	w := newWorld(t)
	w.f = gateway.Protected(handler{w.store, secret.NewSource(func(context.Context) (string, error) { return w.ring.Text(), nil }, time.Now), time.Hour, deployments, 2}.serve)
	for _, want := range []int{201, 201, 422} {
		expect.Same(t, "status", w.post(w.member(), `{"name":"one more"}`).Status, want)
		storetest.AwaitIndex()
	}
	a := w.post(w.admin(), `{"name":"of an administrator"}`)
	expect.Same(t, "the code", a.Code(t), "VALIDATION_ERROR")
	expect.Same(t, "the keys that exist", w.count(), 2)
}

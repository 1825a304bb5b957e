package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// A session that was opened before its user had to have a second factor ends when it is refreshed.
func TestASessionThatNoFactorOpenedEndsAtItsRefreshWhereOneIsRequired(t *testing.T) {
	s := storetest.New(t)
	for rule, status := range map[factor.Rule]int{factor.Nobody: 200, factor.Administrators: 200, factor.Everybody: 401} {
		f := familyOn(t, s) // of a member
		f.f = gateway.Public(s, nil, handler{s, f.issuer, rule, time.Hour}.serve)
		a := f.refresh(t, f.refreshToken(t, 0))
		expect.Same(t, string(rule)+": status", a.Status, status)
		_, _, err := s.CheckSession(context.Background(), f.ses.ID, nil, time.Now())
		expect.Same(t, string(rule)+": the session has ended", err != nil, status == 401)
		if status == 401 {
			expect.Same(t, string(rule)+": error_code", a.Code(t), "TOKEN_INVALID")
		}
	}
}

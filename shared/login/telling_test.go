package login_test

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	firefox = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0"
	updated = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0"
)

func TestUsersAreToldOnceOfADeviceAndAnAddressTogether(t *testing.T) {
	for name, limits := range map[string]ratelimit.Limits{"limits": {Window: 24 * time.Hour, Account: 20}, "no limits": {}} {
		d := newDoor(t)
		var told int
		l := login.New(d.store, limits, passwordtest.Cost, time.Hour).Telling(func(context.Context, session.Session) { told++ })
		do := func(address, agent, given string, confirms bool) int {
			t.Helper()
			f := gateway.Unlimited(func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
				if confirms {
					_, err := l.Confirm(ctx, r, ann, given)
					return gateway.NoContent(), err
				}
				_, _, err := l.Do(ctx, r, login.Given{Email: ann, Password: given}, time.Hour)
				return gateway.NoContent(), err
			})
			told = 0
			gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/login", Address: address, Header: map[string]string{"User-Agent": agent}})
			return told
		}
		expect.Same(t, name+": a wrong password", do(home, firefox, wrong, false), 0)
		expect.Same(t, name+": the first login", do(home, firefox, right, false), 1)
		expect.Same(t, name+": the same", do(home, firefox, right, false), 0)
		expect.Same(t, name+": the same device, updated", do(home, updated, right, false), 0)
		expect.Same(t, name+": another device there", do(home, "curl/8.5.0", right, false), 1)
		expect.Same(t, name+": the device elsewhere", do(laptop, firefox, right, false), 1)
		// A password that is given in a session makes nothing known: a thief of the session would prepare a login.
		expect.Same(t, name+": a proof elsewhere", do(attacker, firefox, right, true), 0)
		expect.Same(t, name+": a login after it", do(attacker, firefox, right, false), 1)
	}
}

// Whoever knows the password of somebody who must add a second factor could add their own.
func TestUsersAreToldOfASessionThatAddsASecondFactorFromANewAddress(t *testing.T) {
	d := newDoor(t)
	expect.Same(t, "a login, while nobody must have a factor", d.try(home, ann, right).Status, 204)
	told := map[string]int{}
	d.login.Requiring(factor.Everybody).Telling(func(_ context.Context, ses session.Session) { told[ses.Address]++ })
	for _, address := range []string{home, attacker, attacker} {
		d.try(address, ann, right)
	}
	expect.Same(t, "told of the address that is known", told[home], 0)
	expect.Same(t, "told of another, which stays new until a login is complete", told[attacker], 2)
}

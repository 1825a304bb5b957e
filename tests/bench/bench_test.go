// Package bench measures the check of a credential, which every request pays for, and that
// the time of a login does not reveal whether an address is registered.
package bench

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

var (
	ctx    = context.Background()
	limits = map[string]*ratelimit.Limit{
		"unlimited": nil,
		"limited":   {Category: ratelimit.Read, Max: 1 << 30, Window: time.Minute},
	}
)

func BenchmarkIdentify(b *testing.B) {
	s, now := storetest.New(b), time.Now()
	text := `{"current":"1","1":"` + strings.Repeat("s", 32) + `"}`
	source := secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now)
	ring, err := secret.ParseRing(text)
	if err != nil {
		b.Fatal(err)
	}
	tokens, err := token.NewAuthority("us", "them", source, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Scopes: []string{"read:stats"}, Generation: 1, CreatedAt: now}
	full := apikey.New("gf_", k.ID)
	k.Hash = ring.MAC(full)
	if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		b.Fatal(err)
	}
	ses := session.New(user.New("a@example.com", user.Member, now), time.Hour, "192.0.2.7", "bench", now)
	if err := s.CreateSession(ctx, ses, storetest.Entry(audit.SignedIn)); err != nil {
		b.Fatal(err)
	}
	jwt, err := tokens.Sign(ctx, ses.Claims(token.Session, time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	a := authn.New(s, tokens, source, nil)
	for kind, credential := range map[string]string{"key": full, "token": jwt} {
		for name, limit := range limits {
			b.Run(kind+"/"+name, func(b *testing.B) {
				var took []float64
				for b.Loop() {
					start := time.Now()
					if _, err := a.Identify(ctx, credential, authn.Request{Address: "192.0.2.7", Limit: limit, Now: start}); err != nil {
						b.Fatal(err)
					}
					took = append(took, float64(time.Since(start).Microseconds())/1000)
				}
				b.ReportMetric(median(took), "ms/median") // a mean would not do: DynamoDB Local sometimes stalls for seconds
			})
		}
	}
	b.Run("nonsense", func(b *testing.B) {
		for b.Loop() {
			if _, err := a.Identify(ctx, full[1:], authn.Request{Now: now}); err == nil {
				b.Fatal("admitted")
			}
		}
	})
}

// BenchmarkLogin takes turns between the two refusals, and changes which one goes first,
// because the second pays for the garbage of the first. Other work of the machine then slows
// both down equally.
func BenchmarkLogin(b *testing.B) {
	s := storetest.New(b)
	hash, err := password.Minimum.Hash("correct horse")
	if err != nil {
		b.Fatal(err)
	}
	if err := s.CreateUser(ctx, user.New("known@example.com", user.Member, time.Now()), hash, storetest.Entry(audit.Registered)); err != nil {
		b.Fatal(err)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // else a line for each login would hide the figures
	// The counts are part of the time.
	l := login.New(s, ratelimit.Limits{Window: 24 * time.Hour, Account: 1 << 30}, password.Minimum, time.Hour)
	email := ""
	f := gateway.Unlimited(func(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
		_, _, err := l.Do(ctx, r, login.Given{Email: email, Password: "wrong horse"}, time.Hour)
		return gateway.Response{}, err
	})
	took := map[string][]float64{}
	emails := []string{"known@example.com", "nobody@example.com"}
	for b.Loop() {
		slices.Reverse(emails)
		for _, email = range emails {
			start := time.Now()
			a := gatewaytest.Do(b, f, gatewaytest.Call{})
			took[email] = append(took[email], float64(time.Since(start).Microseconds())/1000)
			if a.Status != 401 {
				b.Fatal(a)
			}
		}
	}
	known, unknown := median(took["known@example.com"]), median(took["nobody@example.com"])
	b.ReportMetric(known, "ms/wrong-password")
	b.ReportMetric(unknown, "ms/unknown-email")
	b.ReportMetric(unknown/known, "unknown/wrong")
	if n := len(took["known@example.com"]); n >= 50 && (unknown/known < 0.95 || unknown/known > 1.05) {
		b.Errorf("over %d logins each the medians differ: %.2f ms and %.2f ms", n, known, unknown)
	}
}

// BenchmarkStaleHash compares the check of a hash that was made before the cost of passwords was
// raised with that of nobody's. Both do the same work, but the processor's cache speeds up the
// smaller memories of the first, by about a tenth.
func BenchmarkStaleHash(b *testing.B) {
	raised := password.Cost{Memory: 32 * 1024, Passes: 3}
	hash, err := password.Minimum.Hash("correct horse")
	if err != nil {
		b.Fatal(err)
	}
	took := map[string][]float64{}
	hashes := []string{hash, ""}
	for b.Loop() {
		slices.Reverse(hashes)
		for _, h := range hashes {
			start := time.Now()
			if _, _, err := raised.Matches("wrong horse", h); err != nil {
				b.Fatal(err)
			}
			took[h] = append(took[h], float64(time.Since(start).Microseconds())/1000)
		}
	}
	stale, nobody := median(took[hash]), median(took[""])
	b.ReportMetric(stale, "ms/stale-hash")
	b.ReportMetric(nobody, "ms/unknown-email")
	b.ReportMetric(nobody/stale, "unknown/stale")
	if n := len(took[hash]); n >= 50 && (nobody/stale < 0.8 || nobody/stale > 1.25) {
		b.Errorf("over %d checks each the medians differ: %.2f ms and %.2f ms", n, stale, nobody)
	}
}

func median(times []float64) float64 {
	slices.Sort(times)
	return times[len(times)/2]
}

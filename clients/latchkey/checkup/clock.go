package checkup

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	skewed  = 30 * time.Second // a token may seem to be of the future
	refused = 5 * time.Minute  // AWS refuses signatures that are so far off
)

// checkClock compares this machine's clock with the API's, and both with the token's.
func checkClock(ctx context.Context, d *deployment, s *sheet) error {
	a, err := d.ask(ctx, "GET", "/health", nil)
	if err != nil {
		return err
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return errors.New("the answer has no Date")
	}
	slack := a.within + time.Second // Date has whole seconds
	if off := a.at.Sub(date); off.Abs() > skewed+slack {
		f := Finding{Severity: Risk, What: fmt.Sprintf("this machine's clock and the API's differ by %s", off.Abs().Round(time.Second)),
			Why: "Clients here take tokens for expired too early or too late.",
			Do:  "Set this machine's clock by NTP; if it is right, the fault is in a proxy before the API.", Command: "sudo timedatectl set-ntp true"}
		if off.Abs() > refused {
			f.Severity, f.Why = Broken, f.Why+" AWS refuses what is signed with such a clock."
		}
		s.add(f)
	}
	if issued, ok := issuedAt(d.token); ok && issued.Sub(date) > skewed+slack {
		s.add(Finding{Severity: Broken, What: fmt.Sprintf("your login's token was issued %s after the time that the API tells", issued.Sub(date).Round(time.Second)),
			Why: "Others who verify tokens refuse those of the future.", Do: "Look for a proxy before the API that changes Date: the functions' clock is AWS's."})
	}
	return nil
}

// issuedAt reads a token without verifying it: nothing is decided by it.
func issuedAt(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		IssuedAt int64 `json:"iat"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.IssuedAt == 0 {
		return time.Time{}, false
	}
	return time.Unix(claims.IssuedAt, 0), true
}

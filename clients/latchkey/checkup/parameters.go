package checkup

import (
	"context"
	"strings"
)

// checkParameters looks at choices of the deployment that are dangerous by themselves.
func checkParameters(_ context.Context, d *deployment, s *sheet) error {
	p := d.stack.parameters
	for origin := range strings.SplitSeq(p["AllowedOrigins"], ",") {
		switch {
		case origin == "*":
			s.add(Finding{Severity: Risk, What: "AllowedOrigins is *", Why: "Every web page may use a key or a token that it has got hold of from a browser.",
				Do: "Deploy with the origins of your own pages."})
		case strings.HasPrefix(origin, "http://") && !strings.HasPrefix(origin, "http://localhost") && !strings.HasPrefix(origin, "http://127.0.0.1"):
			s.add(Finding{Severity: Risk, What: "AllowedOrigins has " + origin + ", which is not encrypted",
				Why: "Who is on the network can put a script into that page, and the script may call the API.", Do: "Serve the page over https, and deploy with that origin."})
		}
	}
	for _, name := range []string{"RateLimitAuth", "RateLimitAccount"} {
		if p[name] == "0" {
			s.add(Finding{Severity: Risk, What: name + " is 0", Why: "Nothing limits how many passwords somebody tries.", Do: "Deploy with a limit; the default is in the template."})
		}
	}
	for _, name := range []string{"RateLimitManagement", "RateLimitRead", "RateLimitWrite"} {
		if p[name] == "0" {
			s.add(Finding{Severity: Note, What: name + " is 0", Why: "No limit holds there, that of a key neither.", Do: "Deploy with a limit if keys should have one."})
		}
	}
	if strings.HasPrefix(p["Issuer"], "https://") || p["Issuer"] == "" {
		return nil
	}
	s.add(Finding{Severity: Note, What: "Issuer is " + p["Issuer"] + ", which is not encrypted", Why: "It is fit for a deployment on your own machine only.",
		Do: "Deploy with the https address that clients use."})
	return nil
}

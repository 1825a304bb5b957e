package checkup

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

func checkIssuer(ctx context.Context, d *deployment, s *sheet) error {
	var metadata struct {
		Issuer string `json:"issuer"`
	}
	if err := d.document(ctx, "/.well-known/oauth-authorization-server", &metadata); err != nil {
		return err
	}
	if issuer := strings.TrimRight(metadata.Issuer, "/"); issuer != d.url {
		s.add(Finding{Severity: Risk, What: "the OAuth metadata of " + d.url + " names another issuer: " + metadata.Issuer,
			Why: "OAuth clients that check it, as RFC 8414 has it, refuse the metadata, and verifiers look for keys there.",
			Do:  "Use that address, or deploy with Issuer=" + d.url + "; tokens with the issuer before end then, unless it was empty."})
	}
	u, err := url.Parse(d.url)
	if err == nil && strings.Trim(u.Path, "/") != "" {
		s.add(Finding{Severity: Note, What: "the address has a path, " + u.Path, Why: "OAuth clients look for the metadata above it, where API Gateway serves nothing.",
			Do: "Give the API a custom domain without a base path, or give clients the endpoints by hand (docs/deploy.md, Issuer)."})
	}
	return nil
}

// checkPublicKeys looks whether verifiers find the keys where tokens are signed with a pair.
func checkPublicKeys(ctx context.Context, d *deployment, s *sheet) error {
	a, err := d.ask(ctx, "GET", "/.well-known/openid-configuration", nil)
	if err != nil || a.status == http.StatusNotFound && d.stack.id("PublicKeysSecret") == "" {
		return err
	}
	var keys struct {
		Keys []struct{ Kid string }
	}
	if err := d.document(ctx, "/.well-known/jwks.json", &keys); err == nil && a.status == http.StatusOK && len(keys.Keys) > 0 {
		return nil
	}
	s.add(Finding{Severity: Broken, What: "the public keys are not at /.well-known/jwks.json", Why: "Nobody else can verify a token.",
		Do: "Look at the log of OauthJwksFunction: it reads the public keys' secret."})
	return nil
}

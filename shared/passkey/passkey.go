// Package passkey owns WebAuthn: the options for a browser, and the check of what an authenticator
// answers. It links go-webauthn, so only functions that need a passkey import it.
//
// Everything that a ceremony is bound to comes from us: the challenge (of a pending factor, or derived
// from a token of ours), the relying party (the deployment's own host or a parameter, never a header of
// the caller) and the origins.
package passkey

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/user"
)

// ErrInvalid reports an answer of an authenticator that is not good. Its text is for the log.
var ErrInvalid = errors.New("the passkey's answer is not valid")

// A Party is the relying party of a deployment.
type Party struct {
	domain  string   // of the passkeys; "" for the host of the deployment's own address
	origins []string // of pages that may use them, beside the deployment's own
	issuer  string   // the public address, if it is a URL
}

// FromEnv reads PASSKEY_DOMAIN, PASSKEY_ORIGINS and ISSUER.
func FromEnv(e *env.Reader) Party {
	var origins []string
	for origin := range strings.SplitSeq(os.Getenv("PASSKEY_ORIGINS"), ",") {
		if origin = strings.TrimSpace(origin); origin != "" {
			origins = append(origins, origin)
		}
	}
	return Party{os.Getenv("PASSKEY_DOMAIN"), origins, e.Required("ISSUER")}
}

// New makes a Party of one domain.
func New(domain string, origins ...string) Party { return Party{domain, origins, ""} }

// at is the relying party at the address to which a request was sent.
func (p Party) at(r *gateway.Request) (*webauthn.WebAuthn, error) {
	own, err := url.Parse(p.issuer)
	if err != nil || own.Host == "" {
		own = &url.URL{Scheme: "https", Host: r.Domain()}
	}
	domain, origins := cmp.Or(p.domain, own.Hostname()), p.origins
	if own.Host != "" {
		origins = append([]string{own.Scheme + "://" + own.Host}, origins...)
	}
	if domain == "" || net.ParseIP(domain) != nil {
		return nil, problem.NotFound.WithDetail("This deployment's address is no domain, so it has no passkeys: see the parameter PasskeyDomain")
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: domain, RPDisplayName: "Latchkey", RPOrigins: origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("failed to set up passkeys for %q: %w", domain, err)
	}
	return w, nil
}

// Creation returns the options with which a browser makes a passkey, and their challenge.
func (p Party) Creation(r *gateway.Request, u user.User, set factor.Set) (options any, challenge string, err error) {
	w, err := p.at(r)
	if err != nil {
		return nil, "", err
	}
	o := owner{u, set}
	creation, session, err := w.BeginRegistration(o, webauthn.WithExclusions(webauthn.Credentials(o.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, "", fmt.Errorf("failed to begin a passkey: %w", err)
	}
	return creation.Response, session.Challenge, nil
}

// Register checks the answer of a new passkey. It returns the factor with its credential and counter.
func (p Party) Register(r *gateway.Request, u user.User, f factor.Factor, answer json.RawMessage) (factor.Factor, error) {
	w, err := p.at(r)
	if err != nil {
		return f, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return f, invalid(err)
	}
	made, err := w.CreateCredential(owner{User: u}, webauthn.SessionData{
		Challenge: f.Challenge, UserID: []byte(u.ID), UserVerification: protocol.VerificationPreferred,
		CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil {
		return f, invalid(err)
	}
	f.SignCount = int64(made.Authenticator.SignCount)
	f.Credential = &factor.Credential{
		ID: made.ID, PublicKey: made.PublicKey,
		BackupEligible: made.Flags.BackupEligible, UserVerified: made.Flags.UserVerified,
	}
	for _, transport := range made.Transport {
		f.Credential.Transports = append(f.Credential.Transports, string(transport))
	}
	return f, nil
}

// Request returns the options with which a browser asks for one of the passkeys of set or, without
// any, for whichever the person chooses, who is verified then.
func (p Party) Request(r *gateway.Request, challenge string, set factor.Set) (any, error) {
	w, err := p.at(r)
	if err != nil {
		return nil, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil {
		return nil, fmt.Errorf("failed to read a challenge: %w", err)
	}
	all := webauthn.Credentials(owner{Set: set}.WebAuthnCredentials())
	verification := protocol.VerificationPreferred
	if len(all) == 0 {
		verification = protocol.VerificationRequired
	}
	assertion, _, err := w.BeginDiscoverableLogin(webauthn.WithChallenge(raw), webauthn.WithUserVerification(verification),
		webauthn.WithAllowedCredentials(all.CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("failed to ask for a passkey: %w", err)
	}
	return assertion.Response, nil
}

// A Presented is an answer of an authenticator that was read, and not checked.
type Presented struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// Read reads the answer of an authenticator. Error: ErrInvalid.
func Read(answer json.RawMessage) (Presented, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Presented{}, invalid(err)
	}
	return Presented{parsed}, nil
}

// UserID returns the user whom the answer names, or "".
func (a Presented) UserID() string { return string(a.parsed.Response.UserHandle) }

// Verify checks an answer to a challenge by one of the passkeys of a user, and returns that passkey and
// the counter. alone asks for a verified person: the passkey is all that they show. Error: ErrInvalid.
// The caller compares the counters.
func (p Party) Verify(r *gateway.Request, u user.User, set factor.Set, challenge string, a Presented, alone bool) (factor.Factor, int64, error) {
	w, err := p.at(r)
	if err != nil {
		return factor.Factor{}, 0, err
	}
	verification := protocol.VerificationPreferred
	if alone {
		verification = protocol.VerificationRequired
	}
	_, err = w.ValidateLogin(owner{u, set}, webauthn.SessionData{
		Challenge: challenge, UserID: []byte(u.ID), UserVerification: verification,
	}, a.parsed)
	if err != nil {
		return factor.Factor{}, 0, invalid(err)
	}
	for _, f := range set.Confirmed(factor.Passkey) {
		if string(f.Credential.ID) == string(a.parsed.RawID) {
			return f, int64(a.parsed.Response.AuthenticatorData.Counter), nil
		}
	}
	return factor.Factor{}, 0, ErrInvalid
}

// ChallengeOf returns the challenge of a token of ours, by its jti: who has the token has the challenge,
// and the token is good for one purpose, for a short time and once.
func ChallengeOf(jti string) string {
	sum := sha256.Sum256([]byte("latchkey: the challenge of a token\x00" + jti))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func invalid(err error) error {
	var detailed *protocol.Error
	if errors.As(err, &detailed) {
		return fmt.Errorf("%w: %s", ErrInvalid, detailed.Details)
	}
	return fmt.Errorf("%w: %w", ErrInvalid, err)
}

// An owner is a user as go-webauthn sees them.
type owner struct {
	user.User
	factor.Set
}

func (o owner) WebAuthnID() []byte          { return []byte(o.ID) }
func (o owner) WebAuthnName() string        { return o.Email }
func (o owner) WebAuthnDisplayName() string { return o.Email }

func (o owner) WebAuthnCredentials() (all []webauthn.Credential) {
	for _, f := range o.Confirmed(factor.Passkey) {
		c := webauthn.Credential{ID: f.Credential.ID, PublicKey: f.Credential.PublicKey}
		c.Flags.BackupEligible, c.Flags.UserVerified = f.Credential.BackupEligible, f.Credential.UserVerified
		c.Authenticator.SignCount = uint32(f.SignCount)
		for _, transport := range f.Credential.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(transport))
		}
		all = append(all, c)
	}
	return all
}

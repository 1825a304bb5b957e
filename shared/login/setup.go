package login

import (
	"context"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/token"
)

// setupFor is how long somebody can add the second factor that they must have: as long as the password
// is a proof, and a factor can be confirmed.
const setupFor = factor.ProvenFor

// A Setup is why Do opened no whole session: the password was right, and the user must have a second factor
// and has none. Its session has proven who they are, and gets a token of type token.Setup alone: with that
// they can add one, and nothing else. Then they log in with it.
type Setup struct{ session session.Session }

func (*Setup) Error() string { return "the user must add a second factor first" }

// toSetUp is the answer to a login of somebody who must add a second factor, in each dialect.
type toSetUp struct {
	OK        bool     `json:"ok"`
	Required  bool     `json:"mfa_setup_required"`
	Token     string   `json:"mfa_setup_token"`
	Methods   []string `json:"methods"`    // what they can add
	ExpiresIn int      `json:"expires_in"` // of the token, seconds
}

func (s *Setup) answer(ctx context.Context, tokens *token.Authority) (gateway.Response, error) {
	claims := s.session.Claims(token.Setup, setupFor)
	claims.Scope, claims.Role = "", "" // whoever reads the token elsewhere finds nothing in it that opens something
	raw, err := tokens.Sign(ctx, claims)
	return gateway.JSON(200, toSetUp{true, true, raw, []string{factor.TOTP, factor.Passkey}, int(setupFor.Seconds())}), err
}

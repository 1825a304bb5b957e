package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/token"
)

// ErrFull reports a key whose list of revoked tokens is full.
var ErrFull = errors.New("the key has too many revoked tokens")

// CheckToken is CheckKey for a client-credentials token made from the key, or a ticket made with
// the key or such a token. A ticket is good as long as the credential that made it.
func (s *Store) CheckToken(ctx context.Context, claims token.Claims, count Count, now time.Time) (*apikey.Key, ratelimit.State, error) {
	jti := cmp.Or(claims.Maker, claims.RegisteredClaims.ID)
	return s.admitKey(ctx, Whose{}, claims.Subject, admission{
		where: "(generation = :gen OR generation = :next AND prev_until > :now)" +
			" AND attribute_not_exists(revoked_tokens.#jti) AND " + usable,
		names: map[string]string{"#jti": jti},
		values: item{
			":now": num(now.Unix()), ":gen": num(claims.Generation), ":next": num(claims.Generation + 1),
		},
		limit: count.Limit, cost: count.Cost, now: now,
	}, func(k *apikey.Key) error { return k.CheckToken(jti, claims.Generation, now) })
}

// RevokeToken revokes one client-credentials token. It stays on the key's list until it would
// have expired. Errors: ErrNotFound if the key was deleted, and the token with it; ErrFull.
func (s *Store) RevokeToken(ctx context.Context, claims token.Claims, e audit.Entry) error {
	for range revokeTries {
		k, err := s.Key(ctx, claims.Subject)
		if err != nil {
			return err
		}
		jti := claims.RegisteredClaims.ID
		if _, done := k.RevokedTokens[jti]; done {
			return nil
		}
		revoked := map[string]int64{jti: claims.ExpiresAt.Unix()}
		for other, until := range k.RevokedTokens {
			if until > e.At.Unix() {
				revoked[other] = until
			}
		}
		if len(revoked) > apikey.MaxRevokedTokens {
			return ErrFull
		}
		if err := s.setRevoked(ctx, k, revoked, e); !errors.Is(err, errCondition) {
			return err
		}
	}
	return fmt.Errorf("failed to revoke a token of key %s in %d attempts: %w", claims.Subject, revokeTries, ErrConflict)
}

// setRevoked replaces a key's list of revoked tokens. Error: errCondition if the key has changed
// since k was read.
func (s *Store) setRevoked(ctx context.Context, k apikey.Key, revoked map[string]int64, e audit.Entry) error {
	next, err := attributevalue.Marshal(revoked)
	if err != nil {
		return failed("marshal the revoked tokens of a key", err)
	}
	condition, values := "attribute_not_exists(revoked_tokens)", item{":next": next}
	if k.RevokedTokens != nil {
		condition = "revoked_tokens = :was"
		if values[":was"], err = attributevalue.Marshal(k.RevokedTokens); err != nil {
			return failed("marshal the revoked tokens of a key", err)
		}
	}
	_, err = s.changeKeyAsRead(ctx, k, e, types.Update{
		UpdateExpression:          aws.String("SET revoked_tokens = :next"),
		ConditionExpression:       aws.String(ifPresent + " AND " + condition),
		ExpressionAttributeValues: values,
	})
	return err
}

// revokeTries is how many callers can revoke tokens of one key at the same moment: each failed
// try means that one other caller has succeeded.
const revokeTries = 20

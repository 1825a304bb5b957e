package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// readable is a store and a way to read its items as they are.
func readable(t *testing.T) (*store.Store, func(pk, sk string) map[string]any) {
	t.Helper()
	cfg, table := storetest.Table(t)
	db := dynamodb.NewFromConfig(cfg)
	return store.New(cfg, table), func(pk, sk string) map[string]any {
		t.Helper()
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: place(pk, sk), ConsistentRead: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		var it map[string]any
		if err := attributevalue.UnmarshalMap(out.Item, &it); err != nil {
			t.Fatal(err)
		}
		return it
	}
}

func place(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
	}
}

// inGrace is a key with a secret in its grace, 1:old, and another, 1:hash.
func inGrace(t *testing.T, s *store.Store) apikey.Key {
	t.Helper()
	k := newKey(t, s, func(k *apikey.Key) { k.Hash = "1:old" })
	next, err := s.RegenerateKey(ctx, k, "1:hash", now.Unix()+600, entry(audit.Regenerated))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// opens reports for each credential of such a key whether it is good, and the error that all others get.
func opens(t *testing.T, s *store.Store, k apikey.Key) (good []string, refused error) {
	t.Helper()
	for name, check := range map[string]func() error{
		"secret": func() error { _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); return err },
		"secret, limited": func() error {
			_, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, &reading, now)
			return err
		},
		"old secret": func() error { _, _, err := s.CheckKey(ctx, k.ID, []string{"1:old"}, &reading, now); return err },
		"token": func() error {
			_, _, err := s.CheckToken(ctx, clientToken(k.ID, 2), store.Count{Limit: nil, Cost: 1}, now)
			return err
		},
		"old token": func() error {
			_, _, err := s.CheckToken(ctx, clientToken(k.ID, 1), store.Count{Limit: &reading, Cost: 1}, now)
			return err
		},
	} {
		switch err := check(); {
		case err == nil:
			good = append(good, name)
		case refused != nil && !errors.Is(err, refused):
			t.Errorf("some are refused because %v, others because %v", refused, err)
		default:
			refused = err
		}
	}
	slices.Sort(good)
	return good, refused
}

const all = "[old secret old token secret secret, limited token]"

func TestNoCredentialOfADisabledKeyIsGoodUntilItIsEnabledAgain(t *testing.T) {
	s := storetest.New(t)
	k := inGrace(t, s)
	was := key(s, k)
	for range 2 {
		good, _ := opens(t, s, k)
		expect.Same(t, "what is good before", fmt.Sprint(good), all)
		_, before, _ := s.CheckKey(ctx, k.ID, []string{"1:hash"}, &reading, now)
		off := changed(t, s, apikey.Maker{}, k, disable)
		good, refused := opens(t, s, k)
		expect.Same(t, "what is good while it is disabled", fmt.Sprint(good), "[]")
		expect.Same(t, "why the others are refused", refused, apikey.ErrDisabled)
		expect.Same(t, "its state", off.State(now), "disabled")
		expect.Same(t, "its hash, generation and old hash",
			fmt.Sprint(off.Hash, off.Generation, off.PrevHash, off.PrevUntil), fmt.Sprint(was.Hash, was.Generation, was.PrevHash, was.PrevUntil))
		_, _, err := s.CheckKey(ctx, k.ID, []string{"1:wrong"}, &reading, now)
		expect.Same(t, "a wrong secret is invalid, as of an enabled key", errors.Is(err, apikey.ErrInvalid), true)
		changed(t, s, apikey.Maker{}, k, enable)
		_, after, _ := s.CheckKey(ctx, k.ID, []string{"1:hash"}, &reading, now)
		expect.Same(t, "what remains of the limit", after.Remaining, before.Remaining-1)
	}
	on := key(s, k)
	on.Head, was.Head = audit.Head{}, audit.Head{}
	on.Quota, was.Quota = quota.Quota{}, quota.Quota{} // without a quota what is left means nothing
	expect.Same(t, "the key", fmt.Sprintf("%+v", on), fmt.Sprintf("%+v", was))
}

func TestDisabledKeyIsRegeneratedRevokedAndDeletedAsAnyOther(t *testing.T) {
	s := storetest.New(t)
	k := changed(t, s, apikey.Maker{}, newKey(t, s, nil), disable)
	k, err := s.RegenerateKey(ctx, k, "1:next", now.Unix()+60, entry(audit.Regenerated))
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"1:hash", "1:next"} {
		_, _, err := s.CheckKey(ctx, k.ID, []string{hash}, &reading, now)
		expect.Same(t, "a regenerated key stays disabled", errors.Is(err, apikey.ErrDisabled), true)
	}
	changed(t, s, apikey.Maker{}, k, enable)
	for _, hash := range []string{"1:hash", "1:next"} {
		if _, _, err := s.CheckKey(ctx, k.ID, []string{hash}, &reading, now); err != nil {
			t.Errorf("%s, once it is enabled: %v", hash, err)
		}
	}
	off := changed(t, s, apikey.Maker{}, k, disable)
	claims := clientToken(k.ID, 2)
	claims.ExpiresAt = jwt.NewNumericDate(now.Add(time.Hour))
	if err := s.RevokeToken(ctx, claims, entry(audit.TokenRevoked)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "revoked tokens", len(key(s, k).RevokedTokens), 1)
	if _, err := s.RevokeKey(ctx, off, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	_, refused := opens(t, s, k)
	expect.Same(t, "why it is refused then", errors.Is(refused, apikey.ErrRevoked) || errors.Is(refused, apikey.ErrInvalid), true)
	expect.Same(t, "its state", states(t, s, k), "revoked")
	was := key(s, k)
	next := was
	enable(&next)
	err = s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, entry(audit.Updated))
	expect.Same(t, "a revoked key is not enabled", errors.Is(err, store.ErrConflict), true)
	if err := s.DeleteKey(ctx, was, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "its state", states(t, s, k), "gone")
}

func TestCascadeRevokesDisabledKeysToo(t *testing.T) {
	s := storetest.New(t)
	root := newKey(t, s, nil)
	made := changed(t, s, apikey.Maker{}, makes(t, s, root), disable)
	given := changed(t, s, apikey.Maker{}, regenerates(t, s, by(root), newKey(t, s, nil), 0), disable)
	grace := regenerates(t, s, apikey.Maker{}, regenerates(t, s, by(root), newKey(t, s, nil), 0), now.Unix()+60)
	grace = changed(t, s, apikey.Maker{}, grace, disable)
	replaced := regenerates(t, s, apikey.Maker{}, regenerates(t, s, by(root), newKey(t, s, nil), 0), 0)
	replaced = changed(t, s, apikey.Maker{}, replaced, disable)
	expect.Same(t, "how many came from it", cascades(t, s, root), 3)
	expect.Same(t, "they", states(t, s, made, given, grace, replaced), "revoked revoked revoked disabled")
}

func TestHashThatIsReplacedWhileAKeyIsDisabledIsKept(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	was := key(s, k)
	next := was
	disable(&next)
	if err := s.Rehash(ctx, k.ID, "1:hash", "2:hash"); err != nil { // since it was read
		t.Fatal(err)
	}
	if err := s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, entry(audit.Updated)); err != nil {
		t.Fatal(err)
	}
	if err := s.Rehash(ctx, k.ID, "2:hash", "3:hash"); err != nil { // of a check before it was disabled
		t.Fatal(err)
	}
	storetest.AwaitIndex()
	count, err := s.KeysByPepper(ctx, now)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the keys that need version 2 of the pepper", count["2"], 1)
	expect.Same(t, "the hash", changed(t, s, apikey.Maker{}, k, enable).Hash, "2:hash")
}

// The conditions are those of the landed release, word for word. It runs beside this one during an
// upgrade, and does not know disabled keys.
func TestReleaseThatKnowsNoDisabledKeysLetsNoneThrough(t *testing.T) {
	cfg, table := storetest.Table(t)
	s, db := store.New(cfg, table), dynamodb.NewFromConfig(cfg)
	const usable = "attribute_not_exists(revoked_at) AND (attribute_not_exists(expires_at) OR expires_at > :now)"
	for name, condition := range map[string]string{
		"the check of a key":         "(key_hash IN (:hash) OR prev_hash IN (:old) AND prev_until > :now) AND " + usable,
		"the check of a token":       "(generation = :gen OR generation = :next AND prev_until > :now) AND attribute_not_exists(revoked_tokens.JTI) AND " + usable,
		"a regeneration":             "generation = :gen AND " + usable,
		"one that saw no generation": "generation = :zero AND " + usable,
	} {
		k := inGrace(t, s)
		meets := func() bool {
			values := map[string]any{":hash": "1:hash", ":old": "1:old", ":gen": 2, ":next": 3, ":now": now.Unix(), ":zero": 0}
			for unused := range values {
				if !strings.Contains(condition, unused) {
					delete(values, unused)
				}
			}
			marshaled, err := attributevalue.MarshalMap(values)
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &table, Key: place("KEY#"+k.ID, "KEY"), UpdateExpression: aws.String("REMOVE nothing"),
				ConditionExpression: &condition, ExpressionAttributeValues: marshaled,
			})
			if err != nil && !errors.As(err, new(*types.ConditionalCheckFailedException)) {
				t.Fatal(err)
			}
			return err == nil
		}
		expect.Same(t, name+": it holds for an enabled key", meets(), name != "one that saw no generation")
		changed(t, s, apikey.Maker{}, k, disable)
		expect.Same(t, name+": it holds for a disabled key", meets(), false)
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: place("KEY#"+k.ID, "KEY"), ConsistentRead: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		var landed apikey.Key // it reads the item as that release does
		if err := attributevalue.UnmarshalMap(out.Item, &landed); err != nil {
			t.Fatal(err)
		}
		landed.DisabledAt = nil
		for _, err := range []error{
			landed.CheckHash([]string{"1:hash", "1:old", ""}, now), landed.CheckToken("JTI", 1, now), landed.CheckToken("JTI", 2, now),
		} {
			expect.Same(t, "what it says of a credential", errors.Is(err, apikey.ErrInvalid), true)
		}
	}
}

func TestExpiredOrRevokedKeyThatIsDisabledSaysThatItHasEnded(t *testing.T) {
	k := apikey.Key{Hash: "1:hash", Generation: 1, DisabledAt: &now, ExpiresAt: now.Unix() + 1}
	expect.Same(t, "before it expires", k.State(now), "disabled")
	expect.Same(t, "it has ended", k.Ended(now), false)
	expect.Same(t, "after it has expired", k.State(now.Add(time.Minute)), "expired")
	expect.Same(t, "it has ended", k.Ended(now.Add(time.Minute)), true)
	k.RevokedAt = &now
	expect.Same(t, "after its revocation", k.State(now), "revoked")
}

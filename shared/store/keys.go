package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
)

// usable is the condition of apikey.Key.usable for DynamoDB.
const usable = "attribute_not_exists(revoked_at) AND (attribute_not_exists(expires_at) OR expires_at > :now)"

// CheckKey checks a key, given its hash under each pepper (candidates), and counts the request if
// limit is not nil, and takes 1 from its quota. It takes one round trip. Errors: ErrNotFound, ErrLimited,
// ErrQuota, and those of apikey.Key.CheckHash. It returns the key with every error but ErrNotFound, so
// that the refusal can be logged.
func (s *Store) CheckKey(ctx context.Context, id string, candidates []string, limit *ratelimit.Limit, now time.Time) (*apikey.Key, ratelimit.State, error) {
	return s.CheckKeyOf(ctx, Whose{}, id, candidates, Count{limit, 1}, now)
}

// A Count is what a check counts. A request over its limit takes nothing from the quota, and one over
// the quota does not count against the limit.
type Count struct {
	Limit *ratelimit.Limit // nil: the request is not counted
	Cost  int64            // what it takes from a key's quota; 0: nothing
}

// Whose tells to whom a key must belong. What is "" is not compared.
type Whose struct{ Owner, Project string }

func (w Whose) has(k *apikey.Key) bool {
	return (w.Owner == "" || k.Owner == w.Owner) && (w.Project == "" || k.Project == w.Project)
}

// condition returns the same for DynamoDB, beginning with AND.
func (w Whose) condition(values item) (text string, names map[string]string) {
	names = map[string]string{}
	for name, value := range map[string]string{"owner": w.Owner, "project": w.Project} {
		if value != "" {
			text += " AND #" + name + " = :" + name
			names["#"+name], values[":"+name] = name, str(value)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return text, names
}

// CheckKeyOf is CheckKey for a key of somebody. A key of anybody else does not exist, and nothing is
// counted on it: ErrNotFound, without the key.
func (s *Store) CheckKeyOf(ctx context.Context, whose Whose, id string, candidates []string, count Count, now time.Time) (*apikey.Key, ratelimit.State, error) {
	if count.Limit == nil {
		k, err := s.FindKeyOf(ctx, whose, id)
		if err != nil {
			return k, ratelimit.State{}, err
		}
		return s.CheckFound(ctx, whose, k, candidates, count.Cost, now)
	}
	return s.countKey(ctx, whose, id, candidates, admission{limit: count.Limit, cost: count.Cost, now: now})
}

// FindKeyOf is the first half of an unlimited CheckKeyOf, which needs no hash; CheckFound is the other.
// Error: ErrNotFound.
func (s *Store) FindKeyOf(ctx context.Context, whose Whose, id string) (*apikey.Key, error) {
	k, _, err := s.admitKey(ctx, whose, id, admission{alone: true}, func(*apikey.Key) error { return nil })
	return k, err
}

// CheckFound checks a key that FindKeyOf found, and takes the cost from its quota. It makes a call only if
// the key has one, or a customer. Errors: as CheckKeyOf.
func (s *Store) CheckFound(ctx context.Context, whose Whose, k *apikey.Key, candidates []string, cost int64, now time.Time) (*apikey.Key, ratelimit.State, error) {
	if err := k.CheckHash(candidates, now); err != nil {
		return k, ratelimit.State{}, err
	}
	if cost != 0 && k.Quota.Limit != 0 {
		return s.countKey(ctx, whose, k.ID, candidates, admission{cost: cost, found: true, now: now})
	}
	state := ratelimit.State{Quota: k.Quota.State(now)}
	if k.Customer == "" {
		return k, state, nil
	}
	state, err := s.admitCustomer(ctx, k, nil, admission{cost: cost, now: now}, state)
	return k, state, err
}

// countKey checks a key, and counts what the admission says.
func (s *Store) countKey(ctx context.Context, whose Whose, id string, candidates []string, a admission) (*apikey.Key, ratelimit.State, error) {
	var hashes []string
	a.values = item{":now": num(a.now.Unix())}
	for i, c := range candidates {
		name := fmt.Sprintf(":h%d", i)
		hashes = append(hashes, name)
		a.values[name] = str(c)
	}
	in := strings.Join(hashes, ", ")
	whoses, names := whose.condition(a.values)
	a.where = fmt.Sprintf("(key_hash IN (%[1]s) OR prev_hash IN (%[1]s) AND prev_until > :now) AND %[2]s", in, usable) + whoses
	a.names = names
	return s.admitKey(ctx, whose, id, a, func(k *apikey.Key) error { return k.CheckHash(candidates, a.now) })
}

func (s *Store) admitKey(ctx context.Context, whose Whose, id string, a admission, check func(*apikey.Key) error) (*apikey.Key, ratelimit.State, error) {
	var key *apikey.Key
	var last item
	a.key = keyKey(id)
	a.check = func(it item) error {
		k, err := unmarshal[apikey.Key](it)
		if err != nil {
			return err
		}
		if k.ID != id || k.Owner == "" || k.Project == "" {
			return errHalf
		}
		if !whose.has(&k) {
			return ErrNotFound
		}
		key, last = &k, it
		return check(key)
	}
	state, err := s.admit(ctx, a)
	if key != nil && (err == nil || errors.Is(err, ErrLimited) || errors.Is(err, ErrQuota)) {
		state.Quota = key.Quota.State(a.now)
	}
	if err == nil && key.Customer != "" && !a.alone {
		state, err = s.admitCustomer(ctx, key, last, a, state)
	}
	return key, state, err
}

// Key reads a key. Error: ErrNotFound.
func (s *Store) Key(ctx context.Context, id string) (apikey.Key, error) {
	return get[apikey.Key](ctx, s, keyKey(id))
}

// CreateKey writes a new key of a user, and the first entry of its log. Errors: ErrDuplicate;
// ErrConflict if its owner was disabled, or is no administrator any more and the key has the scope
// admin.
func (s *Store) CreateKey(ctx context.Context, k apikey.Key, e audit.Entry) error {
	return s.CreateKeyBy(ctx, apikey.Maker{}, k, e)
}

// CreateKeyBy is CreateKey for any maker. A key can make another only while it is as it was read:
// after it was revoked, nothing more can come from it. Error: ErrConflict if it has changed.
func (s *Store) CreateKeyBy(ctx context.Context, by apikey.Maker, k apikey.Key, e audit.Entry) error {
	writes, err := s.newKey(k, e)
	if err != nil {
		return err
	}
	if by.Key != nil {
		made, err := s.fromMaker(by, k, 0, e.At)
		if err != nil {
			return err
		}
		writes = append(writes, made...)
	}
	found, err := s.transact(ctx, "create a key", writes...)
	switch {
	case !errors.Is(err, errCondition):
		return err
	case by.Key != nil || notAdmitted(found): // a key's new id is never taken
		return ErrConflict
	}
	return ErrDuplicate
}

// newKey has the writes, for a transaction, of a key that is not there yet and the first entry of its log.
func (s *Store) newKey(k apikey.Key, e audit.Entry) ([]types.TransactWriteItem, error) {
	logged, head, err := s.append(k, e)
	if err != nil {
		return nil, err
	}
	k.Head = head
	it, err := marshal(k, keyKey(k.ID), owned(k.Owner, keys, k.CreatedAt, k.ID))
	if k.DisabledAt != nil {
		turnOff(it)
	}
	writes := append([]types.TransactWriteItem{{Put: &types.Put{
		TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
	}}}, logged...)
	writes = append(writes, s.forCustomer(k)...)
	return append(writes, s.admitted(k.Owner, RoleFor(k), keys, k.ID, e.At)...), err
}

// RoleFor returns the role that the owner of a key must have, or "" for any: two scopes are held by administrators only.
func RoleFor(k apikey.Key) string {
	if slices.Contains(k.Scopes, scope.Admin) || slices.Contains(k.Scopes, scope.VerifyAllKeys) {
		return user.Admin
	}
	return ""
}

// RevokeKey revokes a key for ever, and returns it. A key that is already revoked does not
// change, and gets no further entry.
func (s *Store) RevokeKey(ctx context.Context, k apikey.Key, e audit.Entry) (apikey.Key, error) {
	return s.revokeKey(ctx, k, e, revocation(e.At))
}

func (s *Store) revokeKey(ctx context.Context, k apikey.Key, e audit.Entry, u types.Update) (apikey.Key, error) {
	found, err := s.changeKey(ctx, k, e, u)
	if errors.Is(err, errCondition) {
		if found == nil {
			return k, ErrNotFound
		}
		return unmarshal[apikey.Key](found)
	}
	at := e.At
	k.RevokedAt = &at
	return k, err
}

// RegenerateKey gives a user's key a new hash and the next generation. The old hash stays good
// until graceUntil (epoch seconds; 0 for not at all). Error: ErrConflict if the key is revoked or
// expired, or has changed since k was read.
func (s *Store) RegenerateKey(ctx context.Context, k apikey.Key, hash string, graceUntil int64, e audit.Entry) (apikey.Key, error) {
	return s.RegenerateKeyBy(ctx, apikey.Maker{}, k, hash, graceUntil, e)
}

// RegenerateKeyBy is RegenerateKey for any maker. A disabled key stays disabled. Error: ErrConflict
// also if a maker that is a key has changed since it was read.
func (s *Store) RegenerateKeyBy(ctx context.Context, by apikey.Maker, k apikey.Key, hash string, graceUntil int64, e audit.Entry) (apikey.Key, error) {
	asRead, names, values, err := unchanged(k)
	if err != nil {
		return k, err
	}
	in := attributesOf(k)
	set := "SET " + in.hash + " = :hash, " + in.generation + " = :gen, masked = :masked"
	update := set + " REMOVE " + in.prevHash + ", prev_until"
	next := k
	next.Hash, next.Generation, next.PrevHash, next.PrevUntil = hash, k.Generation+1, "", 0
	next.Masked = apikey.Mask(k.Prefix + k.ID) // differs only if the key was imported
	values[":hash"], values[":gen"], values[":now"], values[":masked"] = str(hash), num(next.Generation), num(e.At.Unix()), str(next.Masked)
	if graceUntil > 0 {
		update = set + ", " + in.prevHash + " = " + in.hash + ", prev_until = :until"
		values[":until"] = num(graceUntil)
		next.PrevHash, next.PrevUntil = k.Hash, graceUntil
	}
	var made []types.TransactWriteItem
	if by.Key != nil && by.Key.ID != k.ID {
		if made, err = s.fromMaker(by, k, next.Generation, e.At); err != nil {
			return k, err
		}
	}
	found, err := s.changeKey(ctx, k, e, types.Update{
		UpdateExpression:          &update,
		ConditionExpression:       aws.String(asRead + " AND " + usable),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	}, made...)
	switch {
	case !errors.Is(err, errCondition):
		return next, err
	case found == nil && by.Key == nil:
		return k, ErrNotFound
	}
	return k, ErrConflict
}

// DeleteKey deletes a key, and keeps its log. Error: ErrNotFound.
func (s *Store) DeleteKey(ctx context.Context, k apikey.Key, e audit.Entry) error {
	return s.deleteKey(ctx, Whose{}, k, e)
}

// deleteKey is DeleteKey for a key of somebody. Error: ErrNotFound also if it is another's by now.
func (s *Store) deleteKey(ctx context.Context, whose Whose, k apikey.Key, e audit.Entry) error {
	_, err := s.atHead(k, func(item) bool { return true }, func(k apikey.Key) (item, error) {
		logged, _, err := s.append(k, e)
		if err != nil {
			return nil, err
		}
		condition, values := headAsRead(k.Head)
		whoses, names := whose.condition(values)
		if len(values) == 0 { // DynamoDB refuses an empty map
			values = nil
		}
		return s.transact(ctx, "delete a key", append([]types.TransactWriteItem{{Delete: &types.Delete{
			TableName: &s.table, Key: keyKey(k.ID),
			ConditionExpression:      aws.String(ifPresent + " AND " + condition + whoses),
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}}}, append(logged, s.withoutCustomer(k)...)...)...)
	})
	if errors.Is(err, errCondition) {
		return ErrNotFound
	}
	return err
}

// changeKey commits an update of a key together with the entry in its log, and what else there is
// to write. With errCondition it returns what the first condition that fails found.
func (s *Store) changeKey(ctx context.Context, k apikey.Key, e audit.Entry, u types.Update, also ...types.TransactWriteItem) (item, error) {
	return s.atHead(k, notRevoked, func(k apikey.Key) (item, error) { return s.changeKeyAsRead(ctx, k, e, u, also...) })
}

// changeKeyAsRead is changeKey if no other change of the key has come since k was read; else
// errCondition.
func (s *Store) changeKeyAsRead(ctx context.Context, k apikey.Key, e audit.Entry, u types.Update, also ...types.TransactWriteItem) (item, error) {
	writes, err := s.keyChange(k, k, e, u)
	if err != nil {
		return nil, err
	}
	return s.transact(ctx, "change a key ("+e.Action+")", append(writes, also...)...)
}

// keyChange has the writes, for a transaction, of an update of the key as it was read and of the
// entry in the log of next, which is the key then.
func (s *Store) keyChange(k, next apikey.Key, e audit.Entry, u types.Update) ([]types.TransactWriteItem, error) {
	logged, head, err := s.append(next, e)
	if err != nil {
		return nil, err
	}
	moveHead(&u, k.Head, head)
	u.TableName, u.Key = &s.table, keyKey(k.ID)
	u.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	return append([]types.TransactWriteItem{{Update: &u}}, logged...), nil
}

package store

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/quota"
)

// changeable are the attributes of a key that ChangeKeyBy can change, beside those that turn it on and off.
var changeable = []string{
	"label", "scopes", "metadata", "allowed_ips", attrExpiresAt,
	"limit_auth", "limit_management", "limit_read", "limit_write", "prev_until",
}

// ChangeKeyBy makes a key that was read as next, in its label, scopes, metadata, addresses, limits, quota,
// expiry and the end of its old secret, and in whether it is enabled. Nothing else of it changes. Of
// concurrent changes of a key each is made from the one before, or not at all. Error: ErrConflict if the key
// has changed since was was read, or has ended, or the maker that is a key has changed since it was read, or
// the key gets a scope that only an administrator holds and its owner is none any more.
//
// What a key makes more than it was came from that key, as if the key had made it: see RevokeAllFrom.
func (s *Store) ChangeKeyBy(ctx context.Context, by apikey.Maker, was, next apikey.Key, e audit.Entry) error {
	asRead, names, values, err := unchanged(was)
	if err != nil {
		return err
	}
	update, err := difference(was, next, names, values)
	if err != nil {
		return err
	}
	values[":now"] = num(e.At.Unix())
	also, err := s.atMakers(ctx, by, was, next, e)
	if err != nil {
		return err
	}
	if was.ExpiresAt != next.ExpiresAt && next.Customer != "" {
		also = append(also, s.amongCustomers(next))
	}
	if role := RoleFor(next); role != RoleFor(was) && role != "" {
		also = append(also, s.mayHave(next.Owner, role))
	}
	_, err = s.changeKeyAsRead(ctx, was, e, types.Update{
		UpdateExpression:          &update,
		ConditionExpression:       aws.String(asRead + " AND " + usable),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	}, also...)
	if errors.Is(err, errCondition) {
		return ErrConflict
	}
	return err
}

// difference returns the update that makes the item of one key that of the other.
func difference(was, next apikey.Key, names map[string]string, values item) (string, error) {
	before, err := marshal(was)
	if err != nil {
		return "", err
	}
	after, err := marshal(next)
	if err != nil {
		return "", err
	}
	set, remove := replaced(changeable, before, after, names, values)
	moved, gone := requota(was.Quota, next.Quota, values)
	set, remove = append(set, moved...), append(remove, gone...)
	if (was.DisabledAt == nil) != (next.DisabledAt == nil) {
		moved, gone = turned(was, next)
		set, remove = append(set, moved...), append(remove, gone...)
		if next.DisabledAt != nil {
			set, values[":disabled_at"] = append(set, attrDisabledAt+" = :disabled_at"), after[attrDisabledAt]
		}
	}
	return strings.TrimSpace(clause("SET ", set) + clause(" REMOVE ", remove)), nil
}

// replaced returns the parts of an update that give attributes of one item the values of another.
func replaced(attributes []string, before, after item, names map[string]string, values item) (set, remove []string) {
	for _, name := range attributes {
		value, there := after[name]
		switch {
		case reflect.DeepEqual(before[name], value):
			continue
		case there:
			set, values[":next_"+name] = append(set, "#"+name+" = :next_"+name), value
		default:
			remove = append(remove, "#"+name)
		}
		names["#"+name] = name
	}
	return set, remove
}

// requota returns the parts of an update that change a quota. Where a period goes on, what is spent of it
// stays spent: others count at this moment, so the update adds to what is left by then.
func requota(was, next quota.Quota, values item) (set, remove []string) {
	switch {
	case was == next:
		return nil, nil
	case next.Limit == 0:
		return nil, []string{attrQuotaLimit, attrQuotaPeriod, attrQuotaLeft, attrQuotaUntil}
	}
	values[":next_limit"] = num(next.Limit)
	set = []string{"quota_limit = :next_limit"}
	if quota.GoesOn(was, next) {
		values[":more"], values[":zero"] = num(next.Limit-was.Limit), num(0)
		return append(set, "quota_left = if_not_exists(quota_left, :zero) + :more"), nil
	}
	values[":next_left"] = num(next.Left)
	set = append(set, "quota_left = :next_left")
	if next.Period == quota.Credits {
		return set, []string{attrQuotaPeriod, attrQuotaUntil}
	}
	values[":next_period"], values[":next_until"] = str(string(next.Period)), num(next.Until)
	return append(set, "quota_period = :next_period", "quota_until = :next_until"), nil
}

// turned returns the parts of an update that turn a key on or off. It copies the hash of the moment: a
// rotation of the pepper may replace it at any time.
func turned(was, next apikey.Key) (set, remove []string) {
	from, to := attributesOf(was), attributesOf(next)
	set, remove = []string{to.hash + " = " + from.hash, to.generation + " = " + from.generation}, from.list()
	if was.PrevHash != "" {
		set = append(set, to.prevHash+" = "+from.prevHash)
	}
	if next.DisabledAt == nil {
		remove = append(remove, attrDisabledAt)
	}
	return set, remove
}

func clause(word string, parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return word + strings.Join(parts, ", ")
}

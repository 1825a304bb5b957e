package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/ratelimit"
)

// The item of an account and an address counts the tries to log in from there, and knows when
// somebody last did. The account need not exist: the item is the same.
//
//	hits           tries in the window; absent after a login
//	window_ends    epoch seconds at which it ends; it begins with the first try
//	window_length  seconds
//	signed_in      epoch seconds of the last login; absent if there was none
//	devices        of those logins, ten bits of a hash each; absent if the last release that did not know it wrote
//	mark           of the try last counted (countonce.go)
//
// Whoever uses up a window, and goes on when it ends, gets one of twice the length.

const (
	longestWindow = time.Hour // that a window of tries grows to
	// knownFor is how long an account knows an address that it was logged in to from.
	knownFor = 90 * 24 * time.Hour
)

// CountTry counts a try to log in to an account from an address, in one round trip or, at the
// beginning of a further window, two. known reports whether the account was logged in to from that
// address. Error: ErrLimited, with the State.
func (s *Store) CountTry(ctx context.Context, email, address string, limit ratelimit.Limit, now time.Time) (known bool, state ratelimit.State, err error) {
	t := tries{place: placeKey(email, address), limit: limit, now: now}
	for range 4 {
		found, err := s.countTry(ctx, t)
		known = number(found, "signed_in") > now.Add(-knownFor).Unix()
		if err == nil {
			return known, t.state(found), nil
		}
		if !errors.Is(err, errCondition) {
			return false, ratelimit.State{}, err
		}
		running := number(found, "window_ends") > now.Unix()
		if running && number(found, "hits") >= int64(limit.Max) {
			return known, t.state(found), ErrLimited
		}
		if t.before = found; running { // somebody else has just begun it
			t.before = nil
		}
	}
	return false, ratelimit.State{}, errors.New("failed to count a try to log in: the count kept changing")
}

// SignedIn notes that an account was logged in to from an address with a device, and forgets the tries
// before. known reports whether it was before, too. A device is named in whatever way; "" is none.
func (s *Store) SignedIn(ctx context.Context, email, address, device string, now time.Time) (known bool, err error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: placeKey(email, address),
		UpdateExpression: aws.String("SET signed_in = :now, expires_at = :expires REMOVE hits, window_ends, window_length ADD devices :device"),
		ExpressionAttributeValues: item{
			":now": num(now.Unix()), ":expires": num(now.Add(knownFor).Unix()),
			":device": &types.AttributeValueMemberNS{Value: []string{deviceMark(device)}},
		},
		ReturnValues: types.ReturnValueAllOld,
	})
	if err != nil {
		return false, failed("note a login", err)
	}
	devices, listed := out.Attributes["devices"].(*types.AttributeValueMemberNS)
	return number(out.Attributes, "signed_in") > now.Add(-knownFor).Unix() &&
		(!listed || slices.Contains(devices.Value, deviceMark(device))), nil
}

// deviceMark is ten bits, so that the item stays small whatever signs in: of a thousand devices one is taken
// for another.
func deviceMark(device string) string {
	sum := sha256.Sum256([]byte(device))
	return strconv.Itoa(int(binary.BigEndian.Uint16(sum[:]) % 1024))
}

// tries is a try to be counted. before is the item if its window has ended.
type tries struct {
	place  item
	limit  ratelimit.Limit
	now    time.Time
	before item
}

func (s *Store) countTry(ctx context.Context, t tries) (item, error) {
	length := t.length()
	end := t.now.Add(length)
	set, rest := "SET window_ends = if_not_exists(window_ends, :end), window_length = if_not_exists(window_length, :length),"+
		" expires_at = if_not_exists(expires_at, :expires)", "ADD hits :one"
	condition := "attribute_not_exists(hits) OR window_ends > :now AND hits < :max"
	expires := max(end.Add(2*longestWindow).Unix(), number(t.before, attrExpiresAt))
	values := item{":end": num(end.Unix()), ":length": num(int64(length.Seconds())), ":expires": num(expires), ":one": num(1)}
	if t.before == nil {
		values[":now"], values[":max"] = num(t.now.Unix()), num(t.limit.Max)
	} else {
		set, rest = "SET window_ends = :end, window_length = :length, expires_at = :expires, hits = :one", ""
		condition = "window_ends = :before"
		values[":before"] = num(number(t.before, "window_ends"))
	}
	found, err := s.countOnce(ctx, attrMark, set, rest, dynamodb.UpdateItemInput{
		Key: t.place, ConditionExpression: &condition, ExpressionAttributeValues: values,
	})
	return found, failed("count a try to log in", err)
}

// length returns the length of the next window.
func (t tries) length() time.Duration {
	length := time.Duration(number(t.before, "window_length")) * time.Second
	wentOn := t.now.Unix() < number(t.before, "window_ends")+int64(length.Seconds())
	if number(t.before, "hits") < int64(t.limit.Max) || !wentOn {
		return t.limit.Window
	}
	return max(t.limit.Window, min(2*length, longestWindow))
}

func (t tries) state(found item) ratelimit.State {
	limit := t.limit
	limit.Window = time.Duration(number(found, "window_length")) * time.Second
	return limit.StateUntil(time.Unix(number(found, "window_ends"), 0), int(number(found, "hits")), t.now)
}

// refusedKey is where the refusals of an account are counted that does not exist.
func refusedKey(email, address, id string) item {
	return primaryKey("LIMIT#refused:"+placeHash(email, address), id)
}

// placeKey has a hash, so that what is kept for 90 days names neither the person nor the address.
func placeKey(email, address string) item {
	return primaryKey("LIMIT#place:"+placeHash(email, address), "PLACE")
}

func placeHash(email, address string) string {
	sum := sha256.Sum256([]byte(email + "\x00" + ratelimit.Subject(address)))
	return hex.EncodeToString(sum[:16])
}

package store

import (
	"context"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/user"
)

// user copies a user together with an entry in their log, which may have gone on since the point in
// time.
func (r *restore) user(ctx context.Context, it item) error {
	for _, p := range link.Purposes { // it may have been used since
		delete(it, attrLink(p))
	}
	u, err := unmarshal[user.User](it)
	if err != nil {
		return err
	}
	newest, err := get[headItem](ctx, r.s, headKey(userPartition(u.ID)))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if newest.ChainSeq > u.ChainSeq {
		u.Head = newest.Head
	}
	if u.DeletedAt != nil {
		return r.copy(ctx, "USER", it)
	}
	logged, head, err := r.s.logged(u, r.Entry(audit.Restored))
	if err != nil {
		return err
	}
	set, err := marshal(head)
	if err != nil {
		return err
	}
	maps.Copy(it, set)
	_, err = r.s.transact(ctx, "copy a user", append([]types.TransactWriteItem{{Put: &types.Put{
		TableName: &r.s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
	}}}, logged...)...)
	if errors.Is(err, errCondition) {
		return r.count(r.done.There, "USER")
	}
	if err != nil {
		return err
	}
	return r.count(r.done.Copied, "USER")
}

// now returns a user as they are in this table; the zero User if they are not.
func (r *restore) now(ctx context.Context, id string) (user.User, error) {
	u, err := get[user.User](ctx, r.s, userKey(id))
	if errors.Is(err, ErrNotFound) {
		return user.User{}, nil
	}
	return u, err
}

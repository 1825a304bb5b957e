package store

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
)

// ofCustomer copies an item of a customer. What names a customer that was deleted does not come back.
func (r *restore) ofCustomer(ctx context.Context, it item) error {
	switch sk := text(it, attrSK); {
	case strings.HasPrefix(sk, newPrefix):
		return r.count(r.done.LeftOut, "CUSTOMER")
	case sk == customerSort:
		return r.customer(ctx, it)
	case sk == externalSort:
		return r.externalID(ctx, it)
	case strings.HasPrefix(sk, auditPrefix):
		deleted, err := r.deletedCustomer(ctx, strings.TrimPrefix(text(it, attrPK), customerPartition("")))
		if err != nil {
			return err
		}
		if deleted {
			without(it, audit.PersonalOfCustomer)
		}
	}
	return r.copy(ctx, "CUSTOMER", it)
}

// deletedCustomer reports whether a customer is deleted in this table, by its item or its log.
func (r *restore) deletedCustomer(ctx context.Context, id string) (bool, error) {
	c, err := r.s.AnyCustomer(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return c.DeletedAt != nil, err
	}
	since, err := r.since(ctx, customerPartition(id))
	return since[audit.Deleted], err
}

// externalID copies the external id of a customer that is there. That of one that was lost comes with it.
func (r *restore) externalID(ctx context.Context, it item) error {
	c, err := r.s.AnyCustomer(ctx, text(it, "customer_id"))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case c.DeletedAt != nil || text(externalKey(c.Project, c.ExternalID), attrPK) != text(it, attrPK):
		return r.count(r.done.LeftOut, "CUSTOMER")
	}
	return r.copy(ctx, "CUSTOMER", it)
}

// customer copies a customer together with its external id and an entry in its log, which may have gone on
// since the point in time. One that was deleted since is copied as deleted, so that its keys stay refused; one
// that was changed since, or whose external id another has by now, as disabled.
func (r *restore) customer(ctx context.Context, it item) error {
	c, err := unmarshal[customer.Customer](it)
	if err != nil || c.DeletedAt != nil {
		return errors.Join(err, r.copy(ctx, "CUSTOMER", it))
	}
	newest, err := get[headItem](ctx, r.s, headKey(customerPartition(c.ID)))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if newest.ChainSeq > c.ChainSeq {
		c.Head = newest.Head
	}
	since, err := r.since(ctx, customerPartition(c.ID))
	switch {
	case err != nil:
		return err
	case since[audit.Deleted]:
		return r.deleteLost(ctx, c)
	}
	changed := since[audit.Updated] || since[audit.Disabled] || since[audit.Enabled]
	off, err := r.copyCustomer(ctx, c, it, changed)
	if off {
		r.note(true, &r.done.Disabled, c.ID)
	}
	return err
}

// deleteLost writes what is left of a customer that was deleted.
func (r *restore) deleteLost(ctx context.Context, c customer.Customer) error {
	now := r.Now.UTC()
	left, err := marshal(customer.Customer{
		ID: c.ID, Project: c.Project, CreatedAt: c.CreatedAt, DeletedAt: &now, Erased: true, Version: c.Version + 1, Head: c.Head,
	}, customerKey(c.ID))
	if err != nil {
		return err
	}
	if err := r.copy(ctx, "CUSTOMER", left); err != nil {
		return err
	}
	return r.s.eraseCustomer(ctx, c.ID)
}

// copyCustomer copies a customer that is not there, and reports whether it did so as disabled.
func (r *restore) copyCustomer(ctx context.Context, c customer.Customer, it item, off bool) (bool, error) {
	off = off && c.DisabledAt == nil
	if off {
		it[attrDisabledAt] = str(r.Now.UTC().Format(time.RFC3339Nano))
	}
	logged, head, err := r.s.loggedOf(c, r.Entry(audit.Restored))
	if err != nil {
		return false, err
	}
	set, err := marshal(head)
	if err != nil {
		return false, err
	}
	maps.Copy(it, set)
	named := externalKey(c.Project, c.ExternalID)
	named["customer_id"] = str(c.ID)
	old := types.ReturnValuesOnConditionCheckFailureAllOld
	found, err := r.s.transact(ctx, "copy a customer", append([]types.TransactWriteItem{
		{Put: &types.Put{TableName: &r.s.table, Item: it, ConditionExpression: aws.String(ifAbsent), ReturnValuesOnConditionCheckFailure: old}},
		{Put: &types.Put{
			TableName: &r.s.table, Item: named, ConditionExpression: aws.String(ifAbsent + " OR customer_id = :id"),
			ExpressionAttributeValues: item{":id": str(c.ID)}, ReturnValuesOnConditionCheckFailure: old,
		}},
	}, logged...)...)
	switch {
	case err == nil:
		return off, r.count(r.done.Copied, "CUSTOMER")
	case !errors.Is(err, errCondition):
		return false, err
	case text(found, attrSK) != externalSort:
		return false, r.count(r.done.There, "CUSTOMER")
	}
	c.ExternalID = c.ID // another has its own
	it["external_id"] = str(c.ID)
	return r.copyCustomer(ctx, c, it, true)
}

package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/user"
)

// The log of an account is with the user. Its changes are a chain, as those of a key (chain.go), and
// each commits with its entry. A sign-in commits with its entry too, which is in no chain: the head is
// one item, and all who sign in as the user would wait for each other there.
//
// Address, user agent and label of an entry are erased with the person (eraseLog); the rest stays.

// ofAccount is an entry of that user's log.
func ofAccount(userID string, e audit.Entry) audit.Entry {
	e.UserID = userID
	return chain.Seal(e)
}

// logged has the writes, for a transaction, that put entries of changes at the end of the log of a user
// as they were read. It returns the new head, which belongs on the user (moveHead).
func (s *Store) logged(u user.User, entries ...audit.Entry) ([]types.TransactWriteItem, audit.Head, error) {
	var sealed []audit.Entry
	for _, e := range entries {
		sealed = append(sealed, ofAccount(u.ID, e))
	}
	return s.appendTo(userPartition(u.ID), headItem{Owner: u.ID, Head: u.Head}, sealed...)
}

// updateLogged updates a user as they were read, with an entry of their log, and what else goes with it; again
// after each other change of the account that came first. Error: ErrConflict if a condition does not hold.
func (s *Store) updateLogged(ctx context.Context, attempt string, u user.User, update types.Update, e audit.Entry, also ...types.TransactWriteItem) error {
	update.TableName, update.Key = &s.table, userKey(u.ID)
	for {
		logged, head, err := s.logged(u, e)
		if err != nil {
			return err
		}
		moved := update
		moveHead(&moved, u.Head, head)
		writes := append([]types.TransactWriteItem{{Update: &moved}}, also...)
		_, err = s.transact(ctx, attempt, append(writes, logged...)...)
		if !errors.Is(err, errCondition) {
			return err
		}
		now, err := s.User(ctx, u.ID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || now.ChainSeq == u.ChainSeq {
			return ErrConflict
		}
		u.Head = now.Head
	}
}

// HeadOfAccount returns the head of the log of a user, also of one who was deleted. Error: ErrNotFound.
func (s *Store) HeadOfAccount(ctx context.Context, userID string) (audit.Head, error) {
	u, err := get[user.User](ctx, s, userKey(userID))
	return u.Head, err
}

// event has the write, for a transaction, of an entry that is in no chain.
func (s *Store) event(userID string, e audit.Entry) (types.TransactWriteItem, error) {
	it, err := marshal(ofAccount(userID, e), auditKey(userPartition(userID), e.ID))
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent)}}, err
}

// disabledAsRead is the condition that a user is as they were read, in what also a release without a
// log of accounts changes, which does not move the head.
func disabledAsRead(u user.User) string {
	condition := "attribute_not_exists(deleting_at)"
	if u.DeletingAt != nil {
		condition = "attribute_exists(deleting_at)"
	}
	if u.DisabledAt == nil {
		return condition + " AND " + notDisabled
	}
	return condition + " AND attribute_exists(disabled_at)"
}

// eraseLog removes the person from the entries of a user's log: address, user agent and label.
func (s *Store) eraseLog(ctx context.Context, userID string) error {
	return s.eraseEntries(ctx, userPartition(userID), audit.Personal)
}

// without removes members from an item that is not written yet.
func without(it item, members []string) {
	for _, name := range members {
		delete(it, name)
	}
}

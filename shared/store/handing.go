package store

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/user"
)

// A handing is one hand-over. The logs of both users have one entry of it, which commits with the first
// thing that is handed over: so there is no entry of a hand-over that did nothing, and none does
// something without it. How much it was is known only later: the log of each key tells.
type handing struct {
	from, to user.User // as read
	entry    func(action string) audit.Entry
	key      string // if it is only this one
	told     bool
}

// hand tries a transaction that hands something over, with the writes that are about the two users, and
// again if a log of theirs went on meanwhile. It returns what try does.
func (s *Store) hand(h *handing, role string, try func(both []types.TransactWriteItem) (item, error)) (item, error) {
	for {
		both, err := s.both(h, role)
		if err != nil {
			return nil, err
		}
		found, err := try(both)
		if errors.Is(err, errCondition) && !h.told {
			moved, failed := h.moved(found)
			if failed != nil {
				return nil, failed
			}
			if moved {
				continue
			}
		}
		h.told = h.told || err == nil
		return found, err
	}
}

// both has the check that neither user is disabled, and that the second has the role, if one is named;
// and the entries, if they are not written yet.
func (s *Store) both(h *handing, role string) ([]types.TransactWriteItem, error) {
	if h.told {
		return []types.TransactWriteItem{s.mayHave(h.from.ID, ""), s.mayHave(h.to.ID, role)}, nil
	}
	from, err := s.tell(h, h.from, "", "to", h.to.ID)
	if err != nil {
		return nil, err
	}
	to, err := s.tell(h, h.to, role, "from", h.from.ID)
	return append(from, to...), err
}

// tell has the same for one user, whose entry names the other.
func (s *Store) tell(h *handing, u user.User, role, other, id string) ([]types.TransactWriteItem, error) {
	e := h.entry(audit.KeysHandedOver)
	e.Detail = map[string]string{other: id}
	if h.key != "" {
		e.Detail["key"] = h.key
	}
	logged, head, err := s.logged(u, e)
	if err != nil {
		return nil, err
	}
	check := s.mayHave(u.ID, role).ConditionCheck
	update := types.Update{
		TableName: check.TableName, Key: check.Key,
		UpdateExpression:                    aws.String(""),
		ConditionExpression:                 aws.String(ifPresent + " AND " + *check.ConditionExpression),
		ExpressionAttributeNames:            check.ExpressionAttributeNames,
		ExpressionAttributeValues:           check.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: check.ReturnValuesOnConditionCheckFailure,
	}
	moveHead(&update, u.Head, head)
	return append([]types.TransactWriteItem{{Update: &update}}, logged...), nil
}

// moved reports whether what a condition found is one of the users, whose log has gone on since it was
// read, and takes its head.
func (h *handing) moved(found item) (bool, error) {
	if !notAdmitted(found) {
		return false, nil
	}
	is, err := unmarshal[user.User](found)
	if err != nil {
		return false, err
	}
	u := &h.from
	if is.ID == h.to.ID {
		u = &h.to
	}
	moved := is.ChainSeq != u.ChainSeq
	u.Head = is.Head
	return moved, nil
}

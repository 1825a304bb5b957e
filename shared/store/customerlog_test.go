package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// logOfCustomer is the log, oldest first, in words, once its chain is found whole.
func logOfCustomer(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	log, err := s.Log(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "what is wrong with the log", fmt.Sprint(log.Verify(time.Time{}, now).Findings), "[]")
	var said []string
	for _, e := range log.Entries {
		word := e.Action
		if e.Erased() {
			word += " without a name"
		}
		said = append(said, word)
	}
	return strings.Join(said, ", ")
}

// named is an entry of a change that says who the customer is.
func named(action string, c customer.Customer) audit.Entry {
	e := entry(action)
	e.Personal = c.Names()
	return e
}

// acme is a customer with a name and metadata, and an entry of each in its log.
func acme(t *testing.T, s *store.Store) customer.Customer {
	t.Helper()
	c := newCustomer(t, s, func(c *customer.Customer) {
		c.ExternalID, c.Name, c.Metadata = "acme "+c.ID, "Acme Ltd.", map[string]string{"contact": "ann@acme.example"}
	})
	for _, name := range []string{"Acme Inc.", "Acme"} {
		was := readCustomer(t, s, c.ID)
		next := was
		next.Name = name
		if err := s.ChangeCustomer(ctx, was, next, named(audit.Updated, next)); err != nil {
			t.Fatal(err)
		}
	}
	return readCustomer(t, s, c.ID)
}

func TestDeletionErasesWhatNamesACustomerWhereverTheFunctionDies(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		c := acme(t, s)
		life.Of(func() { _ = s.DeleteCustomer(ctx, c, entry(audit.Deleted)) })
		err := s.DeleteCustomer(ctx, readCustomer(t, s, c.ID), entry(audit.Deleted))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		expect.Same(t, "the log", logOfCustomer(t, s, c.ID), "created, updated without a name, updated without a name, deleted")
		expect.Same(t, "its external id is free", createCustomer(t, s, customer.New("prj_A", c.ExternalID, now)), nil)
	})
}

func TestOfADeletedCustomerNothingThatNamesItIsInTheTable(t *testing.T) {
	cfg, table := storetest.Table(t)
	s := store.New(cfg, table)
	c := acme(t, s)
	keysFor(t, s, c, 1, nil)
	all := func() (found []string) {
		t.Helper()
		out, err := dynamodb.NewFromConfig(cfg).Scan(ctx, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range out.Items {
			var line strings.Builder
			write(&line, &types.AttributeValueMemberM{Value: it})
			for _, text := range []string{"acme", "Acme"} {
				if strings.Contains(line.String(), text) {
					found = append(found, line.String())
				}
			}
		}
		return found
	}
	expect.Same(t, "before, it is found at least in the customer, its external id and two entries", len(all()) >= 4, true)
	deleteCustomer(t, s, c.ID)
	expect.Same(t, "after", strings.Join(all(), "\n"), "")
}

// write writes all texts in an attribute.
func write(out *strings.Builder, value types.AttributeValue) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		fmt.Fprint(out, v.Value, " ")
	case *types.AttributeValueMemberM:
		for name, one := range v.Value {
			fmt.Fprint(out, name, " ")
			write(out, one)
		}
	case *types.AttributeValueMemberL:
		for _, one := range v.Value {
			write(out, one)
		}
	}
}

// withoutLog makes the customer one that the first release with customers made.
func withoutLog(t *testing.T, cfg aws.Config, table, id string) {
	t.Helper()
	db, pk := dynamodb.NewFromConfig(cfg), &types.AttributeValueMemberS{Value: "CUSTOMER#" + id}
	out, err := db.Query(ctx, &dynamodb.QueryInput{
		TableName: &table, KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": pk},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range out.Items {
		key := map[string]types.AttributeValue{"pk": pk, "sk": it["sk"]}
		if it["sk"].(*types.AttributeValueMemberS).Value != "CUSTOMER" {
			_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key})
		} else {
			_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &table, Key: key, UpdateExpression: aws.String("REMOVE chain_seq, chain_hash, chain_until"),
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCustomerOfAReleaseWithoutALogGoesOnAndBeginsOneWithTheNextChange(t *testing.T) {
	cfg, table := storetest.Table(t)
	s := store.New(cfg, table)
	c := newCustomer(t, s, func(c *customer.Customer) { c.Quota = quota.New(2, quota.Credits, now) })
	withoutLog(t, cfg, table, c.ID)
	k := keysFor(t, s, c, 1, nil)[0]
	_, state, err := s.CheckKey(ctx, k.ID, good, &wide, now)
	expect.Same(t, "its key is good, and counted", fmt.Sprint(err, state.Quota.Remaining), "<nil> 1")
	expect.Same(t, "the log before", logOfCustomer(t, s, c.ID), "")
	changeCustomer(t, s, c.ID, func(c *customer.Customer) { c.Name = "Acme" })
	expect.Same(t, "the log", logOfCustomer(t, s, c.ID), "updated")
	deleteCustomer(t, s, c.ID)
	expect.Same(t, "the log at the end", logOfCustomer(t, s, c.ID), "updated, deleted")
}

func TestLogOfACustomerThatWasTamperedWithIsFound(t *testing.T) {
	cfg, table := storetest.Table(t)
	s := store.New(cfg, table)
	for name, expression := range map[string]string{
		"the name is erased, and the customer is there": "REMOVE personal, salt",
		"the name is erased, and the salt is left":      "REMOVE personal",
		"the name is another":                           "SET personal.#name = :text",
		"the address is another":                        "SET address = :text",
	} {
		c := acme(t, s)
		log, err := s.Log(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		in := &dynamodb.UpdateItemInput{TableName: &table, UpdateExpression: &expression, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "CUSTOMER#" + c.ID}, "sk": &types.AttributeValueMemberS{Value: "AUDIT#" + log.Entries[1].ID},
		}}
		if strings.Contains(expression, ":text") {
			in.ExpressionAttributeValues = map[string]types.AttributeValue{":text": &types.AttributeValueMemberS{Value: "x"}}
		}
		if strings.Contains(expression, "#name") {
			in.ExpressionAttributeNames = map[string]string{"#name": "name"}
		}
		if _, err := dynamodb.NewFromConfig(cfg).UpdateItem(ctx, in); err != nil {
			t.Fatal(err)
		}
		if log, err = s.Log(ctx, c.ID); err != nil {
			t.Fatal(err)
		}
		expect.Same(t, name+": something is found", len(log.Verify(time.Time{}, now).Findings) > 0, true)
		deleteCustomer(t, s, c.ID)
	}
}

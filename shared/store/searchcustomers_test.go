package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// manyCustomers puts customers of a project into the table, each a second newer than the one before.
func manyCustomers(t *testing.T, table string, n int) (all []customer.Customer) {
	t.Helper()
	db := dynamodb.NewFromConfig(awsenv.Config("DYNAMODB"))
	for len(all) < n {
		var puts []types.WriteRequest
		for range 25 {
			c := customer.New("prj_A", fmt.Sprint("ext-", len(all)), now.Add(time.Duration(len(all))*time.Second))
			if len(all)%1000 == 0 {
				c.Name = fmt.Sprint("The ACME company ", len(all))
			}
			it, err := attributevalue.MarshalMap(c)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{
				"pk": "CUSTOMER#" + c.ID, "sk": "CUSTOMER", "by_owner_pk": "prj_A#CUSTOMER",
				"by_owner_sk": c.CreatedAt.Format("2006-01-02T15:04:05.000000000Z") + "#" + c.ID,
			} {
				it[name] = &types.AttributeValueMemberS{Value: value}
			}
			all, puts = append(all, c), append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: puts}}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestSearchAmongManyCustomersFindsEachOnceTheNewestFirst(t *testing.T) {
	t.Parallel()
	cfg, table := storetest.Table(t)
	s, wire := storetest.Over(cfg, table)
	const many = 4100
	all := manyCustomers(t, table, many)
	want := ""
	for i := many - 1; i >= 0; i-- {
		if all[i].Name != "" {
			want += all[i].Name + ", "
		}
	}
	for _, row := range []struct{ limit, pages int }{{100, 2}, {2, 3}} {
		found, pages, page := "", 0, store.Page{Limit: row.limit}
		for {
			wire.Calls()
			list, next, err := s.SearchCustomers(ctx, "prj_A", "acme", page)
			if err != nil {
				t.Fatal(err)
			}
			if calls := len(wire.Calls()); calls > 8+40 {
				t.Errorf("a page of %d takes %d calls", row.limit, calls)
			}
			expect.Same(t, "the page is no longer than was asked for", len(list) <= row.limit, true)
			pages++
			for _, c := range list {
				found += c.Name + ", "
			}
			if page.After = next; next == "" {
				break
			}
		}
		expect.Same(t, fmt.Sprint("what is found by ", row.limit), found, want)
		expect.Same(t, fmt.Sprint("the pages of ", row.limit), pages, row.pages)
	}
	list, next, err := s.SearchCustomers(ctx, "prj_A", "EXT-4099", store.Page{Limit: 10})
	expect.Same(t, "by its external id, in the first page of two", fmt.Sprint(len(list), next != "", err), "1 true <nil>")
	_, _, err = s.SearchCustomers(ctx, "prj_B", "acme", store.Page{After: next, Limit: 10})
	expect.Same(t, "the cursor of another project", errors.Is(err, store.ErrCursor), true)
}

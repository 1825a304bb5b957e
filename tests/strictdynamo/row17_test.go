package strictdynamo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestRow17ExpiredItemStaysUntilItIsDeleted(t *testing.T) {
	p, now := newPlace(t), time.Now()
	for id, at := range map[string]time.Time{"old": now.Add(-time.Second), "young": now.Add(time.Hour)} {
		it := key(id)
		it["expires_at"] = &types.AttributeValueMemberN{Value: fmt.Sprint(at.Unix())}
		if err := p.put(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.put(key("lasting")); err != nil {
		t.Fatal(err)
	}
	if p.get(t, "old") == nil {
		t.Error("the expired item is gone at once")
	}
	n, err := p.Expire(ctx, *p.table, now)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of deleted items", n, 1)
	if p.get(t, "old") != nil {
		t.Error("the expired item is still there")
	}
	if p.get(t, "young") == nil {
		t.Error("the item that has not expired is gone")
	}
	if p.get(t, "lasting") == nil {
		t.Error("the item without an end is gone")
	}
}

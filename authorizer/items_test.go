package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// An edited world is one whose items a test changes as another version may have written them.
type edited struct {
	*world
	db    *dynamodb.Client
	table string
}

type item = map[string]types.AttributeValue

func newEdited(t *testing.T, mode string) edited {
	cfg, table := storetest.Table(t)
	return edited{worldOver(t, store.New(cfg, table), mode), dynamodb.NewFromConfig(cfg), table}
}

// read is the item of a kind, KEY or SESSION.
func (e edited) read(kind, id string) item {
	e.t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	out, err := e.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &e.table, Key: item{"pk": text(kind + "#" + id), "sk": text(kind)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return out.Item
}

func (e edited) write(it item) {
	e.t.Helper()
	if _, err := e.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &e.table, Item: it}); err != nil {
		e.t.Fatal(err)
	}
}

// asked is the context that a credential gets, nil if it is refused.
func (e edited) asked(credential string) map[string]any {
	e.t.Helper()
	res, err := e.handle(ctx, get("Authorization: Bearer "+credential))
	if err != nil || res.Context[gateway.CtxPrincipal] == nil {
		return nil
	}
	return res.Context
}

// says are the values of a caller that decide what it may do.
var says = []string{gateway.CtxType, gateway.CtxPrincipal, gateway.CtxUser, gateway.CtxRole, gateway.CtxProject, gateway.CtxKey, gateway.CtxSession}

// noMore reports whether a caller may do nothing that the one whose item was whole may not.
func noMore(got, whole map[string]any) bool {
	for _, name := range says {
		if got[name] != whole[name] {
			return false
		}
	}
	scopes := func(values map[string]any) scope.Set {
		text, _ := values[gateway.CtxScopes].(string)
		return scope.Default().FromString(text)
	}
	return scopes(whole).Missing(scopes(got)) == nil
}

// credentials are a key that is bound in every way, and a session.
func (e edited) credentials() map[string]struct{ kind, id, text string } {
	k, full := e.key(func(k *apikey.Key) {
		k.OwnerEmail, k.Prefix, k.Metadata = "a@example.com", "gf_", map[string]string{"a": "b"}
	})
	ses, token := e.login()
	return map[string]struct{ kind, id, text string }{"a key": {"KEY", k.ID, full}, "a session": {"SESSION", ses.ID, token}}
}

func TestItemThatLacksAnAttributeOrHasAnotherTypeOfItOpensNoMore(t *testing.T) {
	other := map[string]types.AttributeValue{
		"is missing": nil, "is a text": &types.AttributeValueMemberS{Value: "*"}, "is empty": &types.AttributeValueMemberS{},
		"is a map": &types.AttributeValueMemberM{Value: item{}}, "is a list": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	}
	for _, mode := range []string{modeFunction, modeEdge} {
		e := newEdited(t, mode)
		for name, c := range e.credentials() {
			whole := e.asked(c.text)
			if whole == nil {
				t.Fatalf("%s is refused", name)
			}
			before := e.read(c.kind, c.id)
			for attribute := range before {
				if attribute == "pk" || attribute == "sk" || attribute == "by_owner_pk" || attribute == "by_owner_sk" {
					continue // without them it is another item, and the table takes texts only
				}
				for how, value := range other {
					if _, text := before[attribute].(*types.AttributeValueMemberS); text && how == "is a text" {
						continue // another owner's item is theirs
					}
					half := maps.Clone(before)
					if half[attribute] = value; value == nil {
						delete(half, attribute)
					}
					e.write(half)
					if got := e.asked(c.text); got != nil && !noMore(got, whole) {
						t.Errorf("%s: %s whose %s %s gets %v", mode, name, attribute, how, got)
					}
				}
			}
			e.write(before)
			if again := e.asked(c.text); again == nil || !noMore(again, whole) {
				t.Errorf("%s, whole again, gets %v", name, again)
			}
		}
	}
}

func TestAttributesOfALaterVersionChangeNothingAndStay(t *testing.T) {
	e := newEdited(t, modeFunction)
	for name, c := range e.credentials() {
		whole := e.asked(c.text)
		it := e.read(c.kind, c.id)
		it["of_a_later_version"] = &types.AttributeValueMemberM{Value: item{"deep": &types.AttributeValueMemberBOOL{Value: true}}}
		e.write(it)
		if got := e.asked(c.text); got == nil || !noMore(got, whole) {
			t.Errorf("%s gets %v", name, got)
		}
		if !slices.Contains(slices.Collect(maps.Keys(e.read(c.kind, c.id))), "of_a_later_version") {
			t.Errorf("%s loses the attribute when its request is counted", name)
		}
	}
}

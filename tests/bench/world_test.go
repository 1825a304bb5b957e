package bench

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// A world is a deployment's data: a table in DynamoDB Local with one key, one session and one run.
type world struct {
	variables map[string]string // of every function
	fullKey   string
	key       apikey.Key
	session   session.Session
	sessionIn string // the session's token
	refresh   string // a refresh token of generation 0
	run       run.Run
}

const ring = `{"current":"1","1":"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"}`

func newWorld(t testing.TB) *world {
	t.Helper()
	cfg, table := storetest.Table(t)
	s, now := store.New(cfg, table), time.Now()
	secrets := serveSecrets(t)
	w := &world{variables: map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
		"AWS_ENDPOINT_URL_DYNAMODB": os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), "AWS_ENDPOINT_URL_SECRETS_MANAGER": secrets,
		"AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "STACK_NAME": "bench", "TABLE_NAME": table,
		"PEPPER_SECRET_ARN": "pepper", "SIGNING_SECRET_ARN": "signing", "ISSUER": "urn:bench", "AUDIENCE": "bench",
		"ISSUER_URN": "urn:bench", "SESSION_LIFETIME": "604800", "ACCESS_TOKEN_LIFETIME": "3600",
		"REFRESH_TOKEN_LIFETIME": "2592000", "REFRESH_FAMILY_LIFETIME": "15552000", "MAX_GRACE": "604800", "AUDIT_RETENTION_DAYS": "400", "RUN_RETENTION_DAYS": "30",
		"RATE_LIMIT_WINDOW": "60", "RATE_LIMIT_AUTH": "0", "RATE_LIMIT_ACCOUNT": "0", "RATE_LIMIT_MANAGEMENT": "0",
		"RATE_LIMIT_READ": "0", "RATE_LIMIT_WRITE": "0", "MAX_KEYS": "0", "MAX_PROJECTS": "0", "MAX_SESSIONS": "0",
	}}
	u := user.New("a@example.com", user.Member, now)
	must(t, s.CreateUser(ctx, u, "no password", storetest.Entry(audit.Registered)))
	w.key = apikey.Key{
		ID: apikey.NewID(), Owner: u.ID, OwnerEmail: u.Email, Project: user.DefaultProject(u.ID), Type: apikey.Scoped,
		Scopes: strings.Fields("read:events write:events read:campaigns write:campaigns read:stats"), Generation: 1, CreatedAt: now,
	}
	w.fullKey = apikey.New("gf_", w.key.ID)
	w.key.Hash = parsed(t).MAC(w.fullKey)
	must(t, s.CreateKey(ctx, w.key, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)))
	w.session = session.New(u, 7*24*time.Hour, "192.0.2.7", "bench", now)
	must(t, s.CreateSession(ctx, w.session, storetest.Entry(audit.SignedIn)))
	w.run = run.New(u.ID, w.key.Project, time.Hour, now)
	must(t, s.CreateRun(ctx, w.run))

	source := secret.NewSource(func(context.Context) (string, error) { return ring, nil }, time.Now)
	tokens, err := token.NewAuthority("urn:bench", "bench", source, time.Now)
	must(t, err)
	w.sessionIn, err = tokens.Sign(ctx, w.session.Claims(token.Session, 24*time.Hour))
	must(t, err)
	w.refresh, err = tokens.Sign(ctx, w.session.Claims(token.Refresh, 24*time.Hour))
	must(t, err)
	putBare(t, cfg, table, w.fullKey)
	return w
}

// putBare stores the key in the form of the bare minimum.
func putBare(t testing.TB, cfg aws.Config, table, full string) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(cfg).PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "BARE#" + full[3:19]}, "sk": &types.AttributeValueMemberS{Value: "KEY"},
		"hash":  &types.AttributeValueMemberS{Value: strings.TrimPrefix(parsed(t).MAC(full), "1:")},
		"owner": &types.AttributeValueMemberS{Value: "usr_A"}, "hits": &types.AttributeValueMemberN{Value: "0"},
	}})
	must(t, err)
}

func parsed(t testing.TB) secret.Ring {
	t.Helper()
	r, err := secret.ParseRing(ring)
	must(t, err)
	return r
}

// serveSecrets answers as Secrets Manager does. It runs in this process, so that no emulator written in Python is
// measured along with Latchkey.
func serveSecrets(t testing.TB) string {
	t.Helper()
	answer, err := json.Marshal(map[string]any{"SecretString": ring, "VersionId": "1", "Name": "bench"})
	must(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

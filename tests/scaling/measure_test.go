package main

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/machine"
)

const writes = "SCALING_WRITE" // set by `make scaling`: write the files instead of comparing with them

func TestFunctionsCostWhatTheTablesSay(t *testing.T) {
	now := measure(t)
	if os.Getenv(writes) != "" {
		text, err := json.MarshalIndent(now, "", "  ")
		must(t, err)
		must(t, os.WriteFile("measured.json", append(text, '\n'), 0o600))
		return
	}
	was, err := measuredNow()
	must(t, err)
	for name, call := range now.Calls {
		if before := was.Calls[name]; !call.equal(before.Spent) {
			t.Errorf("%s costs %+v; the tables say %+v. If that is as it should be, run `make scaling`", name, call.Spent, before.Spent)
		} else if differs(float64(call.Log), float64(before.Log)) {
			t.Errorf("%s prints %d bytes; the tables say %d. If that is as it should be, run `make scaling`", name, call.Log, before.Log)
		}
	}
	for name, size := range now.Items {
		if differs(float64(size), float64(was.Items[name])) {
			t.Errorf("%s has %d bytes; the tables say %d. If that is as it should be, run `make scaling`", name, size, was.Items[name])
		}
	}
}

// differs allows for digits that come and go.
func differs(a, b float64) bool { return math.Abs(a-b) > 0.05*b }

// A lab has what the measured functions need: a table that is metered, the secrets, a user and a key.
type lab struct {
	t         *testing.T
	meter     *meter
	user      string
	key       apikey.Key
	variables []string
	fullKey   string
	builds    map[string]string // bootstraps by folder
}

const (
	email      = "a@example.com"
	passphrase = "correct horse battery staple"
)

func measure(t *testing.T) Measured {
	l, table := newLab(t)
	m := Measured{When: time.Now().UTC().Format(time.DateOnly), Where: machine.Processor(), Calls: map[string]Call{}, Items: map[string]int{}}
	limited, unlimited := "RATE_LIMIT_READ=1000000000", "RATE_LIMIT_READ=0"
	var lines []string
	for name, credential := range map[string]string{"key": l.fullKey, "session": l.sessionToken(), "client token": l.clientToken()} {
		for limit, variable := range map[string]string{"limited": limited, "unlimited": unlimited} {
			call, printed := l.run("authorizer", authorize(credential), 20, "MODE=edge", variable)
			m.Calls[name+", "+limit] = call
			if name == "key" && limit == "limited" {
				lines = printed
			}
		}
	}
	m.Calls["a function of Latchkey"], _ = l.run("functions/auth-me", l.request("GET", "/v1/auth/me", ""), 20)
	m.Calls["a login"], _ = l.run("functions/auth-login", l.request("POST", "/v1/auth/login", `{"email":"`+email+`","password":"`+passphrase+`"}`), 3,
		"RATE_LIMIT_AUTH=1000000", "RATE_LIMIT_ACCOUNT=1000000")
	for name, events := range l.deliveries(lines[0]) {
		m.Calls[name] = l.deliver(events)
	}
	m.Items = sizes(t, table)
	m.Start = l.start()
	return m
}

func newLab(t *testing.T) (*lab, string) {
	cfg, table := storetest.Table(t)
	s, now := store.New(cfg, table), time.Now()
	hash, err := password.Minimum.Hash(passphrase)
	must(t, err)
	u := user.New(email, user.Member, now)
	must(t, s.CreateUser(t.Context(), u, hash, storetest.Entry(audit.Registered)))
	k := apikey.Key{
		ID: apikey.NewID(), Owner: u.ID, OwnerEmail: email, Project: user.DefaultProject(u.ID), Type: apikey.Scoped, Label: "A key of a shop",
		Scopes: []string{"read:campaigns", "write:campaigns", "read:stats"}, Generation: 1, CreatedAt: now,
	}
	full := apikey.New("gf_", k.ID)
	k.Hash, k.Prefix, k.Masked = parsed(t).MAC(full), "gf_", full[:8]+"••••••••"
	must(t, s.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Actor: audit.Actor{Type: "user", ID: u.ID}, Address: "192.0.2.7", Now: now}, year)))

	answer, err := json.Marshal(map[string]string{"SecretString": ring})
	must(t, err)
	secrets := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	t.Cleanup(secrets.Close)
	m, address := metered(t, os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
	return &lab{t: t, meter: m, user: u.ID, key: k, fullKey: full, builds: map[string]string{}, variables: []string{
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
		"AWS_ENDPOINT_URL_DYNAMODB=" + address, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + secrets.URL, "STACK_NAME=latchkey", "TABLE_NAME=" + table,
		"PEPPER_SECRET_ARN=p", "SIGNING_SECRET_ARN=s", "ISSUER=https://auth.example.com", "ISSUER_URN=urn:latchkey", "AUDIENCE=latchkey",
		"SESSION_LIFETIME=604800", "ACCESS_TOKEN_LIFETIME=3600", "REFRESH_TOKEN_LIFETIME=2592000", "AUDIT_RETENTION_DAYS=400", "LOG_RETENTION_DAYS=90",
		"PASSWORD_MEMORY=19", "PASSWORD_PASSES=2", "RATE_LIMIT_WINDOW=60", "RATE_LIMIT_AUTH=60", "RATE_LIMIT_ACCOUNT=20", "RATE_LIMIT_MANAGEMENT=300", "RATE_LIMIT_READ=1200", "RATE_LIMIT_WRITE=600",
		"MAX_KEYS=0", "MAX_PROJECTS=0", "MAX_SESSIONS=0",
	}}, table
}

// run invokes a warm function n times with the event, and returns the mean and the lines that it printed.
func (l *lab) run(folder string, event any, n int, variables ...string) (Call, []string) {
	l.t.Helper()
	var call Call
	var lines []string
	cpu := [2]time.Duration{} // of a process with one invocation, and of one with n more
	for i, more := range []int{0, n} {
		f := start(l.t, l.bootstrap(folder), slices.Concat(l.variables, variables)...)
		f.invoke(event)
		l.meter.take()
		for range more {
			f.invoke(event)
		}
		spent := l.meter.take()
		lines = strings.SplitAfter(strings.TrimSuffix(f.Kill(), "\n"), "\n")
		cpu[i] = f.cpu()
		if len(lines) != more+1 {
			l.t.Fatalf("%s printed %d lines in %d invocations:\n%s", folder, len(lines), more+1, lines)
		}
		call.Spent = spent.over(n)
	}
	for _, line := range lines[1:] {
		if !strings.Contains(line, `"outcome":"allowed"`) && !strings.Contains(line, `"status":200`) {
			l.t.Fatalf("%s refused: %s", folder, line)
		}
		call.Log += len(line)
	}
	call.Log /= n
	call.CPU = math.Round(float64((cpu[1]-cpu[0]).Microseconds())/float64(n)/10) / 100
	return call, lines[1:]
}

// deliver counts the deliveries, each with uses of its own, and returns the mean of all but the first.
func (l *lab) deliver(events []any) Call {
	l.t.Helper()
	var call Call
	f := start(l.t, l.bootstrap("functions/uses-count"), l.variables...)
	f.invoke(events[0])
	l.meter.take()
	for _, e := range events[1:] {
		f.invoke(e)
	}
	n := len(events) - 1
	call.Spent = l.meter.take().over(n)
	lines := strings.SplitAfter(f.Kill(), "\n")
	for _, line := range lines[1:] {
		call.Log += len(line)
	}
	call.Log /= n
	return call
}

// start is how long fresh processes of the authorizer take to their first answer, the median, in milliseconds.
func (l *lab) start() float64 {
	var took []time.Duration
	for range 15 {
		f := start(l.t, l.bootstrap("authorizer"), append(slices.Clone(l.variables), "MODE=edge")...)
		f.invoke(authorize(l.fullKey))
		took = append(took, time.Since(f.Began))
		f.Kill()
	}
	slices.Sort(took)
	return math.Round(float64(took[len(took)/2].Microseconds())/100) / 10
}

func (l *lab) bootstrap(folder string) string {
	if l.builds[folder] == "" {
		l.builds[folder] = build(l.t, folder)
	}
	return l.builds[folder]
}

func (s Spent) equal(o Spent) bool {
	return s.Reads == o.Reads && s.Writes == o.Writes && maps.Equal(s.Calls, o.Calls)
}

func (s Spent) over(n int) Spent {
	mean := Spent{Calls: map[string]int{}, Reads: s.Reads / float64(n), Writes: s.Writes / float64(n)}
	for operation, calls := range s.Calls {
		mean.Calls[operation] = calls / max(n, 1)
	}
	return mean
}

var shownItems = []string{"KEY KEY", "SESSION SESSION", "USES USE", "KEY AUDIT"}

// sizes are the bytes of the largest item of each kind.
func sizes(t *testing.T, table string) map[string]int {
	out, err := dynamodb.NewFromConfig(awsenv.Config("DYNAMODB")).Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	must(t, err)
	found := map[string]int{}
	for _, it := range out.Items {
		kind, _, _ := strings.Cut(it["pk"].(*types.AttributeValueMemberS).Value, "#")
		part, _, _ := strings.Cut(it["sk"].(*types.AttributeValueMemberS).Value, "#")
		if name := kind + " " + part; slices.Contains(shownItems, name) {
			found[name] = max(found[name], sizeOf(&types.AttributeValueMemberM{Value: it})-3)
		}
	}
	return found
}

// sizeOf is a value's size as DynamoDB bills it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func sizeOf(value types.AttributeValue) int {
	n := 1 // a Boolean or null
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		n = len(v.Value)
	case *types.AttributeValueMemberN:
		n = len(v.Value)/2 + 1
	case *types.AttributeValueMemberL:
		n = 3
		for _, element := range v.Value {
			n += 1 + sizeOf(element)
		}
	case *types.AttributeValueMemberM:
		n = 3
		for name, element := range v.Value {
			n += len(name) + sizeOf(element)
		}
	}
	return n
}

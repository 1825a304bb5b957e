package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/scope/scopetest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// BenchmarkCheck is a warm check from the text of the event to the text of the answer, with
// DynamoDB Local. The figure to compare is cpu-µs/op, the time that this process was running:
// ns/op includes the time that it waits for DynamoDB Local.
func BenchmarkCheck(b *testing.B) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	defer slog.SetDefault(before)
	_, table := storetest.Table(b)
	w := worldOver(b, store.New(awsenv.Config("DYNAMODB"), table), modeFunction) // no proxy between
	_, key := w.key(nil)
	_, jwt := w.login()
	h := lambda.NewHandler(w.authorizer)
	for name, credential := range map[string]string{"key": key, "token": jwt} {
		for kind, limits := range map[string]map[ratelimit.Category]int{"unlimited": nil, "limited": {ratelimit.Read: 1 << 30}} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				w.limits.Max = limits
				event := benchEvent(credential)
				b.ReportAllocs()
				began := cpu()
				for b.Loop() {
					if _, err := h.Invoke(context.Background(), event); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64((cpu()-began).Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
			})
		}
	}
}

// BenchmarkRead is the event alone.
func BenchmarkRead(b *testing.B) {
	event := benchEvent("gf_")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read(event); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnswer is a check without its call: from the key as the table has it to the text of the answer.
// A key costs what its own scopes cost, however many the catalogue has.
func BenchmarkAnswer(b *testing.B) {
	for _, c := range answers(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.once(b)
			}
		})
	}
}

// TestCheckWithSixtyResourcesCostsNoMoreThanWithFifteenScopes measures what is allocated: most of an answer's time
// goes there, and unlike time it is nearly the same on each machine. A key with all 122 scopes has their names in its
// context, and costs no more than a little beside them.
func TestCheckWithSixtyResourcesCostsNoMoreThanWithFifteenScopes(t *testing.T) {
	var costs []uint64
	for _, c := range answers(t) {
		costs = append(costs, bytesOf(func() { c.once(t) }))
		t.Logf("%s: %d bytes", c.name, costs[len(costs)-1])
	}
	if with15, with60 := costs[0], costs[1]; with60 > with15*11/10 {
		t.Errorf("a key with 14 scopes: %d bytes with 60 resources, and %d with 15 scopes", with60, with15)
	}
	if few, all := costs[1], costs[2]; all > few*5/2 {
		t.Errorf("with 60 resources: %d bytes for a key with all 122 scopes, and %d with 14", all, few)
	}
}

// bytesOf returns what one call allocates, on the average of many.
func bytesOf(call func()) uint64 {
	const times = 200
	var before, after runtime.MemStats
	call() // what is kept from the first call is not counted
	runtime.ReadMemStats(&before)
	for range times {
		call()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / times
}

// An answerCase is one of the authorizer's answers, with its catalogue.
type answerCase struct {
	name string
	once func(testing.TB)
}

func answers(t testing.TB) (cases []answerCase) {
	t.Helper()
	fifteen := scope.Default()
	sixty := scopetest.Use(t, scopetest.Resources(60))
	few := []string{"read:events"}
	for i := range 13 {
		few = append(few, fmt.Sprintf("read:resource-%02d", i))
	}
	add := func(name string, catalogue *scope.Catalogue, holds []string, path string) {
		a := authorizer{policies: policy.NewCache()}
		k := &apikey.Key{ID: "4Hk0pQzXw2LmN8sT", Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Scopes: holds}
		r := request{arn: "arn:aws:execute-api:eu-west-1:1:abcdef1234/prod/GET" + path, method: "GET", path: path}
		cases = append(cases, answerCase{name, func(t testing.TB) { answerOf(t, a, catalogue, k, r) }})
	}
	add("15 scopes/key with 14", fifteen, fifteen.AllButAdmin(), "/api/stats")
	add("60 resources/key with 14", sixty, few, "/api/resource-07")
	add("60 resources/key with 122", sixty, sixty.AllButAdmin(), "/api/resource-07")
	return cases
}

func answerOf(b testing.TB, a authorizer, c *scope.Catalogue, k *apikey.Key, r request) {
	b.Helper()
	i := authn.Identity{Key: k, Catalogue: c, Scopes: k.GrantedBy(c)}
	granted, err := a.policyOf(i, r.arn)
	if err != nil || !granted.Allows(r.method, r.path) {
		b.Fatal("not allowed: ", err)
	}
	caller := callerOf(i)
	if _, err := (decision{true, caller.ID(), granted, caller.Context()}).withPolicy(r); err != nil {
		b.Fatal(err)
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchEvent is the event of a REST API's REQUEST authorizer, as a browser's request makes it.
func benchEvent(credential string) []byte {
	headers := []string{
		"Accept: application/json", "Accept-Encoding: gzip, deflate, br", "Accept-Language: en-GB", "Authorization: Bearer " + credential,
		"CloudFront-Forwarded-Proto: https", "CloudFront-Viewer-Country: IE", "Host: abcdef1234.execute-api.eu-west-1.amazonaws.com",
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Via: 2.0 a.cloudfront.net (CloudFront)",
		"X-Amz-Cf-Id: 4Cb-6dbGqpZBHx", "X-Amzn-Trace-Id: Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
		"X-Forwarded-For: 192.0.2.7, 198.51.100.1", "X-Forwarded-Port: 443", "X-Forwarded-Proto: https",
	}
	var single, multi []string
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		single = append(single, fmt.Sprintf("%q:%q", name, value))
		multi = append(multi, fmt.Sprintf("%q:[%q]", name, value))
	}
	return text(`{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/v1/auth/me",
		"resource":"/v1/auth/me","path":"/v1/auth/me","httpMethod":"GET","headers":{%s},"multiValueHeaders":{%s},
		"queryStringParameters":{},"multiValueQueryStringParameters":{},"pathParameters":{},"stageVariables":{},
		"requestContext":{"resourceId":"abc123","resourcePath":"/v1/auth/me","httpMethod":"GET","extendedRequestId":"F8oaeEYqjoEFh5Q=",
		"requestTime":"02/Jan/2030:03:04:05 +0000","path":"/prod/v1/auth/me","accountId":"123456789012","protocol":"HTTP/1.1","stage":"prod",
		"domainPrefix":"abcdef1234","requestTimeEpoch":1893553445000,"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","apiId":"abcdef1234",
		"identity":{"cognitoIdentityPoolId":null,"accountId":null,"caller":null,"sourceIp":"192.0.2.7","accessKey":null,"userArn":null,
		"userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0","user":null}}}`,
		strings.Join(single, ","), strings.Join(multi, ","))
}

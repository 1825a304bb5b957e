// The probe's function and its authorizer do what the request tells them, in the header
// X-Probe or X-Probe-Authorizer: so a test shows what API Gateway makes of it.
//
//	main.go        the orders
//	process.go     what tells of the process: how it lives is Lambda's affair
//	call.go        calls of AWS, with the function's own credentials
//	subscriber.go  what CloudWatch Logs hands on
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// An order is what a request tells the probe to do.
type order struct {
	Do     string          `json:"do"`     // exit, panic, fail, sleep, answer, size, print, call; else echo
	Millis int             `json:"millis"` // how long to sleep
	Error  string          `json:"error"`  // what to fail with
	Answer json.RawMessage `json:"answer"` // given as it is
	Size   int             `json:"size"`   // bytes of a body to answer with
	Lines  []string        `json:"lines"`  // to print
	Call   call            `json:"call"`   // to make
}

func main() {
	live()
	switch os.Getenv("PROBE") {
	case "authorizer":
		lambda.Start(authorize)
	case "subscriber":
		lambda.Start(subscribe)
	case "warned":
		lambda.StartWithOptions(serve, lambda.WithEnableSIGTERM())
	default:
		lambda.Start(serve)
	}
}

// serve answers a Lambda proxy request, by default with the event that it was given.
func serve(ctx context.Context, event json.RawMessage) (any, error) {
	served++
	o := read(event, "X-Probe")
	switch o.Do {
	case "call":
		return o.Call.make(ctx)
	case "print":
		for _, line := range o.Lines {
			fmt.Println(line)
		}
		return life()
	case "":
		return map[string]any{"statusCode": 200, "body": string(event)}, nil
	case "size":
		return map[string]any{"statusCode": 200, "body": strings.Repeat("x", o.Size)}, nil
	}
	return o.obey()
}

// authorize allows the whole API unless told otherwise, and hands the event on.
func authorize(_ context.Context, event json.RawMessage) (any, error) {
	if o := read(event, "X-Probe-Authorizer"); o.Do != "" {
		return o.obey()
	}
	return map[string]any{
		"principalId": "probe",
		"policyDocument": map[string]any{
			"Version":   "2012-10-17",
			"Statement": []any{map[string]any{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}},
		},
		"context": map[string]any{"event": string(event)},
	}, nil
}

func (o order) obey() (any, error) {
	switch o.Do {
	case "exit":
		os.Exit(1)
	case "panic":
		panic("as told")
	case "fail":
		return nil, errors.New(o.Error)
	case "sleep":
		time.Sleep(time.Duration(o.Millis) * time.Millisecond)
		return life()
	case "answer":
		return o.Answer, nil
	}
	return nil, errors.New("no such order: " + o.Do)
}

// read finds the order in the event's header of that name, whatever its case.
func read(event json.RawMessage, header string) (o order) {
	var sent struct {
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(event, &sent); err != nil {
		return order{Do: "an event that does not read: " + err.Error()}
	}
	for name, value := range sent.Headers {
		if strings.EqualFold(name, header) {
			if err := json.Unmarshal([]byte(value), &o); err != nil {
				return order{Do: value}
			}
		}
	}
	return o
}

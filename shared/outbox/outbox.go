// Package outbox hands messages to the function that sends mail (functions/mail-send), and does not wait
// for it.
//
//	a route ─► an asynchronous invocation ─► mail-send: who is that? ─► a link ─► SES
//
// So a route takes as long and answers alike whether somebody has the address or not: it does not even know.
// A link's token is never in an invocation, which Lambda keeps in a queue: mail-send makes it. Lambda delivers
// an invocation at least once, and repeats it after an error; a repeated one makes and sends a newer link.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/problem"
)

// A Message is one to be sent. It names its receiver by address or by id.
type Message struct {
	Name   string `json:"name"` // of package mail: reset, invitation, …
	Email  string `json:"email,omitempty"`
	UserID string `json:"user_id,omitempty"`
	// By is who makes the link of the message for the receiver, whose log says so; nil if they do themselves.
	By *audit.Source `json:"by,omitempty"`
	// SignIn is what a message tells that is about one.
	SignIn *NewDevice `json:"sign_in,omitempty"`
}

// An Outbox takes messages. The zero Outbox is that of a deployment without a sender.
type Outbox struct {
	client   *lambda.Client
	function string
}

// FromEnv reads MAIL_FUNCTION, which is empty where the deployment has no sender. It makes no call.
func FromEnv() Outbox {
	function := os.Getenv("MAIL_FUNCTION")
	if function == "" {
		return Outbox{}
	}
	return New(awsenv.Config("LAMBDA"), function)
}

// New makes an Outbox that invokes a function.
func New(cfg aws.Config, function string) Outbox { return Outbox{lambda.NewFromConfig(cfg), function} }

// Sends reports whether the deployment sends mail.
func (o Outbox) Sends() bool { return o.function != "" }

// NoSender is for routes that are of use only where the deployment sends mail.
var NoSender = problem.NotFound.WithDetail("This deployment sends no e-mail")

// Put hands a message over. After nil Lambda has it.
func (o Outbox) Put(ctx context.Context, m Message) error {
	payload, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = o.client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &o.function, InvocationType: types.InvocationTypeEvent, Payload: payload,
	})
	if err != nil {
		return fmt.Errorf("failed to hand a message to the function that sends mail: %w", err)
	}
	return nil
}

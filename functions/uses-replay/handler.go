package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/latchkey/latchkey/shared/usage"
	"github.com/latchkey/latchkey/shared/verification"
)

// A Request names the time in which uses may be missing. A use that was counted before is not
// counted again, so the time may be generous.
type Request struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Next string    `json:"next"` // of the answer before, to go on
}

// An Answer has the number of uses in the log, and the number that were missing. If Next is
// set, there is more to read: send it in another Request.
type Answer struct {
	usage.Counted
	Next string `json:"next,omitempty"`
}

// A Log finds lines in a log group; cloudwatchlogs.Client.
type Log interface {
	FilterLogEvents(context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error)
}

type handler struct {
	counter usage.Counter
	log     Log
	group   string
}

// onePage is more than reading and counting a page (1 MB of lines) takes.
const onePage = time.Minute

func (h handler) serve(ctx context.Context, r Request) (Answer, error) {
	if r.From.IsZero() || !r.To.After(r.From) {
		return Answer{}, errors.New(`send {"from": "2030-01-31T11:00:00Z", "to": "2030-01-31T12:00:00Z"}`)
	}
	answer := Answer{Next: r.Next}
	for first := true; first || answer.Next != ""; first = false {
		if deadline, ok := ctx.Deadline(); ok && !first && time.Until(deadline) < onePage {
			break
		}
		page, err := h.log.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: &h.group, FilterPattern: aws.String(verification.FilterPattern), NextToken: optional(answer.Next),
			StartTime: aws.Int64(r.From.UnixMilli()), EndTime: aws.Int64(r.To.UnixMilli()),
		})
		if err != nil {
			return answer, fmt.Errorf("reading the log: %w", err)
		}
		var lines []string
		for _, e := range page.Events {
			lines = append(lines, aws.ToString(e.Message))
		}
		counted, err := h.counter.Count(ctx, lines)
		if err != nil {
			return answer, err
		}
		answer.Uses, answer.Added, answer.Rejected = answer.Uses+counted.Uses, answer.Added+counted.Added, answer.Rejected+counted.Rejected
		answer.Next = aws.ToString(page.NextToken)
	}
	return answer, nil
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

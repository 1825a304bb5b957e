package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
)

var failed bool

// subscribe prints the lines of a delivery of CloudWatch Logs, as JSON. It fails for the first
// one that tells it to.
func subscribe(_ context.Context, event events.CloudwatchLogsEvent) error {
	delivery, err := event.AWSLogs.Parse()
	if err != nil {
		return err
	}
	text, err := json.Marshal(delivery.LogEvents)
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	for _, line := range delivery.LogEvents {
		if line.Message == "probe: fail once" && !failed {
			failed = true
			return errors.New("as told")
		}
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	source object
	store  *store.Store
	now    func() time.Time
}

// A refused catalogue is one in which the deployer has to change something. Trying again does not help.
type refused struct{ error }

// An answer is for a person who calls the function.
type answer struct {
	InForce  string `json:"in_force"` // where it was read
	Revision int    `json:"revision"`
	Scopes   int    `json:"scopes"` // Latchkey's own included
}

// serve answers CloudFormation, which sends a RequestType, EventBridge, which sends a detail-type, and a
// person, who sends nothing. EventBridge is told of failures only that may pass, so that it tries again.
func (h handler) serve(ctx context.Context, event json.RawMessage) (any, error) {
	var kind struct {
		RequestType string
		DetailType  string `json:"detail-type"`
	}
	if err := json.Unmarshal(event, &kind); err != nil {
		return nil, err
	}
	if kind.RequestType != "" {
		var in cfn.Event
		if err := json.Unmarshal(event, &in); err != nil {
			return nil, err
		}
		return cfn.LambdaWrap(h.deploy)(ctx, in)
	}
	done, err := h.apply(ctx)
	if kind.DetailType != "" && errors.As(err, new(refused)) {
		return done, nil //nolint:nilerr // it is in the log, and in a metric
	}
	return done, err
}

// deploy is apply, for a deployment that waits for it: with a catalogue that is refused, it fails. All
// functions that follow the catalogue are deployed after that.
func (h handler) deploy(ctx context.Context, in cfn.Event) (id string, data map[string]any, err error) {
	id, data = "catalogue", map[string]any{"Source": h.source.String()}
	if in.RequestType == cfn.RequestDelete {
		return id, data, nil // without the parameter no function reads the item
	}
	if err := h.source.announces(ctx); err != nil {
		return id, data, shortened(err)
	}
	_, err = h.apply(ctx)
	return id, data, shortened(err)
}

// shortened keeps an error within what CloudFormation takes: an answer of 4,096 bytes.
func shortened(err error) error {
	if err == nil || len(err.Error()) <= 2000 {
		return err
	}
	return errors.New(err.Error()[:2000])
}

// apply puts the catalogue of the object in force. If it is refused, the one before stays in force.
func (h handler) apply(ctx context.Context) (answer, error) {
	done, err := h.publish(ctx)
	for errors.Is(err, store.ErrConflict) && ctx.Err() == nil { // another call was faster: the object may be newer by now
		done, err = h.publish(ctx)
	}
	if err != nil {
		attrs := append(metric.Attrs(h.now(), metric.Value{Name: "CatalogueRefused", Unit: metric.Count, Value: 1}), slog.String("error", err.Error()))
		slog.LogAttrs(ctx, slog.LevelError, "catalogue refused", attrs...)
		return answer{}, err
	}
	slog.InfoContext(ctx, "catalogue in force", "source", done.InForce, "revision", done.Revision, "scopes", done.Scopes)
	return done, nil
}

// publish reads the object after it has read the revision in force. So of two calls at once, the one
// that read an older object does not replace what the other has published.
func (h handler) publish(ctx context.Context) (answer, error) {
	inForce, err := h.store.Catalogue(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return answer{}, err
	}
	text, err := h.source.text(ctx)
	if err != nil {
		return answer{}, err
	}
	c, err := scope.Compose(h.source.String(), text)
	if err != nil {
		return answer{}, refused{err}
	}
	if inForce.Revision == 0 || inForce.Text != string(text) {
		inForce = scope.Published{Revision: inForce.Revision + 1, Text: string(text)}
		err = h.store.PublishCatalogue(ctx, inForce, h.now())
	}
	return answer{h.source.String(), inForce.Revision, len(c.Scopes())}, err
}

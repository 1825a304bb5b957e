package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/scope"
)

// mostKeys is how many keys one request may have.
const mostKeys = 100

// A body asks about one key, or about several. It does not embed a question: an error of encoding/json
// would name it.
type body struct {
	Key     string     `json:"key"`
	Method  string     `json:"method"`
	Path    string     `json:"path"`
	Scopes  []string   `json:"scopes"`
	Address string     `json:"address"`
	API     string     `json:"api"`
	Cost    *int64     `json:"cost"`
	Keys    []question `json:"keys"`
	DryRun  bool       `json:"dry_run"`
}

func (b body) question() question {
	return question{b.Key, b.Method, b.Path, b.Scopes, b.Address, b.API, b.Cost}
}

// A question is a key and the request with which it was sent to the server that asks.
type question struct {
	Key     string   `json:"key"`
	Method  string   `json:"method"`
	Path    string   `json:"path"`
	Scopes  []string `json:"scopes"`
	Address string   `json:"address"`
	API     string   `json:"api"`
	Cost    *int64   `json:"cost"`
}

// noNull refuses null: a caller who has no value for a member could think that it was checked.
func noNull(r *gateway.Request) error {
	text, err := r.Body()
	if err != nil {
		return err
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	for {
		token, err := tokens.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case token == nil:
			return problem.Validation(problem.Field{Field: "", Message: "a member may be left out, and not be null"})
		}
	}
}

// questions returns what a body asks, or what is wrong with it.
func (b body) questions() ([]wanted, error) {
	if b.Keys == nil {
		w, wrong := b.question().read("")
		if wrong != nil {
			return nil, problem.Validation(wrong...)
		}
		return []wanted{w}, nil
	}
	if len(b.Keys) == 0 || len(b.Keys) > mostKeys {
		return nil, problem.Validation(problem.Field{Field: "keys", Message: fmt.Sprintf("must have 1 to %d elements", mostKeys)})
	}
	if !b.question().empty() {
		return nil, problem.Validation(problem.Field{Field: "keys", Message: "send one key, or keys with the other members in each element"})
	}
	var all []wanted
	var wrong []problem.Field
	for i, q := range b.Keys {
		w, fields := q.read(fmt.Sprintf("keys.%d.", i))
		all, wrong = append(all, w), append(wrong, fields...)
	}
	if wrong != nil {
		return nil, problem.Validation(wrong...)
	}
	return all, nil
}

func (q question) empty() bool {
	return q.Key == "" && q.Method == "" && q.Path == "" && q.Scopes == nil && q.Address == "" && q.API == "" && q.Cost == nil
}

// A wanted question was checked.
type wanted struct {
	question
	scopes scope.Set // that the request needs; nil: what method and path need
	cost   int64     // what it takes from the key's quota
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

const (
	maxPath = 2048
	maxAPI  = 64
	apiName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-"
)

// read checks the members. A key that has not the form of one is no mistake of the server that asks.
func (q question) read(at string) (w wanted, wrong []problem.Field) {
	check := func(ok bool, field, message string) {
		if !ok {
			wrong = append(wrong, problem.Field{Field: at + field, Message: message})
		}
	}
	check(q.Key != "", "key", "must be the key that was presented")
	check(q.Method == "" || slices.Contains(methods, q.Method), "method", "must be one of "+strings.Join(methods, ", "))
	check(q.Path == "" || q.Method != "", "path", "needs a method")
	check(q.Path == "" || strings.HasPrefix(q.Path, "/") && len(q.Path) <= maxPath, "path", "must begin with a slash, and have 2048 bytes at most")
	_, err := netip.ParseAddr(q.Address)
	check(q.Address == "" || err == nil, "address", "must be an IP address")
	check(len(q.API) <= maxAPI && strings.Trim(q.API, apiName) == "", "api", "must have at most 64 of A-Z a-z 0-9 . _ / -")
	w.question, w.cost = q, 1
	if q.Cost != nil {
		w.cost = *q.Cost
	}
	check(w.cost >= 1 && w.cost <= quota.MaxCost, "cost", fmt.Sprintf("must be a whole number from 1 to %d", quota.MaxCost))
	if q.Scopes != nil {
		w.scopes, err = scope.Default().Parse(q.Scopes)
		check(err == nil && len(q.Scopes) > 0, "scopes", "must name scopes that exist, or be left out")
	}
	return w, wrong
}

package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The exit codes. The help lists them too, so scripts can rely on them.
const (
	exitOK            = 0
	exitFailure       = 1
	exitUsage         = 2
	exitRefused       = 3
	exitNotFound      = 4
	exitLimited       = 5
	exitRunFailed     = 6
	exitNotWhole      = 7
	exitWrong         = 8
	exitNotAllChecked = 9
	exitInterrupted   = 130
)

const exitCodes = `Exit codes:
  0    done
  1    failed: no answer, a fault of the service, or a conflict
  2    wrong usage, or a value that the service does not accept
  3    not signed in, or refused
  4    it does not exist, or belongs to somebody else
  5    too many requests
  6    the run that was followed has failed
  7    the log is not whole
  8    the deployment has a fault, or is at risk
  9    it has none that was found, but not all was checked
  130  interrupted`

// A failure is an error that decides how the command ends.
type failure struct {
	exit int
	text string
}

func (f *failure) Error() string { return f.text }

func usage(format string, args ...any) error {
	return &failure{exitUsage, fmt.Sprintf(format, args...)}
}

var errSignedOut = &failure{exitRefused, "not signed in; use `latchkey login`, or set LATCHKEY_API_KEY"}

// A refusal is an answer that is not a success.
type refusal struct {
	status     int
	retryAfter time.Duration
	Code       string `json:"error_code"`
	Detail     string `json:"detail"`
	RequestID  string `json:"request_id"`
	Fields     []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"fields"`
	Progress map[string]int `json:"progress"` // of a request that was too long for one answer, and goes on when it is repeated

	OAuthCode   string `json:"error"` // of /oauth/*
	OAuthDetail string `json:"error_description"`
}

// readRefusal takes any body, because a proxy may have written it. Then the challenge
// (RFC 6750) tells more than the status.
func readRefusal(res *http.Response, body []byte) *refusal {
	r := &refusal{status: res.StatusCode}
	if json.Unmarshal(body, r) != nil || r.Code+r.OAuthCode == "" {
		r.Code, r.Detail = res.Status, challenge(res)
	}
	if r.Code == "" {
		r.Code, r.Detail = r.OAuthCode, r.OAuthDetail
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		r.retryAfter = time.Duration(seconds) * time.Second
	}
	return r
}

// challenge is under one of two names: API Gateway renames the header where a function has
// set it.
func challenge(res *http.Response) string {
	return cmp.Or(res.Header.Get("WWW-Authenticate"), res.Header.Get("X-Amzn-Remapped-WWW-Authenticate"))
}

func (r *refusal) Error() string {
	text := r.Code
	if r.Detail != "" {
		text += ": " + r.Detail
	}
	for _, f := range r.Fields {
		text += fmt.Sprintf("; %s %s", f.Field, f.Message)
	}
	if r.status >= 500 && r.RequestID != "" {
		text += " (request " + r.RequestID + ")"
	}
	return text
}

// ended gives the error of a request its exit code.
func ended(err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	exit := exitFailure
	switch r.status {
	case 400, 413, 415, 422:
		exit = exitUsage
	case 401, 403:
		exit = exitRefused
	case 404:
		exit = exitNotFound
	case 429:
		exit = exitLimited
	}
	return &failure{exit, r.Error()}
}

func isTokenOver(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusUnauthorized && strings.HasPrefix(r.Code, "TOKEN_")
}

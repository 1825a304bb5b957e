package main

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/latchkey/latchkey/tests/caller"
	"github.com/latchkey/latchkey/tests/machine"
)

// shown is how many failures are printed in full.
const shown = 20

// A report counts the answers.
type report struct {
	seed   uint64
	commit string // at the beginning
	began  time.Time

	mu       sync.Mutex
	counts   map[string]map[int]int // route → status → answers
	forbid   int                    // requests for which a 2xx would have been wrong
	failures int
}

func newReport(seed uint64) *report {
	return &report{seed: seed, commit: machine.Commit(), began: time.Now(), counts: map[string]map[int]int{}}
}

func (r *report) fail(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failures++; r.failures <= shown {
		fmt.Println(text + "\n")
	}
}

func (r *report) note(a *attempt, got caller.Answer, wrong []string) {
	if wrong != nil {
		r.fail(fmt.Sprintf("request %d, %s with %s: got %d: %s\n%s\n%.600s", a.number, a.route, a.credential, got.Status,
			strings.Join(wrong, "; "), curl(a), got.Body))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts[a.route.String()] == nil {
		r.counts[a.route.String()] = map[int]int{}
	}
	r.counts[a.route.String()][got.Status]++
	if len(a.wrong) > 0 {
		r.forbid++
	}
}

// end prints the table. It returns an error if there is one, or if a route was never answered with success.
func (r *report) end(d document, path string) error {
	table := &strings.Builder{}
	took, sent := time.Since(r.began), 0
	for _, statuses := range r.counts {
		for _, n := range statuses {
			sent += n
		}
	}
	fmt.Fprintf(table, "Sent on %s: commit %s, %d requests in %v, %.0f a second, with the seed %d. For %d of them a 2xx would have been wrong.\n\n",
		r.began.UTC().Format(time.DateOnly), r.commit, sent, took.Round(time.Second), float64(sent)/took.Seconds(), r.seed, r.forbid)
	table.WriteString("| route | 2xx | 3xx | 400 | 401 | 403 | 404 | other 4xx | 5xx |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, route := range d.routes {
		columns := make([]int, 8)
		for _, status := range slices.Sorted(maps.Keys(r.counts[route.String()])) {
			columns[column(status)] += r.counts[route.String()][status]
		}
		fmt.Fprintf(table, "| %s | %s |\n", route, strings.ReplaceAll(strings.Trim(fmt.Sprint(columns), "[]"), " ", " | "))
		if columns[0] == 0 && sent >= 100*len(d.routes) && !slices.Contains(unlit, route.String()) {
			r.fail(route.String() + " was never answered with success: this run proves little")
		}
	}
	fmt.Println(table)
	if path != "" {
		if err := os.WriteFile(path, []byte(table.String()), 0o600); err != nil {
			return err
		}
	}
	if r.failures > 0 {
		return fmt.Errorf("%d failures", r.failures)
	}
	return nil
}

// unlit are the routes that exist only where tokens are signed with a key pair, or where there is a scanner.
var unlit = []string{"POST /v1/leaks", "GET /.well-known/openid-configuration", "GET /.well-known/jwks.json"}

func column(status int) int {
	switch {
	case status < 300:
		return 0
	case status < 400:
		return 1
	case status == 400:
		return 2
	case status == 401:
		return 3
	case status == 403:
		return 4
	case status == 404:
		return 5
	case status < 500:
		return 6
	}
	return 7
}

// curl is the request as a command. A body that a terminal cannot show is decoded from base64.
func curl(a *attempt) string {
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
	command, input := "curl -si --path-as-is -X "+a.request.Method, ""
	for _, name := range slices.Sorted(maps.Keys(a.request.Header)) {
		for _, value := range a.request.Header[name] {
			command += " -H " + quote(name+": "+value)
		}
	}
	if body := string(a.request.Body); len(body) > 2000 {
		command += fmt.Sprintf(" --data-binary <%d bytes: run request %d again>", len(body), a.number)
	} else if strings.ContainsFunc(body, func(c rune) bool { return !unicode.IsPrint(c) || c == unicode.ReplacementChar }) {
		input = "base64 -d <<<" + base64.StdEncoding.EncodeToString([]byte(body)) + " | "
		command += " --data-binary @-"
	} else if body != "" {
		command += " --data-binary " + quote(body)
	}
	return input + command + ` "$API_URL"` + quote(a.request.Path)
}

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A meter is a proxy in front of DynamoDB Local. It asks it for the units that each call consumes,
// and adds them up.
type meter struct {
	mu    sync.Mutex
	spent Spent
}

// metered returns a meter and its address.
func metered(t testing.TB, backend string) (*meter, string) {
	t.Helper()
	to, err := url.Parse(backend)
	must(t, err)
	m := &meter{}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
			m.ask(r)
		},
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			return m.add(operationOf(r.Request), body)
		},
	})
	t.Cleanup(server.Close)
	return m, server.URL
}

func operationOf(r *http.Request) string {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return operation
}

// ask changes a call so that its answer says what it consumed. Of a transaction DynamoDB Local says
// the same whatever its size, so its writes are counted here: two units each, because no item of
// ours that is written in a transaction is larger than 1 KB.
func (m *meter) ask(r *httputil.ProxyRequest) {
	body, _ := io.ReadAll(r.In.Body)
	var call map[string]json.RawMessage
	if json.Unmarshal(body, &call) == nil {
		var writes []json.RawMessage
		if json.Unmarshal(call["TransactItems"], &writes) == nil {
			m.count("", 0, 2*float64(len(writes)))
		}
		call["ReturnConsumedCapacity"] = json.RawMessage(`"TOTAL"`)
		body, _ = json.Marshal(call)
	}
	r.Out.Body, r.Out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Out.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

func (m *meter) add(operation string, answer []byte) error {
	type consumed struct{ CapacityUnits float64 }
	switch operation {
	case "TransactWriteItems":
		m.count(operation, 0, 0)
		return nil
	case "BatchGetItem":
		var a struct{ ConsumedCapacity []consumed }
		err := json.Unmarshal(answer, &a)
		for _, c := range a.ConsumedCapacity {
			m.count("", c.CapacityUnits, 0)
		}
		m.count(operation, 0, 0)
		return err
	}
	var a struct{ ConsumedCapacity consumed }
	err := json.Unmarshal(answer, &a)
	if units := a.ConsumedCapacity.CapacityUnits; operation == "GetItem" || operation == "Query" {
		m.count(operation, units, 0)
	} else {
		m.count(operation, 0, max(1, units)) // a write whose condition fails is billed too
	}
	return err
}

func (m *meter) count(operation string, reads, writes float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spent.Calls == nil {
		m.spent.Calls = map[string]int{}
	}
	if operation != "" {
		m.spent.Calls[operation]++
	}
	m.spent.Reads += reads
	m.spent.Writes += writes
}

// take returns what was spent since the last time.
func (m *meter) take() Spent {
	m.mu.Lock()
	defer m.mu.Unlock()
	spent := m.spent
	m.spent = Spent{}
	return spent
}

package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// A counted server passes on what it gets, and counts connections and requests.
type counted struct {
	connections, requests atomic.Int32
}

// between puts a counted server between a new store and DynamoDB Local. The first requests, one each, get another answer.
func between(t *testing.T, first ...http.HandlerFunc) (*store.Store, *counted) {
	t.Helper()
	cfg, table := storetest.Table(t)
	behind, err := url.Parse(*cfg.BaseEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	var c counted
	proxy := httputil.NewSingleHostReverseProxy(behind)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := int(c.requests.Add(1)); n <= len(first) {
			first[n-1](w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	cfg.BaseEndpoint = &server.URL
	return store.New(cfg, table), &c
}

// The first call may still come a moment too early for the connection and open another, so it has several tries.
func TestConnectionIsMadeBeforeTheFirstCallAndUsedByIt(t *testing.T) {
	const tries = 20
	for range tries {
		s, c := between(t)
		s.Connect(context.Background())
		for deadline := time.Now().Add(10 * time.Second); c.connections.Load() == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no connection was made")
			}
		}
		time.Sleep(20 * time.Millisecond)
		if n := c.requests.Load(); n != 0 {
			t.Fatalf("%d requests were sent to make a connection, want none", n)
		}
		newKey(t, s, nil)
		if c.connections.Load() == 1 {
			return
		}
	}
	t.Errorf("in none of %d tries did the first call use the connection", tries)
}

func TestStoreWorksWhereNoConnectionCouldBeMadeBefore(t *testing.T) {
	s, _ := between(t)
	ended, end := context.WithCancel(context.Background())
	end()
	s.Connect(ended)
	newKey(t, s, nil)
}

func TestAttemptThatHangsIsGivenUpAndRepeatedInTime(t *testing.T) {
	s, c := between(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else nobody would notice that the caller has gone
		<-r.Context().Done()
	})
	began := time.Now()
	if _, err := s.Key(context.Background(), apikey.NewID()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the second attempt: %v", err)
	}
	if n := c.requests.Load(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v, want the second attempt after 2 s", took)
	}
}

func TestSignedRequestFollowsNoRedirect(t *testing.T) {
	var strays atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strays.Add(1) }))
	t.Cleanup(elsewhere.Close)
	s, _ := between(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if _, err := s.Key(context.Background(), apikey.NewID()); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a redirect was taken for an answer: %v", err)
	}
	if n := strays.Load(); n != 0 {
		t.Errorf("%d requests went where the redirect said", n)
	}
}

// A refusing client notes where calls go, and answers none.
type refusing struct{ to []string }

func (c *refusing) Do(r *http.Request) (*http.Response, error) {
	c.to = append(c.to, r.URL.String())
	return &http.Response{StatusCode: 400, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func TestEveryCallGoesToTheRegionUnlessAnAddressIsSet(t *testing.T) {
	for _, set := range []struct{ address, want string }{
		{"", "https://dynamodb.eu-central-1.amazonaws.com/"}, {"http://192.0.2.7:8000", "http://192.0.2.7:8000/"},
	} {
		client := &refusing{}
		cfg := aws.Config{Region: "eu-central-1", HTTPClient: client, Credentials: aws.AnonymousCredentials{}}
		if set.address != "" {
			cfg.BaseEndpoint = &set.address
		}
		s := store.New(cfg, "table")
		for range 2 {
			if _, err := s.Key(context.Background(), apikey.NewID()); err == nil {
				t.Error("a call that was refused succeeded")
			}
		}
		if want := []string{set.want, set.want}; !slices.Equal(client.to, want) {
			t.Errorf("calls went to %q, want %q", client.to, want)
		}
	}
}

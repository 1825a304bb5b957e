package main

import (
	"net/http"
	"testing"
)

func TestWhatIsNoAnswerOfOursIsToldByItsChallengeUnderEitherName(t *testing.T) {
	for _, name := range []string{"WWW-Authenticate", "X-Amzn-Remapped-Www-Authenticate"} {
		res := &http.Response{StatusCode: 401, Status: "401 Unauthorized", Header: http.Header{}}
		res.Header.Set(name, `Bearer error="invalid_token"`)
		if got, want := readRefusal(res, []byte(`{"message":"Unauthorized"}`)).Error(), `401 Unauthorized: Bearer error="invalid_token"`; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

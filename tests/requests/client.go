package main

import (
	"context"
	"encoding/base64"
	dices "math/rand/v2"
	"net/http"
	"net/url"
	"strings"

	"github.com/latchkey/latchkey/tests/caller"
)

// fillForm makes a client's request to one of the endpoints of OAuth.
func (g *generator) fillForm(ctx context.Context, dice *dices.Rand, a *attempt) error {
	t := any1(dice, g.tenants[:2])
	k := any1(dice, t.clients)
	form := url.Values{}
	a.request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	a.credential = t.name + "'s client"
	g.authenticate(dice, a, k, form)
	if err := g.fillToken(ctx, dice, a, t, k, form); err != nil {
		return err
	}
	a.request.Body = []byte(form.Encode())
	if dice.IntN(5) == 0 {
		b := any1(dice, badForms)
		b.spoil(&a.request, form)
		a.forbid(true, "the form: "+b.name)
	}
	return nil
}

// authenticate sends the client's credentials in the form or in the header, and wrong ones in one of three requests.
func (g *generator) authenticate(dice *dices.Rand, a *attempt, k caller.Key, form url.Values) {
	id, secret := k.ID, k.Key
	if dice.IntN(3) == 0 {
		bad := any1(dice, g.credentials)
		switch dice.IntN(4) {
		case 0:
			id = strings.Repeat("A", 16)
		case 1:
			secret = bad.text
		case 2:
			secret = checked(secret[:len(secret)-36] + strings.Repeat("A", 30))
		case 3:
			id, secret = "", ""
		}
		a.forbid(id != k.ID || secret != k.Key, "the client's credentials are wrong")
	}
	switch dice.IntN(5) {
	case 0, 1:
		form.Set("client_id", id)
		form.Set("client_secret", secret)
	case 2, 3:
		a.request.Header["Authorization"] = []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))}
	default:
		a.request.Header["Authorization"] = []string{any1(dice, []string{"Bearer " + secret, "Basic", "Basic " + secret, "Basic !", "Digest x"})}
		a.forbid(true, "the client's credentials are in another form")
	}
}

// fillToken fills in what the endpoint is asked for.
func (g *generator) fillToken(ctx context.Context, dice *dices.Rand, a *attempt, t *tenant, k caller.Key, form url.Values) error {
	if a.route.path == "/oauth/token" {
		form.Set("grant_type", "client_credentials")
		if dice.IntN(3) == 0 {
			asked := any1(dice, []string{"read:stats", "read:events", "admin", "read:everything", "read", "read:events admin", "\x00", "write:events  read:events"})
			form.Set("scope", asked)
			h := holder{scopes: k.Scopes}
			for _, word := range strings.Fields(asked) {
				a.forbid(word != "read" && !h.has(word) || word == "read:everything", "the client does not hold every scope that it asks for")
			}
		}
		return nil
	}
	asked := any1(dice, g.credentials)
	stranger := asked.holder == nil || asked.holder.of != t || !asked.holder.person && asked.holder.project != k.Project
	if strings.HasSuffix(asked.name, "refresh token") {
		stranger = !strings.HasPrefix(asked.name, t.name)
	}
	switch {
	case a.route.path == "/oauth/introspect":
		a.inactive = stranger
	case dice.IntN(2) == 0: // a token to be revoked: no other is, if it is good and the client may
		token, err := g.api.NewClientToken(ctx, k)
		if err != nil {
			return err
		}
		asked = credential{text: token}
	case !stranger:
		asked = credential{text: "x"}
	}
	form.Set("token", asked.text)
	a.forbid(asked.text == "", "there is no token")
	if dice.IntN(3) == 0 {
		form.Set("token_type_hint", any1(dice, []string{"access_token", "refresh_token", "x", ""}))
	}
	return nil
}

// A badForm makes a request wrong that was right.
type badForm struct {
	name  string
	spoil func(r *caller.Request, form url.Values)
}

var badForms = []badForm{
	{"a parameter twice", func(r *caller.Request, form url.Values) {
		for name, values := range form {
			r.Body = []byte(form.Encode() + "&" + name + "=" + url.QueryEscape(values[0]))
		}
	}},
	{"an invalid escape", func(r *caller.Request, form url.Values) { r.Body = []byte(form.Encode() + "&x=%zz") }},
	{"a semicolon", func(r *caller.Request, form url.Values) { r.Body = []byte(form.Encode() + ";x=1") }},
	{"JSON", func(r *caller.Request, _ url.Values) {
		r.Body = []byte(`{"grant_type":"client_credentials"}`)
		r.Header["Content-Type"] = []string{"application/json"}
	}},
	{"no media type", func(r *caller.Request, _ url.Values) { delete(r.Header, "Content-Type") }},
	{"too large", func(r *caller.Request, form url.Values) {
		r.Body = []byte(form.Encode() + "&x=" + strings.Repeat("x", 1<<17))
	}},
	{"nothing", func(r *caller.Request, _ url.Values) { r.Body = nil }},
	{"in the query", func(r *caller.Request, form url.Values) { r.Path, r.Body = r.Path+"?"+form.Encode(), nil }},
	{"another grant, and no token", func(r *caller.Request, form url.Values) {
		form.Del("token")
		form.Set("grant_type", "password")
		r.Body = []byte(form.Encode())
	}},
}

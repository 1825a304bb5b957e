package caller

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
)

// A Person is a user who has logged in.
type Person struct {
	ID, Email, Password string
	Token               string // of the session
}

// A Key is an API key as the answer that made it shows it.
type Key struct {
	ID      string   `json:"id"`
	Key     string   `json:"key"`
	Type    string   `json:"type"`
	Project string   `json:"project_id"`
	Scopes  []string `json:"scopes"`
}

// A Pair is what a login or a refresh of tokens answers.
type Pair struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// LogIn logs a person in, and returns them with their token.
func (c *Caller) LogIn(ctx context.Context, email, password string) (Person, error) {
	var in struct {
		Token string
		User  struct{ ID string }
	}
	err := c.Get(ctx, JSON("POST", "/v1/auth/login", "", map[string]string{"email": email, "password": password}), 200, &in)
	return Person{in.User.ID, email, password, in.Token}, err
}

// Register makes a user, as an administrator does, and logs them in. Their address begins with name.
func (c *Caller) Register(ctx context.Context, admin Person, name, role string) (Person, error) {
	email, password := fmt.Sprintf("%s-%s@example.com", name, strings.ToLower(rand.Text()[:10])), rand.Text()
	r := JSON("POST", "/v1/auth/register", admin.Token, map[string]string{"email": email, "password": password, "role": role})
	if err := c.Get(ctx, r, 201, nil); err != nil {
		return Person{}, err
	}
	return c.LogIn(ctx, email, password)
}

// NewKey makes a key with these fields of the body.
func (c *Caller) NewKey(ctx context.Context, as string, fields map[string]any) (made Key, err error) {
	err = c.Get(ctx, JSON("POST", "/v1/api-keys", as, fields), 201, &made)
	return made, err
}

// NewPair logs a person in for a pair of tokens.
func (c *Caller) NewPair(ctx context.Context, p Person) (pair Pair, err error) {
	err = c.Get(ctx, JSON("POST", "/api/auth/login", "", map[string]string{"email": p.Email, "password": p.Password}), 200, &pair)
	return pair, err
}

// NewClientToken exchanges a key for a token.
func (c *Caller) NewClientToken(ctx context.Context, k Key) (string, error) {
	var made Pair
	err := c.Get(ctx, Form("/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {k.ID}, "client_secret": {k.Key}}), 200, &made)
	return made.Access, err
}

// NewID makes something with an id by a POST without a body's fields, such as a run.
func (c *Caller) NewID(ctx context.Context, as, path string, fields map[string]any) (string, error) {
	var made struct{ ID string }
	err := c.Get(ctx, JSON("POST", path, as, fields), 201, &made)
	return made.ID, err
}

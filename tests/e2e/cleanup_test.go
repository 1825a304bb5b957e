//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

// cleaners is how many users are removed at the same time.
const cleaners = 4

// A cleaner removes what a run made. It is a process of its own, so that it runs whatever
// ended the run, and may be run again.
type cleaner struct {
	operator string // a session token
	// What was removed, and what no route removes, by kind.
	removed, left map[string]int
	failed        []string
}

func newCleaner(operator string) *cleaner {
	return &cleaner{operator: operator, removed: map[string]int{}, left: map[string]int{}}
}

// cleanUp removes all that the users in the journal have, and the users if the deployment
// can. It prints what it did; the exit status is 1 if something could not be done.
func cleanUp() int {
	users, err := readJournal()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	c := newCleaner("")
	if c.operator, _ = c.logIn(operatorEmail, operatorPassword); c.operator == "" {
		fmt.Println("the administrator cannot log in")
		return 1
	}
	c.all(users)
	c.call(http.MethodPost, "/api/auth/logout", c.operator, nil, nil)
	for _, row := range []struct {
		title string
		count map[string]int
	}{{"removed", c.removed}, {"left, since no route removes it", c.left}} {
		for _, kind := range []string{"users", "projects", "keys", "sessions"} {
			if n := row.count[kind]; n > 0 {
				fmt.Printf("%s: %d %s\n", row.title, n, kind)
			}
		}
	}
	fmt.Println("left, until their retention ends: runs, and the logs of keys")
	fmt.Printf("sent %d requests\n", sent.Load())
	for _, failure := range c.failed {
		fmt.Println("failed: " + failure)
	}
	return min(len(c.failed), 1)
}

func readJournal() ([]journaled, error) {
	file, err := os.Open(os.Getenv("LATCHKEY_JOURNAL"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // the run ended before it made anybody
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var users []journaled
	seen := map[string]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var u journaled
		if err := json.Unmarshal(lines.Bytes(), &u); err != nil {
			return nil, err
		}
		// The same address again is a registration that was refused, unless the case differs only.
		if email := strings.ToLower(u.Email); !seen[email] {
			seen[email] = true
			users = append(users, u)
		}
	}
	return users, lines.Err()
}

// all removes what the users have, of a few users at a time.
func (c *cleaner) all(users []journaled) {
	turns, done := make(chan journaled), make(chan *cleaner)
	for range cleaners {
		go func() {
			one := newCleaner(c.operator)
			for u := range turns {
				one.user(u)
			}
			done <- one
		}()
	}
	for _, u := range users {
		turns <- u
	}
	close(turns)
	for range cleaners {
		c.add(<-done)
	}
}

func (c *cleaner) add(other *cleaner) {
	for kind, n := range other.removed {
		c.removed[kind] += n
	}
	for kind, n := range other.left {
		c.left[kind] += n
	}
	c.failed = append(c.failed, other.failed...)
}

func (c *cleaner) user(u journaled) {
	token, id := c.logIn(u.Email, u.Password)
	if token == "" {
		return // was never made, or is gone
	}
	c.keys(token)
	var projects struct{ Projects []struct{ ID string } }
	c.call(http.MethodGet, "/v1/projects?limit=100", token, nil, &projects)
	c.otherSessions(token)
	if status := c.call(http.MethodPost, "/api/auth/logout", token, nil, nil); status != http.StatusNoContent {
		c.failed = append(c.failed, fmt.Sprintf("ending a session of %s: %d", u.Email, status))
	} else {
		c.removed["sessions"]++
	}
	if c.call(http.MethodDelete, "/v1/users/"+id, c.operator, nil, nil) == http.StatusNoContent {
		c.removed["users"]++
		c.removed["projects"] += len(projects.Projects)
	} else {
		c.left["users"]++
		c.left["projects"] += len(projects.Projects)
	}
}

// otherSessions ends all sessions but the one whose token it is.
func (c *cleaner) otherSessions(token string) {
	var page struct{ Sessions []struct{ ID string } }
	c.call(http.MethodGet, "/v1/auth/sessions?limit=100", token, nil, &page)
	if len(page.Sessions) < 2 {
		return
	}
	if status := c.call(http.MethodDelete, "/v1/auth/sessions", token, nil, nil); status/100 == 2 {
		c.removed["sessions"] += len(page.Sessions) - 1
	} else {
		c.failed = append(c.failed, fmt.Sprintf("ending the other sessions: %d", status))
	}
}

// keys deletes all keys of the one whose token it is, a page at a time.
func (c *cleaner) keys(token string) {
	for {
		var page []struct{ ID string }
		c.call(http.MethodGet, "/v1/api-keys?limit=100", token, nil, &page)
		before := c.removed["keys"]
		for _, k := range page {
			c.remove("keys", "/v1/api-keys/"+k.ID, token)
		}
		if c.removed["keys"] == before {
			return
		}
	}
}

func (c *cleaner) remove(kind, path, token string) {
	if status := c.call(http.MethodDelete, path, token, nil, nil); status/100 == 2 {
		c.removed[kind]++
	} else if status != http.StatusNotFound {
		c.failed = append(c.failed, fmt.Sprintf("DELETE %s: %d", path, status))
	}
}

func (c *cleaner) logIn(email, password string) (token, id string) {
	var in loggedIn
	c.call(http.MethodPost, "/v1/auth/login", "", object{"email": email, "password": password}, &in)
	return in.Token, in.User.ID
}

// call returns the status, 0 if there was no answer, and reads a success into `into`.
func (c *cleaner) call(method, path, as string, body, into any) int {
	text, media, err := request{body: body}.encode()
	if err != nil {
		return 0
	}
	req, err := http.NewRequest(method, apiURL+path, strings.NewReader(text))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", media)
	if as != "" {
		req.Header.Set("Authorization", "Bearer "+as)
	}
	res, err := patient.Do(req)
	if err != nil {
		c.failed = append(c.failed, fmt.Sprintf("%s %s: no answer", method, path))
		return 0
	}
	answer, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && into != nil && res.StatusCode/100 == 2 {
		err = json.Unmarshal(answer, into)
	}
	if err != nil {
		c.failed = append(c.failed, fmt.Sprintf("%s %s: %v", method, path, err))
	}
	return res.StatusCode
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/shared/release"
)

// userAgent names the command in lists of sessions.
const userAgent = "latchkey/" + release.Version + " (" + runtime.GOOS + ")"

// An app is one run of the command.
type app struct {
	in    *os.File
	out   io.Writer // the result: a script may read all of it
	notes io.Writer // everything else

	url    string
	json   bool
	noWait bool
	began  bool // the command line was understood
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "latchkey",
		Short: "Keys, logins and runs of a Latchkey deployment",
		Long: `The command line of a Latchkey deployment.

Sign in once with ` + "`latchkey login`" + `; the session is kept in your settings folder,
readable only by you, and refreshed as needed. A script signs in with
` + "`latchkey login --email … --password-stdin`" + `, or sets LATCHKEY_URL and LATCHKEY_API_KEY.

A table that is printed on a terminal fits it; in a pipe it has every column.

` + exitCodes,
		Example: `  latchkey login --url https://api.example.com
  latchkey keys create ci-pipeline --scope read:stats --expires 90d
  latchkey keys list
  latchkey keys log 4Hk0pQzXw2LmN8sT`,
		Version:       release.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(*cobra.Command, []string) {
			a.began = true
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.url, "url", "", "the deployment's address (default: LATCHKEY_URL, else where you are signed in)")
	flags.BoolVar(&a.json, "json", false, "print what the service answered, as JSON")
	flags.BoolVar(&a.noWait, "no-wait", false, "end at once, with 5, instead of waiting out a limit")
	root.AddCommand(a.loginCommand(), a.logoutCommand(), a.whoamiCommand(), a.passwordCommand(), a.sessionsCommand(), a.ownLogCommand(), a.keysCommand(), a.customersCommand(), a.projectsCommand(), a.scopesCommand(),
		a.usersCommand(), a.auditCommand(), a.catalogueCommand(), a.runsCommand(), a.usageCommand(), a.tokenCommand(), a.doctorCommand(), a.guardCommand(), a.urlCommand(), versionCommand())
	return root
}

// group is a command that only has subcommands.
func group(c *cobra.Command, below ...*cobra.Command) *cobra.Command {
	c.Args = cobra.NoArgs
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.AddCommand(below...)
	return c
}

// client returns a client for the named deployment, or else for that of the login.
func (a *app) client() (*client, error) {
	address := a.url
	if address == "" {
		address = os.Getenv("LATCHKEY_URL")
	}
	if address == "" {
		kept, err := loadCredentials()
		if errors.Is(err, errSignedOut) {
			return nil, &failure{exitRefused, "not signed in; use `latchkey login --url https://…`, or set LATCHKEY_URL and LATCHKEY_API_KEY"}
		}
		if err != nil {
			return nil, err
		}
		address = kept.URL
	}
	base, err := checkedURL(address)
	if err != nil {
		return nil, err
	}
	return newClient(base, a.wait), nil
}

// send sends a request as the key of LATCHKEY_API_KEY if there is one, else as the
// user who is signed in.
func (a *app) send(ctx context.Context, c *client, sent call) (json.RawMessage, error) {
	if key := os.Getenv("LATCHKEY_API_KEY"); key != "" {
		body, err := c.send(ctx, sent.with("X-Api-Key", key))
		return body, ended(err)
	}
	token, err := c.bearer(ctx, "")
	if err != nil {
		return nil, ended(err)
	}
	body, err := c.send(ctx, sent.with("Authorization", "Bearer "+token))
	if isTokenOver(err) { // the authorizer refused the request: nothing was done
		if token, err = c.bearer(ctx, token); err != nil {
			return nil, ended(err)
		}
		body, err = c.send(ctx, sent.with("Authorization", "Bearer "+token))
	}
	return body, ended(err)
}

// wait waits, with up to a quarter more at random, so that not all clients return at once.
func (a *app) wait(ctx context.Context, wait time.Duration, why error) error {
	var r *refusal
	if errors.As(why, &r) && r.status == 429 {
		if a.noWait {
			return why
		}
		a.note("too many requests; trying again in %d s\n", int(wait.Seconds()))
	} else if r != nil && r.Progress != nil {
		a.note("there is much to do; done in this step: %s\n", pairs(r.Progress))
	} else {
		a.note("no answer; trying again\n")
	}
	return sleep(ctx, wait+rand.N(wait/4+1)) //nolint:gosec // a wait is not a secret
}

func sleep(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// printJSON prints the answer of the service.
func (a *app) printJSON(v any) error {
	out := json.NewEncoder(a.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// note prints something besides the result. It does not matter if nobody reads it.
func (a *app) note(format string, args ...any) {
	_, _ = io.WriteString(a.notes, printable(fmt.Sprintf(format, args...)))
}

// printable replaces characters that move the cursor or turn the direction of writing: other people chose some of the
// printed text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

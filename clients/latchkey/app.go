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
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

const userAgent = "latchkey-cli (" + runtime.GOOS + ")"

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
readable only by you, and refreshed as needed. If nobody can sign in, as in a
pipeline, set LATCHKEY_URL and LATCHKEY_API_KEY instead.

` + exitCodes,
		Example: `  latchkey login --url https://api.example.com
  latchkey keys create ci-pipeline --scope read:stats --expires 90d
  latchkey keys list
  latchkey keys log 4Hk0pQzXw2LmN8sT`,
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
	root.AddCommand(a.loginCommand(), a.logoutCommand(), a.whoamiCommand(), a.keysCommand(), a.usersCommand(), a.auditCommand(), a.runsCommand(), a.tokenCommand())
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
			return nil, usage("which deployment? Use --url or LATCHKEY_URL")
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

// printTable prints rows under a heading; "" is a dash.
func (a *app) printTable(heading string, rows [][]string) error {
	text := strings.ReplaceAll(heading, " ", "\t") + "\n"
	for _, row := range rows {
		for i, cell := range row {
			if cell = printable(cell); cell == "" {
				cell = "-"
			}
			row[i] = cell
		}
		text += strings.Join(row, "\t") + "\n"
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, text); err != nil {
		return err
	}
	return table.Flush()
}

// note prints something besides the result. It does not matter if nobody reads it.
func (a *app) note(format string, args ...any) {
	_, _ = io.WriteString(a.notes, printable(fmt.Sprintf(format, args...)))
}

// printable replaces control characters: other people chose some of the printed text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

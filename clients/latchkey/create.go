package main

import (
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// newKey is the body that makes a key; the service chooses what is left out.
type newKey struct {
	Label      string            `json:"label"`
	CustomerID string            `json:"customer_id,omitempty"`
	Type       string            `json:"type,omitempty"`
	ProjectID  string            `json:"project_id,omitempty"`
	Scopes     []string          `json:"scopes,omitempty"`
	ExpiresAt  string            `json:"expires_at,omitempty"`
	RateLimit  map[string]int    `json:"rate_limit,omitempty"`
	Quota      *quota            `json:"quota,omitempty"`
	Metadata   map[string]string `json:"metadata,omitempty"`
	AllowedIPs []string          `json:"allowed_ips,omitempty"`
}

func (a *app) createCommand() *cobra.Command {
	var body newKey
	var expires, spends, whose string
	c := &cobra.Command{
		Use:   "create LABEL",
		Short: "Create a key, and print it: it is shown only once",
		Long: `Create a key. Only the key is written to standard output, and it is shown only once.

Without --scope the key may do all that both its type and you may do, except administration.`,
		Example: `  KEY=$(latchkey keys create ci-pipeline --scope read:stats,write:events --expires 90d)
  latchkey keys create backend --type secret --allow 203.0.113.0/24 --limit read=600 --meta team=billing
  latchkey keys create acme-production --customer acme-17 --scope read:stats --quota 10000/month
  LATCHKEY_API_KEY=$SECRET_KEY latchkey keys create worker --scope write:events`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body.Label = args[0]
			var err error
			if body.ExpiresAt, err = moment(expires, time.Now()); err != nil {
				return err
			}
			if body.Quota, err = quotaOf(spends); err != nil {
				return err
			}
			if whose != "" {
				if body.CustomerID, err = a.customerID(cmd.Context(), whose); err != nil {
					return err
				}
			}
			server, err := a.client()
			if err != nil {
				return err
			}
			made, err := a.send(cmd.Context(), server, post("/v1/api-keys", body)) // a secret key may, here
			if err != nil {
				return err
			}
			return a.printSecret(made)
		},
	}
	flags := c.Flags()
	flags.StringVar(&body.Type, "type", "", "scoped (default), secret, client or read_only")
	flags.StringSliceVar(&body.Scopes, "scope", nil, "what it may do, such as read:stats; again or after a comma for more")
	flags.StringVar(&body.ProjectID, "project", "", "the project's id (default: your own)")
	flags.StringVar(&expires, "expires", "", "when it expires: 90d, 12h, or a time such as 2030-01-31T12:00:00Z")
	flags.StringToIntVar(&body.RateLimit, "limit", nil, "requests a window, by category: read=600,write=60")
	flags.StringVar(&spends, "quota", "", "what it may spend: 10000/month, 500/day, or 2500 for credits")
	flags.StringSliceVar(&body.AllowedIPs, "allow", nil, "an address or CIDR block that it may be used from")
	flags.StringToStringVar(&body.Metadata, "meta", nil, "a note of yours: name=value")
	a.customerFlag(c, &whose, "the customer for whom it is, by id or external id")
	_ = c.RegisterFlagCompletionFunc("project", a.completeProjects)
	_ = c.RegisterFlagCompletionFunc("scope", a.completeScopes)
	_ = c.RegisterFlagCompletionFunc("type", cobra.FixedCompletions(keyTypes, cobra.ShellCompDirectiveNoFileComp))
	return c
}

var days = regexp.MustCompile(`^([0-9]{1,5})d$`)

// moment reads a time, or a duration from now; days are of 24 hours.
func moment(text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return text, nil
	}
	if match := days.FindStringSubmatch(text); match != nil {
		n, err := strconv.Atoi(match[1])
		return now.AddDate(0, 0, n).UTC().Format(time.RFC3339), err
	}
	if d, err := time.ParseDuration(text); err == nil {
		return now.Add(d).UTC().Format(time.RFC3339), nil
	}
	return "", usage("--expires is 90d, 12h, or a time such as 2030-01-31T12:00:00Z")
}

package main

import (
	"context"

	"github.com/spf13/cobra"
)

// newCustomer is the body that makes a customer; what is left out bounds nothing.
type newCustomer struct {
	ExternalID string            `json:"external_id"`
	Name       string            `json:"name,omitempty"`
	ProjectID  string            `json:"project_id,omitempty"`
	Scopes     []string          `json:"scopes,omitempty"`
	RateLimit  map[string]int    `json:"rate_limit,omitempty"`
	Quota      *quota            `json:"quota,omitempty"`
	Metadata   map[string]string `json:"metadata,omitempty"`
}

func (a *app) createCustomerCommand() *cobra.Command {
	var body newCustomer
	var spends string
	c := &cobra.Command{
		Use:   "create EXTERNAL-ID",
		Short: "Make a customer, and print its id",
		Example: `  latchkey customers create acme-17 --name "Acme Ltd." --scope read:stats --quota 10000/month
  latchkey customers create acme-18 --limit read=600,write=60 --meta plan=pro`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body.ExternalID = args[0]
			var err error
			if body.Quota, err = quotaOf(spends); err != nil {
				return err
			}
			server, err := a.client()
			if err != nil {
				return err
			}
			made, err := a.send(cmd.Context(), server, post(customersPath, body))
			if err != nil {
				return err
			}
			return a.printID(made)
		},
	}
	flags := c.Flags()
	flags.StringVar(&body.Name, "name", "", "a name to show")
	flags.StringSliceVar(&body.Scopes, "scope", nil, "the most that its keys open (default: what each of them has); again or after a comma for more")
	flags.StringToIntVar(&body.RateLimit, "limit", nil, "requests of all its keys in a window, by category: read=600,write=60")
	flags.StringVar(&spends, "quota", "", "what all its keys may spend: 10000/month, 500/day, or 2500 for credits")
	flags.StringToStringVar(&body.Metadata, "meta", nil, "a note of yours: name=value")
	_ = c.RegisterFlagCompletionFunc("scope", a.completeScopes)
	a.projectFlag(c, &body.ProjectID)
	return c
}

func (a *app) editCustomerCommand() *cobra.Command {
	var e edit
	var name string
	c := &cobra.Command{
		Use:   "edit CUSTOMER",
		Short: "Change what all keys of a customer may do; what you do not name stays as it is",
		Example: `  latchkey customers edit acme-17 --quota 20000/month
  latchkey customers edit acme-17 --name "Acme Inc." --scope all --limit read=none --drop-meta plan`,
		Args: cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeCustomers),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := e.customer(cmd, name)
			if err != nil {
				return err
			}
			return a.changeCustomer(cmd.Context(), args[0], body, "changed %s")
		},
	}
	flags := c.Flags()
	flags.StringVar(&name, "name", "", "its new name; empty for none")
	flags.StringSliceVar(&e.scopes, "scope", nil, "the most that its keys open; all for what each of them has")
	flags.StringToStringVar(&e.limits, "limit", nil, "requests of all its keys in a window, by category, or none: read=600,write=none")
	flags.StringVar(&e.quota, "quota", "", "what all its keys may spend: 10000/month, 500/day, 2500 for credits that it then has, or none")
	flags.StringToStringVar(&e.metadata, "meta", nil, "a note to set: name=value")
	flags.StringSliceVar(&e.drop, "drop-meta", nil, "the name of a note to remove")
	_ = c.RegisterFlagCompletionFunc("scope", a.completeScopes)
	return c
}

// customer is the merge patch of a customer with the flags that were given.
func (e edit) customer(cmd *cobra.Command, name string) (map[string]any, error) {
	body := map[string]any{}
	if cmd.Flags().Changed("name") {
		body["name"] = name
		if name == "" {
			body["name"] = nil
		}
	}
	if cmd.Flags().Changed("scope") {
		body["scopes"] = e.scopes
		if len(e.scopes) == 1 && e.scopes[0] == "all" {
			body["scopes"] = nil
		}
	}
	e.addNotes(body)
	if err := e.addLimits(body, "none"); err != nil {
		return nil, err
	}
	if cmd.Flags().Changed("quota") {
		if err := e.addQuota(body); err != nil {
			return nil, err
		}
	}
	if len(body) == 0 {
		return nil, usage("there is nothing to change; see latchkey customers edit --help")
	}
	return body, nil
}

// changeCustomerCommand is a command that changes a customer in one way.
func (a *app) changeCustomerCommand(use, short string, change map[string]any, done string) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeCustomers),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeCustomer(cmd.Context(), args[0], change, done)
		},
	}
}

func (a *app) changeCustomer(ctx context.Context, who string, change map[string]any, done string) error {
	body, err := a.onCustomer(ctx, who, func(path string) call { return patch(path, change) })
	if err != nil {
		return err
	}
	return a.done(body, done, who)
}

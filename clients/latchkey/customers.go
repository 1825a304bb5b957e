package main

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

const customersPath = "/v1/customers"

type customer struct {
	ID         string
	ExternalID string `json:"external_id"`
	Name       string
	Project    string         `json:"project_id"`
	Scopes     []string       // null: no ceiling
	Limits     map[string]int `json:"rate_limit"`
	Quota      *quota
	Metadata   map[string]string
	Disabled   bool
	Created    string `json:"created_at"`
}

func (c customer) status() string {
	if c.Disabled {
		return "disabled"
	}
	return "active"
}

func (a *app) customersCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "customers",
		Short: "List, show, create, change, disable and delete those for whom you make keys, and read their log",
		Long: `Those for whom you make keys. What a customer may do holds for all of its keys together.

CUSTOMER is an id, such as cus_Q4VJ5XO2ZK3T6MNA7YHB2CDEFG, or your own name of the customer in your
first project, its external id.`,
		Example: `  latchkey customers create acme-17 --name "Acme Ltd." --quota 10000/month
  latchkey keys create acme-production --customer acme-17
  latchkey customers disable acme-17`,
	}, a.listCustomersCommand(), a.getCustomerCommand(), a.createCustomerCommand(), a.editCustomerCommand(),
		a.changeCustomerCommand("disable CUSTOMER", "Disable a customer: all its keys are refused from the next request on", map[string]any{"disabled": true}, "disabled %s"),
		a.changeCustomerCommand("enable CUSTOMER", "Enable a customer that was disabled, and its keys with it", map[string]any{"disabled": false}, "enabled %s"),
		a.deleteCustomerCommand(), a.customerLogCommand())
}

func (a *app) listCustomersCommand() *cobra.Command {
	var search, in string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the customers of a project, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := a.pages(cmd.Context(), customersPath+"?"+given("search", search, "project_id", in).Encode(), "customers", 0)
			if err != nil {
				return err
			}
			return printItems(a, items, "ID EXTERNAL-ID NAME STATUS SCOPES QUOTA CREATED", func(c customer) []string {
				return []string{c.ID, c.ExternalID, c.Name, c.status(), strings.Join(c.Scopes, ","), c.Quota.String(), c.Created}
			})
		},
	}
	c.Flags().StringVar(&search, "search", "", "only customers with this in their name or external id")
	a.projectFlag(c, &in)
	return c
}

func (a *app) projectFlag(c *cobra.Command, in *string) {
	c.Flags().StringVar(in, "project", "", "the project's id (default: your own)")
	_ = c.RegisterFlagCompletionFunc("project", a.completeProjects)
}

// customerFlag adds a flag that names a customer.
func (a *app) customerFlag(c *cobra.Command, whose *string, what string) {
	c.Flags().StringVar(whose, "customer", "", what)
	_ = c.RegisterFlagCompletionFunc("customer", a.completeCustomers)
}

// given is a query of the parameters (name, value, …) that are not empty.
func given(parameters ...string) url.Values {
	query := url.Values{}
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			query.Set(parameters[i], parameters[i+1])
		}
	}
	return query
}

func (a *app) getCustomerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get CUSTOMER",
		Short: "Show a customer, with what is left of its quota",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeCustomers),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := a.onCustomer(cmd.Context(), args[0], get)
			if err != nil || a.json {
				return orPrint(a, body, err)
			}
			var c customer
			if err := json.Unmarshal(body, &c); err != nil {
				return err
			}
			return a.printTable("FIELD VALUE", [][]string{
				{"id", c.ID}, {"external id", c.ExternalID}, {"name", c.Name}, {"status", c.status()}, {"project", c.Project},
				{"scopes", strings.Join(c.Scopes, " ")}, {"limits", pairs(c.Limits)}, {"quota", c.Quota.String()},
				{"metadata", pairs(c.Metadata)}, {"created", c.Created},
			})
		},
	}
}

// orPrint prints an answer as JSON, if there is one.
func orPrint(a *app, body json.RawMessage, err error) error {
	if err != nil {
		return err
	}
	return a.printJSON(body)
}

func (a *app) deleteCustomerCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete CUSTOMER",
		Short: "Delete a customer, and end all its keys; its log stays, and does not name it",
		Long:  "Delete a customer, and end all its keys, for ever; its log stays, and does not name it.\nOn a terminal you are asked first.",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeCustomers),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirm(cmd.Context(), yes, "Delete the customer %s, and end all its keys?", args[0]); err != nil {
				return err
			}
			if _, err := a.onCustomer(cmd.Context(), args[0], remove); err != nil {
				return err
			}
			return a.done(json.RawMessage(`{"ok":true}`), "deleted %s", args[0])
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (a *app) customerLogCommand() *cobra.Command {
	var most int
	c := &cobra.Command{
		Use:   "log CUSTOMER",
		Short: "Show the changes of a customer, newest first; by id also after it was deleted",
		Args:  cobra.ExactArgs(1),

		ValidArgsFunction: arguments(a.completeCustomers),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := a.customerID(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			items, err := a.pages(cmd.Context(), customersPath+"/"+id+"/log", "entries", most)
			if err != nil {
				return err
			}
			return printItems(a, items, "AT ACTION BY FROM DETAIL", func(e entry) []string {
				return []string{e.when(), e.Action, e.Actor.Type + " " + e.Actor.ID, e.Address, strings.TrimSpace(pairs(e.Detail) + " " + pairs(e.Personal))}
			})
		},
	}
	mostEntries(c, &most)
	return c
}

// onCustomer sends a request about one customer, who is named by id or external id.
func (a *app) onCustomer(ctx context.Context, who string, about func(path string) call) (json.RawMessage, error) {
	id, err := a.customerID(ctx, who)
	if err != nil {
		return nil, err
	}
	return a.onOne(ctx, customersPath, id, about)
}

// customerID is the id of the customer with that id or external id.
func (a *app) customerID(ctx context.Context, who string) (string, error) {
	if strings.HasPrefix(who, "cus_") || who == "" {
		return segment(who)
	}
	items, err := a.pages(ctx, customersPath+"?"+given("external_id", who).Encode(), "customers", 1)
	if err != nil {
		return "", err
	}
	found, err := each[customer](items)
	if err == nil && len(found) == 0 {
		err = &failure{exitNotFound, "no customer of your first project has the external id " + who + "; one of another project is named by its id"}
	}
	if err != nil {
		return "", err
	}
	return found[0].ID, nil
}

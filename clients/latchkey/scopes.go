package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

func (a *app) scopesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "scopes",
		Short: "List the scopes that keys of this deployment can have",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scopes, err := a.scopes(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(scopes)
			}
			var rows [][]string
			for _, name := range slices.Sorted(maps.Keys(scopes)) {
				rows = append(rows, []string{name, scopes[name]})
			}
			return a.printTable("SCOPE OPENS", rows)
		},
	}
}

// scopes returns the deployment's scopes with their descriptions, from its OpenAPI document.
func (a *app) scopes(ctx context.Context) (map[string]string, error) {
	server, err := a.client()
	if err != nil {
		return nil, err
	}
	body, err := server.send(ctx, get("/openapi.json"))
	if err != nil {
		return nil, ended(err)
	}
	var document struct {
		Components struct {
			Schemes struct {
				OAuth struct {
					Flows struct {
						Client struct{ Scopes map[string]string } `json:"clientCredentials"`
					}
				}
			} `json:"securitySchemes"`
		}
	}
	err = json.Unmarshal(body, &document)
	return document.Components.Schemes.OAuth.Flows.Client.Scopes, err
}

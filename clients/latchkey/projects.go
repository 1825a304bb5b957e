package main

import (
	"github.com/spf13/cobra"
)

const projectsPath = "/v1/projects"

type project struct {
	ID      string
	Name    string
	Prefix  string `json:"key_prefix"`
	Created string `json:"created_at"`
}

func (a *app) projectsCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "projects",
		Short: "Create and list projects, which keys belong to",
	}, a.createProjectCommand(), a.listProjectsCommand())
}

func (a *app) createProjectCommand() *cobra.Command {
	body := map[string]string{}
	var prefix, color string
	c := &cobra.Command{
		Use:     "create NAME",
		Short:   "Create a project, and print its id",
		Example: "  latchkey projects create Shop --key-prefix shop_live_",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body["name"] = args[0]
			for field, value := range map[string]string{"key_prefix": prefix, "color": color} {
				if value != "" {
					body[field] = value
				}
			}
			server, err := a.client()
			if err != nil {
				return err
			}
			made, err := a.send(cmd.Context(), server, post(projectsPath, body))
			if err != nil {
				return err
			}
			return a.printID(made)
		},
	}
	c.Flags().StringVar(&prefix, "key-prefix", "", "what its scoped keys begin with (default gf_)")
	c.Flags().StringVar(&color, "color", "", "a CSS color, for programs that show the project")
	return c
}

func (a *app) listProjectsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List your projects, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := a.pages(cmd.Context(), projectsPath, "projects", 0)
			if err != nil {
				return err
			}
			return printItems(a, items, "ID NAME KEY-PREFIX CREATED", func(p project) []string {
				return []string{p.ID, p.Name, p.Prefix, p.Created}
			})
		},
	}
}

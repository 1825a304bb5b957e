package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// versionCommand prints what --version prints.
func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this command",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "latchkey version %s\n", c.Root().Version)
			return err
		},
	}
}

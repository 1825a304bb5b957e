package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/latchkey/latchkey/clients/latchkey/endpoint"
)

func (a *app) urlCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "url STACK",
		Short: "Print where the APIs of a CloudFormation stack answer",
		Long: `Print the address of each stage of each API in a CloudFormation stack, one a line. The stage called Stage,
which SAM adds to a REST API, is named beside them, on standard error. It needs your AWS
credentials (AWS_PROFILE, AWS_REGION or what else the AWS CLI takes). With AWS_ENDPOINT_URL, as after
` + "`make start`" + `, they are those of the emulator.`,
		Example: `  curl "$(latchkey url shop)/api/orders" -H "X-Api-Key: $KEY"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			stages, err := endpoint.Of(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			var addresses []string
			for _, stage := range stages {
				switch {
				case stage.Stale:
					a.note("%s is a second public stage, and serves an older deployment, which may be open. Delete it:\n  aws apigateway delete-stage --rest-api-id %s --stage-name Stage\n", stage.URL, stage.API)
				case stage.Second:
					a.note("%s is a second public stage, which SAM adds\n", stage.URL)
				default:
					addresses = append(addresses, stage.URL)
				}
			}
			if a.json {
				return a.printJSON(addresses)
			}
			for _, each := range addresses {
				if _, err := fmt.Fprintln(a.out, each); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

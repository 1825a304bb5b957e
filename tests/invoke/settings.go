package invoke

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Set gives one environment variable of a function another value. It returns what gives all of them the
// values of before.
func Set(ctx context.Context, cfg aws.Config, name, variable, value string) (restore func(context.Context) error, err error) {
	client := lambda.NewFromConfig(cfg)
	deployed, err := find(ctx, client, name)
	if err != nil {
		return nil, err
	}
	was, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &deployed})
	if err != nil {
		return nil, err
	}
	put := func(ctx context.Context, variables map[string]string) error {
		_, err := client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &deployed, Environment: &types.Environment{Variables: variables},
		})
		return err
	}
	changed := maps.Clone(was.Environment.Variables)
	changed[variable] = value
	return func(ctx context.Context) error { return put(ctx, was.Environment.Variables) }, put(ctx, changed)
}

// The bare minimum: an authorizer that hashes a key, reads its item once (or counts on it, if LIMITED is 1), compares,
// and allows the one method that was called. It has no scopes, no log, no text in a refusal, and no second kind of credential.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var (
	table   = os.Getenv("TABLE_NAME")
	pepper  = []byte(os.Getenv("PEPPER"))
	limited = os.Getenv("LIMITED") == "1"
	db      = dynamodb.New(dynamodb.Options{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	})
)

func main() { lambda.Start(authorize) }

func authorize(ctx context.Context, e events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	key := strings.TrimPrefix(e.Headers["Authorization"], "Bearer ")
	if len(key) < 20 {
		return events.APIGatewayCustomAuthorizerResponse{}, errors.New("Unauthorized") //nolint:staticcheck // API Gateway's word
	}
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(key))
	hash := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	id := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "BARE#" + key[3:19]}, "sk": &types.AttributeValueMemberS{Value: "KEY"},
	}
	found, err := read(ctx, id)
	if err != nil {
		return events.APIGatewayCustomAuthorizerResponse{}, err
	}
	kept, _ := found["hash"].(*types.AttributeValueMemberS)
	if kept == nil || !hmac.Equal([]byte(kept.Value), []byte(hash)) {
		return events.APIGatewayCustomAuthorizerResponse{}, errors.New("Unauthorized") //nolint:staticcheck // API Gateway's word
	}
	return events.APIGatewayCustomAuthorizerResponse{PrincipalID: key[3:19], PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
		Version: "2012-10-17",
		Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{e.MethodArn}},
		},
	}}, nil
}

func read(ctx context.Context, id map[string]types.AttributeValue) (map[string]types.AttributeValue, error) {
	if !limited {
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: id, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return nil, err
		}
		return out.Item, nil
	}
	out, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: id,
		UpdateExpression:          aws.String("ADD hits :one"),
		ConditionExpression:       aws.String("hits < :max"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}, ":max": &types.AttributeValueMemberN{Value: "1000000000"}},
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

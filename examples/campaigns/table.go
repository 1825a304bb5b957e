package main

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A campaign belongs to one project. The project is half of its key in the table, so no
// call can reach another's.
type campaign struct {
	Project   string `dynamodbav:"project_id" json:"-"`
	ID        string `dynamodbav:"id" json:"id"`
	Name      string `dynamodbav:"campaign_name" json:"name"`
	CreatedBy string `dynamodbav:"created_by" json:"created_by"`
}

type campaigns struct {
	db    *dynamodb.Client
	table string
}

var errNotFound = errors.New("there is no such campaign")

// mostListed is as many as the list shows: an example needs no cursor.
const mostListed = 100

func (c campaigns) list(ctx context.Context, project string) ([]campaign, error) {
	out, err := c.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &c.table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(mostListed),
		KeyConditionExpression:    aws.String("project_id = :project"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":project": text(project)},
	})
	if err != nil {
		return nil, err
	}
	list := []campaign{}
	return list, attributevalue.UnmarshalListOfMaps(out.Items, &list)
}

func (c campaigns) get(ctx context.Context, project, id string) (found campaign, err error) {
	out, err := c.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &c.table, Key: key(project, id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return found, err
	}
	if out.Item == nil {
		return found, errNotFound
	}
	return found, attributevalue.UnmarshalMap(out.Item, &found)
}

func (c campaigns) create(ctx context.Context, made campaign) error {
	item, err := attributevalue.MarshalMap(made)
	if err != nil {
		return err
	}
	_, err = c.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.table, Item: item})
	return err
}

func (c campaigns) rename(ctx context.Context, project, id, name string) (renamed campaign, err error) {
	out, err := c.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.table, Key: key(project, id), ReturnValues: types.ReturnValueAllNew,
		UpdateExpression: aws.String("SET campaign_name = :name"), ConditionExpression: aws.String(isThere),
		ExpressionAttributeValues: map[string]types.AttributeValue{":name": text(name)},
	})
	if err != nil {
		return renamed, absent(err)
	}
	return renamed, attributevalue.UnmarshalMap(out.Attributes, &renamed)
}

func (c campaigns) remove(ctx context.Context, project, id string) error {
	_, err := c.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &c.table, Key: key(project, id), ConditionExpression: aws.String(isThere),
	})
	return absent(err)
}

const isThere = "attribute_exists(id)"

// absent is errNotFound where the condition isThere failed.
func absent(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return errNotFound
	}
	return err
}

func key(project, id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"project_id": text(project), "id": text(id)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

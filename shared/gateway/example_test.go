package gateway_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
)

// A function of your own API, behind the authorizer of AuthorizerFunctionModeArn. The
// handler runs for a caller that was checked, and for nobody else; in main stands
//
//	gateway.Start(func() (gateway.Function, error) { return gateway.Protected(orders), nil })
func ExampleProtected() {
	orders := func(_ context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
		if r.Path("id") != "7" {
			return gateway.Response{}, problem.NotFound
		}
		return gateway.JSON(200, map[string]string{"order": "7", "project": p.Project(), "for": p.Email()}), nil
	}
	function := gateway.Protected(orders)

	// API Gateway calls it with what the authorizer made of the credential.
	call := func(id string, authorizer map[string]any) {
		answer, err := function(context.Background(), events.APIGatewayProxyRequest{
			HTTPMethod: "GET", Resource: "/api/orders/{id}", PathParameters: map[string]string{"id": id},
			RequestContext: events.APIGatewayProxyRequestContext{RequestID: "r-1", Authorizer: authorizer},
		})
		fmt.Println(answer.StatusCode, answer.Body, err)
	}
	key := map[string]any{
		gateway.CtxType: "key", gateway.CtxPrincipal: "k1", gateway.CtxKey: "k1", gateway.CtxUser: "usr_1",
		gateway.CtxEmail: "ada@example.com", gateway.CtxProject: "prj_1", gateway.CtxScopes: "read:orders",
	}
	call("7", key)
	call("8", key)
	call("7", map[string]any{gateway.CtxRefusal: "API_KEY_REVOKED"})
	call("7", nil) // no authorizer before it, by mistake

	// Output:
	// 200 {"for":"ada@example.com","order":"7","project":"prj_1"} <nil>
	// 404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such resource","error_code":"RESOURCE_NOT_FOUND","request_id":"r-1"} <nil>
	// 401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"API key has been revoked","error_code":"API_KEY_REVOKED","request_id":"r-1"} <nil>
	// 401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"Send an API key or a token","error_code":"MISSING_CREDENTIALS","request_id":"r-1"} <nil>
}

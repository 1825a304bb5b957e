// GET /openapi.json: the API described, in OpenAPI 3.1.
package main

import "github.com/latchkey/latchkey/shared/gateway"

func main() {
	gateway.Start(func() (gateway.Function, error) { return gateway.Unlimited(serve), nil })
}

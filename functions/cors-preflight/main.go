// OPTIONS on every path: what a browser asks before it lets a page call the API.
package main

import "github.com/latchkey/latchkey/shared/gateway"

func main() {
	gateway.Start(func() (gateway.Function, error) { return gateway.Unlimited(serve), nil })
}

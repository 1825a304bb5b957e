package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"

	"github.com/latchkey/latchkey/shared/gateway"
)

// document is the whole description, kept by hand. Its test holds it against
// template.yaml, the functions and the scope catalogue.
//
//go:embed openapi.json
var document []byte

// placeholder stands in document where the deployment's own URL belongs.
const placeholder = "https://api.example.com"

func serve(_ context.Context, r *gateway.Request) (gateway.Response, error) {
	// The URL comes out of the request's headers: as JSON it cannot end the string it
	// stands in.
	quoted, err := json.Marshal(r.BaseURL())
	if err != nil {
		return gateway.Response{}, err
	}
	url := bytes.Trim(quoted, `"`)
	return gateway.JSON(200, bytes.ReplaceAll(document, []byte(placeholder), url)), nil
}

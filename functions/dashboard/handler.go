package main

import (
	"context"
	"maps"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
)

// serve answers with the page, or with 304 if the browser already has it.
func (p page) serve(_ context.Context, r *gateway.Request) (gateway.Response, error) {
	header := maps.Clone(p.header)
	if sameTag(r.Header("If-None-Match"), p.tag) {
		return gateway.Response{Status: 304, Header: header}, nil
	}
	header["Content-Type"] = "text/html; charset=utf-8"
	return gateway.Response{Status: 200, Header: header, Body: p.document}, nil
}

// sameTag compares weakly (RFC 9110 §13.1.2), because API Gateway or a proxy that compresses the
// page may weaken its tag.
func sameTag(ifNoneMatch, tag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(candidate), "W/") == tag {
			return true
		}
	}
	return false
}

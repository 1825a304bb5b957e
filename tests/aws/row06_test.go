//go:build e2e

package aws

import (
	"net/http"
	"os"
	"testing"
)

func TestRow06APIWithoutOpenApiVersionHasAStageCalledStage(t *testing.T) {
	stageOf := func(api string) answer {
		return send(t, request{method: http.MethodGet, url: os.Getenv("AWS_ENDPOINT_URL") + "/_aws/execute-api/" + api + "/Stage/open"})
	}
	stageOf(probe.APIID).is(t, 403).says(t, `{"message":"Forbidden"}`)
	stageOf(probe.TwoStagesAPIID).is(t, 200)
}

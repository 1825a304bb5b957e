package strictdynamo

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
)

// The namespaces of errors: DynamoDB's own, and that of the layer in front of it, which throttles on-demand tables.
const (
	ofDynamoDB     = "com.amazonaws.dynamodb.v20120810#"
	ofAvailability = "com.amazon.coral.availability#"
)

// refuse makes an error in DynamoDB's wire format: status 400 and the error's members.
func refuse(namespace, code string, members map[string]any) answer {
	members["__type"] = namespace + code
	return fresh(http.StatusBadRequest, members)
}

// fresh makes an answer with a body of the proxy's. The SDK checks X-Amz-Crc32.
func fresh(status int, body any) answer {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is made of strings, numbers, maps and lists
	}
	header := http.Header{
		"Content-Type":     {"application/x-amz-json-1.0"},
		"X-Amzn-Requestid": {rand.Text()},
		"X-Amz-Crc32":      {fmt.Sprint(crc32.ChecksumIEEE(text))},
	}
	return answer{status, header, text}
}

// replace returns the answer with another body.
func (a answer) replace(body any) answer {
	made := fresh(a.status, body)
	header := a.header.Clone()
	header.Del("Content-Length")
	header.Set("X-Amz-Crc32", made.header.Get("X-Amz-Crc32"))
	return answer{a.status, header, made.body}
}

// A refusal is an answer that ends a call early.
type refusal struct{ answer }

func (refusal) Error() string { return "refused" }

func asAnswer(err error) (answer, bool) {
	var r refusal
	is := errors.As(err, &r)
	return r.answer, is
}

// cancelled refuses a whole transaction. Each item has a reason, or nil if it did not cause the refusal.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func cancelled(reasons []*reason) answer {
	list := make([]map[string]string, len(reasons))
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = "None"
		list[i] = map[string]string{"Code": "None"}
		if r != nil {
			codes[i] = r.code
			list[i] = map[string]string{"Code": r.code, "Message": r.message}
		}
	}
	return refuse(ofDynamoDB, "TransactionCanceledException", map[string]any{
		"CancellationReasons": list,
		"Message": "Transaction cancelled, please refer cancellation reasons for specific reasons " +
			"[" + strings.Join(codes, ", ") + "]",
	})
}

type reason struct{ code, message string }

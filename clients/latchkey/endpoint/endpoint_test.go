package endpoint

import (
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestAddressIsThatOfTheStageOnAWSAndOnAnEmulator(t *testing.T) {
	for _, row := range []struct{ emulator, region, stage, want string }{
		{"", "eu-west-1", "prod", "https://abc.execute-api.eu-west-1.amazonaws.com/prod"},
		{"", "eu-west-1", "$default", "https://abc.execute-api.eu-west-1.amazonaws.com"},
		{"", "cn-north-1", "prod", "https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod"},
		{"http://127.0.0.1:4566", "us-east-1", "prod", "http://127.0.0.1:4566/_aws/execute-api/abc/prod"},
		{"http://127.0.0.1:4566/", "us-east-1", "$default", "http://127.0.0.1:4566/_aws/execute-api/abc/$default"},
	} {
		expect.Same(t, "the address", address(row.emulator, row.region, "abc", row.stage), row.want)
	}
}

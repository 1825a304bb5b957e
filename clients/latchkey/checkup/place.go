package checkup

import "strings"

// place is where the stack is: read off the ARN of the authorizer that it exports.
func (d *deployment) place() (partition, region, account string) {
	parts := strings.Split(d.stack.outputs["AuthorizerArn"], ":")
	if len(parts) < 5 {
		return "aws", "", ""
	}
	return parts[1], parts[3], parts[4]
}

package factor

import (
	"fmt"
	"os"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/user"
)

// A Rule says who must have a second factor.
type Rule string

// The rules. The zero Rule is Nobody.
const (
	Nobody         Rule = "no"
	Administrators Rule = "administrators"
	Everybody      Rule = "all"
)

// RuleFromEnv reads REQUIRE_FACTOR; if it is not set, nobody must have one.
func RuleFromEnv(e *env.Reader) Rule {
	rule := Rule(os.Getenv("REQUIRE_FACTOR"))
	switch rule {
	case "", Nobody, Administrators, Everybody:
		return rule
	}
	e.Fail(fmt.Errorf("environment variable REQUIRE_FACTOR is %q, and not no, administrators or all", string(rule)))
	return Everybody
}

// Asks reports whether somebody of that role must have a second factor.
func (r Rule) Asks(role string) bool {
	return r == Everybody || r == Administrators && role == user.Admin
}

package storetest

import (
	"time"

	"github.com/latchkey/latchkey/shared/audit"
)

// Entry is an entry of a log, of nobody.
func Entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Address: "192.0.2.7", UserAgent: "test", Now: time.Now()}, time.Hour)
}

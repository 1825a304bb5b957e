package strictdynamo

import "time"

// SetClock makes a proxy count seconds and lag by another clock.
func (p *Proxy) SetClock(now func() time.Time) { p.now = now }

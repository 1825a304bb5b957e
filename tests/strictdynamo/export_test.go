package strictdynamo

import "time"

// SetClock gives a proxy another clock for seconds and lag.
func (p *Proxy) SetClock(now func() time.Time) { p.now = now }

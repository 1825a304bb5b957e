package strictdynamo

import "time"

// A meter counts the units of the last second, in tenths of a second.
type meter struct {
	slots [10]float64
	last  int64 // the tenth last counted in
}

func tenths(at time.Time) int64 { return at.UnixMilli() / 100 }

func (m *meter) used(now int64) float64 {
	m.turn(now)
	sum := 0.0
	for _, n := range m.slots {
		sum += n
	}
	return sum
}

func (m *meter) add(now int64, units float64) {
	m.turn(now)
	m.slots[now%10] += units
}

// turn empties the tenths that are older than a second.
func (m *meter) turn(now int64) {
	for n := max(m.last+1, now-9); n <= now; n++ {
		m.slots[n%10] = 0
	}
	m.last = max(m.last, now)
}

const mostMeters = 10_000

// meter returns a partition's meter. Meters without a count in the last second are dropped now and then.
func (t *throttle) meter(name string, now int64) *meter {
	m := t.meters[name]
	if m == nil {
		if t.meters == nil {
			t.meters = map[string]*meter{}
		}
		if len(t.meters) > mostMeters {
			for old, m := range t.meters {
				if m.last < now-10 {
					delete(t.meters, old)
				}
			}
		}
		m = &meter{}
		t.meters[name] = m
	}
	return m
}

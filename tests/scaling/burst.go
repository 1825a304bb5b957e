package main

import (
	"container/heap"
	"math/rand/v2"
)

// A burst is traffic that begins at once at a rate, on an account where nothing runs. Each request
// runs the authorizer and then a function of the deployer's.
type burst struct {
	rate     float64   // requests a second, at random times
	seconds  float64   // simulated
	warm     []float64 // seconds that each of the functions takes
	cold     float64   // seconds more in a new sandbox
	atOnce   int       // the account's concurrency
	eachRate float64   // invocations a second for each of these
}

// A burstResult says how a burst went.
type burstResult struct {
	Requests  int
	Refused   int // by a quota of Lambda
	Cold      int // waited for a cold start, or two
	Sandboxes int // of the authorizer, at the end
	Secrets   int // read in the busiest second
}

// An event is the end of a sandbox's work.
type event struct {
	at    float64
	stage int
	cold  bool // the request has waited for a cold start
}

type agenda []event

func (e agenda) Len() int           { return len(e) }
func (e agenda) Less(i, j int) bool { return e[i].at < e[j].at }
func (e agenda) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *agenda) Push(x any)        { *e = append(*e, x.(event)) }
func (e *agenda) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// run simulates with Lambda's three rules: a new sandbox if none is idle, at most growth of a function's
// sandboxes in ten seconds (refilled continuously), and both quotas of the account.
func (b burst) run() burstResult {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	var r burstResult
	var ends agenda
	idle, made := make([]int, len(b.warm)), make([]int, len(b.warm))
	busy, second, callsInSecond := 0, 0, 0.0
	reads := map[int]int{}
	invoke := func(at float64, stage int, cold bool) {
		if int(at) != second {
			second, callsInSecond = int(at), 0
		}
		if callsInSecond >= b.eachRate*float64(b.atOnce) || busy >= b.atOnce {
			r.Refused++
			return
		}
		took := b.warm[stage]
		if idle[stage] > 0 {
			idle[stage]--
		} else if float64(made[stage]) < growth.Value*(1+at/10) {
			made[stage]++
			took += b.cold
			cold = true
			if stage == 0 {
				reads[int(at+b.cold)]++
			}
		} else {
			r.Refused++
			return
		}
		busy++
		callsInSecond++
		heap.Push(&ends, event{at + took, stage, cold})
	}
	for next := 0.0; ; {
		if len(ends) > 0 && ends[0].at <= next {
			e := heap.Pop(&ends).(event)
			busy--
			idle[e.stage]++
			if e.stage+1 < len(b.warm) {
				invoke(e.at, e.stage+1, e.cold)
			} else if e.cold {
				r.Cold++
			}
			continue
		}
		if next > b.seconds {
			break
		}
		r.Requests++
		invoke(next, 0, false)
		next += random.ExpFloat64() / b.rate
	}
	r.Sandboxes = made[0]
	for _, n := range reads {
		r.Secrets = max(r.Secrets, n*keysASandbox)
	}
	return r
}

package main

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
)

// A hotEntry is an entry of a log to which many deliveries add: uses of one key, from one address, on one
// route. Each adds in a transaction. One that meets another is cancelled, and tries again after a random
// part of a pause that doubles up to a second (store.CountUses), until the function's time is over.
type hotEntry struct {
	deliveries float64 // a second, at random times
	seconds    float64 // simulated
	atMost     int     // functions at once; Lambda keeps further deliveries until one is free
}

// A hotResult says how deliveries were counted.
type hotResult struct {
	Median, Slowest float64 // seconds from a delivery to its count; of the slowest, the 99th of a hundred
	Dropped         int     // whose function ran out of time
	AtOnce          int     // functions, at the most
}

const (
	firstPause   = 0.020
	longestPause = 1.0
	countingTime = 60.0 // the function's, in template.yaml
	entryRate    = 80.0 // deliveries a second that one entry bears, by this simulation
)

// An attempt is the next one of a delivery.
type attempt struct{ at, came, began, pause float64 }

type attempts []attempt

func (a attempts) Len() int           { return len(a) }
func (a attempts) Less(i, j int) bool { return a[i].at < a[j].at }
func (a attempts) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *attempts) Push(x any)        { *a = append(*a, x.(attempt)) }
func (a *attempts) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func (h hotEntry) run() hotResult {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same each time
	var arrivals []float64
	for at := 0.0; at < h.seconds; at += random.ExpFloat64() / h.deliveries {
		arrivals = append(arrivals, at)
	}
	var r hotResult
	var took []float64
	var running attempts
	begin := func(at float64) {
		came := arrivals[0]
		arrivals = arrivals[1:]
		heap.Push(&running, attempt{at + callTime/1000, came, at, firstPause})
		r.AtOnce = max(r.AtOnce, len(running))
	}
	free := 0.0 // the entry is another's until then
	for len(running) > 0 || len(arrivals) > 0 {
		if len(arrivals) > 0 && len(running) < h.atMost && (len(running) == 0 || arrivals[0] <= running[0].at) {
			begin(arrivals[0])
			continue
		}
		a := heap.Pop(&running).(attempt)
		if a.at < free && a.at-a.began < countingTime { // cancelled: it reads what is counted, and tries again
			wait := random.Float64()*a.pause + 2*callTime/1000
			heap.Push(&running, attempt{a.at + wait, a.came, a.began, math.Min(2*a.pause, longestPause)})
			continue
		}
		end := a.at
		if a.at < free {
			r.Dropped++
		} else {
			free = a.at + transactionTime/1000
			end = free
			took = append(took, free-a.came)
		}
		if len(arrivals) > 0 && arrivals[0] <= end { // one that waits takes its place
			begin(end)
		}
	}
	slices.Sort(took)
	r.Median, r.Slowest = took[len(took)/2], took[len(took)*99/100]
	return r
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

const tick = 10 * time.Millisecond

var (
	served int // invocations of this process, which has one at a time
	ticks  atomic.Int64
)

// live counts the time in which the process runs, and prints what it does with a SIGTERM:
// it ignores it, and says every now and then that it is still there.
func live() {
	go func() {
		for range time.Tick(tick) {
			ticks.Add(1)
		}
	}()
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		<-told
		fmt.Println("told to end")
		for range time.Tick(5 * tick) {
			fmt.Println("still here")
		}
	}()
}

// life is an answer that tells of the process.
func life() (any, error) {
	body, err := json.Marshal(map[string]any{"process": os.Getpid(), "served": served, "ticks": ticks.Load()})
	return map[string]any{"statusCode": 200, "body": string(body)}, err
}

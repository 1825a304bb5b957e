package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Sizes has the figures of sizes.json: how long calls took on tables of several sizes, the medians.
type Sizes struct {
	When, Where string
	Items       []int // in each table
	Calls       []SizedCall
}

// A SizedCall is one of them.
type SizedCall struct {
	Name   string
	Millis []float64 // by table
}

// ratio is how much longer the call takes on the largest table than on the smallest.
func (c SizedCall) ratio() float64 { return c.Millis[len(c.Millis)-1] / c.Millis[0] }

//go:embed sizes.json
var sizesFile []byte

func sizesTable() (string, error) {
	var s Sizes
	if err := json.Unmarshal(sizesFile, &s); err != nil {
		return "", err
	}
	head := "Median, ms"
	for _, n := range s.Items {
		head += " | " + grouped(float64(n)) + " items"
	}
	var rows [][]string
	for _, c := range s.Calls {
		row := []string{c.Name}
		for _, ms := range c.Millis {
			row = append(row, fmt.Sprintf("%.2f", ms))
		}
		rows = append(rows, append(row, fmt.Sprintf("%.2f", c.ratio())))
	}
	return table(head+" | ratio", rows...), nil
}

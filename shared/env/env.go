// Package env reads a function's settings from its environment variables, which
// template.yaml fills from the deployment's parameters.
package env

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// Required is the value of a variable that must be set and not empty.
func Required(name string) (string, error) {
	value := os.Getenv(name)
	if value == "" {
		return "", fmt.Errorf("environment variable %s is not set", name)
	}
	return value, nil
}

// Int is a whole number of at least least.
func Int(name string, least int) (int, error) {
	text, err := Required(name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, fmt.Errorf("environment variable %s: %q is not a whole number of at least %d", name, text, least)
	}
	return n, nil
}

// Seconds is a positive number of whole seconds.
func Seconds(name string) (time.Duration, error) {
	n, err := Int(name, 1)
	return time.Duration(n) * time.Second, err
}

// Days is a positive number of whole days.
func Days(name string) (time.Duration, error) {
	n, err := Int(name, 1)
	return time.Duration(n) * 24 * time.Hour, err
}

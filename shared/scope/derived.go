package scope

import "sync"

// Derived returns a function that makes something of a catalogue once, and again when it gets another
// catalogue: it keeps what it made last. It may be called concurrently.
func Derived[T any](from func(*Catalogue) T) func(*Catalogue) T {
	var mu sync.Mutex
	var of *Catalogue
	var made T
	return func(c *Catalogue) T {
		mu.Lock()
		defer mu.Unlock()
		if of != c {
			of, made = c, from(c)
		}
		return made
	}
}

package store

import "sync"

// mostNames is how many names a process remembers.
const mostNames = 10_000

// names are those of items about which a process remembers something. It may forget them at any time.
type names struct {
	mu   sync.RWMutex
	kept map[string]bool
}

func (n *names) has(name string) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.kept[name]
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kept == nil || len(n.kept) >= mostNames {
		n.kept = map[string]bool{}
	}
	n.kept[name] = true
}

func (n *names) remove(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.kept, name)
}

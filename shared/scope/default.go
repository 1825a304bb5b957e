package scope

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// built is the catalogue that this deployment was built with.
var built = sync.OnceValue(func() *Catalogue {
	c, err := Compose(BuiltIn, embedded, basePaths()...)
	if err != nil {
		panic(err) // Fail closed: no catalogue, no service. The build has checked the same bytes.
	}
	return c
})

// basePaths are those of the deployment, which replace a catalogue's own (BASE_PATHS, with commas between them).
func basePaths() []string {
	return strings.FieldsFunc(os.Getenv("BASE_PATHS"), func(r rune) bool { return r == ',' })
}

// following is the published catalogue of this process, or nil where the one that was built in is in force.
var following atomic.Pointer[follower]

// Begin returns a function that returns the catalogue in force. If it has to be read, that has begun
// meanwhile: so who waits for something else first waits for the longer of the two. The error says that no
// catalogue could be read yet, so nobody knows what is allowed.
func Begin(ctx context.Context) func() (*Catalogue, error) {
	f := following.Load()
	if f == nil {
		return builtIn
	}
	f.mu.Lock()
	f.begin(ctx)
	f.mu.Unlock()
	return func() (*Catalogue, error) { return f.current(ctx) }
}

func builtIn() (*Catalogue, error) {
	if published() {
		return nil, errors.New("this deployment has a published catalogue of scopes, which this function does not read")
	}
	return built(), nil
}

// published reports whether this deployment's catalogue is a published one (CATALOGUE).
var published = sync.OnceValue(func() bool { return os.Getenv("CATALOGUE") != "" })

// Default returns the catalogue in force, as slog.Default returns the logger. If it cannot be read it
// panics, which the gateway answers as any other failure: 503.
func Default() *Catalogue {
	c, err := Begin(context.Background())()
	if err != nil {
		panic(err)
	}
	return c
}

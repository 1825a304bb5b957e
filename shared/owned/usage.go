package owned

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

// UsedKey returns the key with that id, for what was counted of it, or RESOURCE_NOT_FOUND. A person reaches
// their own keys and those in their projects, and a key those of its project. Of a key that was deleted it
// returns no more than whose it was, and its project.
func UsedKey(ctx context.Context, s *store.Store, p gateway.Principal, id string) (apikey.Key, error) {
	if !apikey.ValidID(id) {
		return apikey.Key{}, problem.NotFound
	}
	k, err := s.Key(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		k.Owner, k.Project, _, err = s.LogOf(ctx, id)
	}
	if err != nil {
		return apikey.Key{}, Refusal(err)
	}
	if p.Oversees(k.Owner, k.Project) {
		return k, nil
	}
	if k.Project == "" { // would be the caller's own
		return k, problem.NotFound
	}
	_, err = OverseenProject(ctx, s, p, k.Project)
	return k, err
}

// Package refresh moves a session to the generation after that of a refresh token.
package refresh

import (
	"context"
	"errors"
	"log/slog"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

// Rotate returns the session in the generation after the token's. A replay ends the session, unless
// the caller may have lost the first answer; the account's log gets replayed then. Error: session.ErrEnded.
func Rotate(ctx context.Context, s *store.Store, id string, r session.Refresh, replayed audit.Entry) (session.Session, error) {
	ses, err := s.RotateSession(ctx, id, r)
	if !errors.Is(err, store.ErrConflict) {
		return ses, err
	}
	if ses.MayReplay(r) {
		return repeat(ctx, s, ses, r)
	}
	slog.WarnContext(ctx, "a refresh token was used again; its session is ended", "session", ses.ID, "user", ses.UserID)
	if err := s.EndSessionLogged(ctx, ses, replayed); err != nil && !errors.Is(err, store.ErrNotFound) {
		return session.Session{}, err
	}
	return session.Session{}, session.ErrEnded
}

// repeat returns the session once more. Its list shows the user if the request came from another
// address: a thief can copy a client's User-Agent.
func repeat(ctx context.Context, s *store.Store, ses session.Session, r session.Refresh) (session.Session, error) {
	places := ses.SecondPlace(r)
	if places == nil {
		return ses, nil
	}
	err := s.SetTwoPlaces(ctx, ses.ID, *places)
	if errors.Is(err, store.ErrNotFound) {
		err = session.ErrEnded
	}
	return ses, err
}

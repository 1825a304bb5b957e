package session

import "time"

// A View is a session as its user sees it.
type View struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`   // of the device, as people know it
	Device     string    `json:"device"` // the User-Agent of the login
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Current    bool      `json:"current"` // the request came with this session
	// TwoPlaces is nil unless one refresh token came from two addresses at once.
	TwoPlaces *TwoPlaces `json:"refreshed_from_two_places"`
}

// View returns the session as its user sees it. current is the id of the caller's own session.
func (s *Session) View(current string) View {
	return View{
		ID: s.ID, Name: Device(s.UserAgent), Device: s.UserAgent, Address: s.Address, CreatedAt: s.CreatedAt,
		LastUsedAt: time.Unix(s.LastUsedAt, 0).UTC(), ExpiresAt: time.Unix(s.ExpiresAt, 0).UTC(),
		Current: s.ID == current, TwoPlaces: s.TwoPlaces,
	}
}

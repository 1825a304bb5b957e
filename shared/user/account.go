package user

import "time"

// What has become of a user.
const (
	Active    = "active"
	Invited   = "invited" // has no password yet
	Disabled  = "disabled"
	Disabling = "disabling" // refused already; their sessions and keys are still being ended
	Deleting  = "deleting"  // likewise, and the person is not erased yet
)

// An Account is a user as an administrator sees them.
type Account struct {
	View
	Status     string     `json:"status"`
	DisabledAt *time.Time `json:"disabled_at"`
	VerifiedAt *time.Time `json:"email_verified_at"`
}

// Account returns the user as an administrator sees them.
func (u User) Account() Account { return Account{u.View(), u.Status(), u.DisabledAt, u.VerifiedAt} }

// Status is what has become of the user.
func (u User) Status() string {
	switch {
	case u.DeletingAt != nil:
		return Deleting
	case u.DisabledAt != nil && u.Ending != "":
		return Disabling
	case u.DisabledAt != nil:
		return Disabled
	case u.InvitedAt != nil:
		return Invited
	}
	return Active
}

// Administers reports whether the user is an administrator who can log in.
func (u User) Administers() bool { return u.Role == Admin && u.DisabledAt == nil }

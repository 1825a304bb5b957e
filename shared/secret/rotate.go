package secret

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Settled is the age at which every running function knows a version: a function reads a
// secret again after maxAge.
const Settled = 2 * maxAge

// versionForm names a version that Rotate makes by the time when it was made (UTC), so a ring
// shows since when nothing was made with each of its versions.
const versionForm = "20060102T150405Z"

// Rotate returns the ring after one rotation at now. A rotation makes the spare version the
// current one, and adds a new spare: everybody knows a version for a whole period before anything
// is made with it. The first rotation of a ring only adds a spare.
//
//	           versions     current
//	deployed   1            1
//	1st        1 A          1
//	2nd        1 A B        A
//	3rd        1 A B C      B         1 is dropped once nothing needs it
//
// While the spare is not Settled, the ring stays as it is. needed reports whether a version is
// still needed with which nothing was made after since; no other version is dropped. Rotate
// returns an error if somebody has made a version current whose age its name does not tell.
func (r Ring) Rotate(now time.Time, needed func(version string, since time.Time) bool) (Ring, error) {
	return r.RotateTo(now, "", newValue(), needed)
}

// RotateTo is Rotate with the value of the new version, and the kind of value that it is, which
// becomes a part of the version's name if it is not "".
func (r Ring) RotateTo(now time.Time, kind, value string, needed func(version string, since time.Time) bool) (Ring, error) {
	made, older := r.byAge()
	if len(made) > 1 && slices.Contains(older, r.current) {
		return Ring{}, fmt.Errorf("secret: version %q came after others that are named by their time, as %s; name it so too",
			r.current, versionForm)
	}
	next := newRing(r.current, map[string]string{})
	for version, value := range r.versions {
		next.versions[version] = value
	}
	if spare := r.spare(made); spare != "" {
		if at, _ := madeAt(spare); now.Sub(at) < Settled {
			return next, nil
		}
		next.current = spare
	}
	fresh := nameOf(now, kind)
	for at := now; r.Has(fresh); fresh = nameOf(at, kind) { // made in the same second
		at = at.Add(time.Second)
	}
	made = append(made, fresh)
	next.versions[fresh] = value
	// A version goes out of use when the one after it becomes current, which is when the second
	// after it is made. What was there before the first rotation counts as made just before it.
	for i := range len(made) - 1 {
		since, _ := madeAt(made[i+1])
		drop := older
		if i > 0 {
			drop = made[i-1 : i]
		}
		for _, version := range drop {
			if version != next.current && !needed(version, since) {
				delete(next.versions, version)
			}
		}
	}
	return next, nil
}

// SigningAt returns which versions Rotate keeps at now where tokens are signed that live for longest at the most:
// one with which a token was signed that has not expired. A function may sign with a version for some minutes
// after another became current.
func SigningAt(now time.Time, longest time.Duration) (needed func(version string, since time.Time) bool) {
	return func(_ string, since time.Time) bool { return now.Sub(since) < longest+Settled }
}

// NewRing returns a ring of one version.
func NewRing(now time.Time, kind, value string) Ring {
	version := nameOf(now, kind)
	return newRing(version, map[string]string{version: value})
}

func nameOf(made time.Time, kind string) string {
	name := made.UTC().Format(versionForm)
	if kind != "" {
		name += "-" + kind
	}
	return name
}

// madeAt returns when a version was made, if its name tells.
func madeAt(version string) (time.Time, bool) {
	name, _, _ := strings.Cut(version, "-")
	at, err := time.Parse(versionForm, name)
	return at, err == nil
}

// KindOf returns the kind that is a part of a version's name, or "".
func KindOf(version string) string {
	_, kind, _ := strings.Cut(version, "-")
	return kind
}

// Map returns a ring with the same versions, and another value for each.
func (r Ring) Map(to func(value []byte) (string, error)) (Ring, error) {
	mapped := newRing(r.current, map[string]string{})
	for version, value := range r.versions {
		other, err := to([]byte(value))
		if err != nil {
			return Ring{}, fmt.Errorf("secret: version %q: %w", version, err)
		}
		mapped.versions[version] = other
	}
	return mapped, nil
}

// byAge returns the versions that Rotate made, the oldest first, and the others, which are older.
func (r Ring) byAge() (made, older []string) {
	for version := range r.versions {
		if _, ok := madeAt(version); ok {
			made = append(made, version)
		} else {
			older = append(older, version)
		}
	}
	slices.Sort(made)
	return made, older
}

// spare returns the version that becomes current next, or "".
func (r Ring) spare(made []string) string {
	for _, version := range made {
		if version > r.current || !slices.Contains(made, r.current) {
			return version
		}
	}
	return ""
}

// newValue returns 64 characters with 384 random bits.
func newValue() string {
	random := make([]byte, 48)
	_, _ = rand.Read(random) // it never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// Follows reports whether a ring may replace before, although functions go on using before for
// some minutes: both have the version that each of them uses, and no value has changed.
func (r Ring) Follows(before Ring) bool {
	for version, value := range r.versions {
		if old, ok := before.versions[version]; ok && old != value {
			return false
		}
	}
	return r.versions[before.current] != "" && before.versions[r.current] != ""
}

// Versions returns the names of the versions, sorted.
func (r Ring) Versions() []string {
	var all []string
	for version := range r.versions {
		all = append(all, version)
	}
	slices.Sort(all)
	return all
}

// Text returns the JSON that ParseRing reads. It is the secret: keep it out of logs and errors.
func (r Ring) Text() string {
	doc := map[string]string{"current": r.current}
	for version, value := range r.versions {
		doc[version] = value
	}
	text, _ := json.Marshal(doc) // strings always marshal
	return string(text)
}

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// promises compares the table with what was answered. It returns what is wrong.
func promises(t table, l *ledger) (wrong []string) {
	note := func(ifSo bool, format string, args ...any) {
		if ifSo {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	checkKeys(t, l, note)
	checkExtras(t, l, note)
	for _, s := range l.sessions {
		_, found := t.one("SESSION#"+sessionOf(s.pair.Access), "SESSION")
		note(!found, "a session of %s is lost", s.person.Email)
	}
	for _, c := range l.ended {
		if c.kind == "access token" {
			_, found := t.one("SESSION#"+sessionOf(c.text), "SESSION")
			note(found, "a session was answered as ended, and is there")
		}
	}
	for _, r := range l.runs {
		checkEvents(t, r, note)
	}
	for w, a := range l.windows {
		note(a.good > w.key.limited, "%s: %d requests were answered in the window that ends at %s, of %d", w.key, a.good, w.end, w.key.limited)
		sure := w.key.unsureUses.Load() == 0
		note(sure && a.refused > 0 && a.good < w.key.limited, "%s: a request was refused after %d of %d in the window that ends at %s", w.key, a.good, w.key.limited, w.end)
	}
	return wrong
}

// checkKeys checks each key that was answered: what became of it, its log, and its uses.
func checkKeys(t table, l *ledger, note func(bool, string, ...any)) {
	for _, k := range l.keys {
		it, found := t.one("KEY#"+k.ID, "KEY")
		count := t.entries(k.ID)
		note(count["created"] != 1, "%s has %d entries of its creation", k, count["created"])
		switch {
		case k.deleted:
			note(found, "%s was answered as deleted, and is there", k)
			note(count["deleted"] != 1, "%s has %d entries of its deletion", k, count["deleted"])
		case !found:
			note(true, "%s is lost", k)
		case k.revoked:
			note(it.RevokedAt == "", "%s was answered as revoked, and lives", k)
		default:
			note(it.RevokedAt != "", "%s is revoked, and nobody asked for it", k)
			note(it.DisabledAt != "" && k.unsureChanged == 0, "%s is disabled, and was answered as enabled", k)
		}
		between(note, k, "regenerations", count["regenerated"], k.regenerated, k.unsureRegenerated)
		between(note, k, "changes", count["updated"], k.changed, k.unsureChanged)
		between(note, k, "tokens", count["token_issued"], k.tokens, k.unsureTokens)
		uses := 0
		for _, it := range t.partitions["USES#"+k.ID] {
			if it.Action == "used" {
				uses += it.UseCount
			}
		}
		between(note, k, "uses", uses, int(k.uses.Load()), int(k.unsureUses.Load()))
	}
}

// between checks a number of which some were answered, and of some the answer was lost.
func between(note func(bool, string, ...any), k *key, what string, got, answered, unsure int) {
	note(got < answered || got > answered+unsure, "%s has %d %s in its log, where %d were answered and %d more may be", k, got, what, answered, unsure)
}

// checkExtras checks that nothing was made but what was asked for: no more things than were answered, and those
// of which the answer was lost.
func checkExtras(t table, l *ledger, note func(bool, string, ...any)) {
	known := map[string]bool{}
	for _, k := range l.keys {
		known["KEY#"+k.ID] = true
	}
	for _, r := range l.runs {
		known["RUN#"+r.id] = true
	}
	ours := map[string]bool{}
	for _, p := range l.people {
		ours[p.ID] = true
	}
	extra := map[string]int{}
	for _, it := range t.items {
		if kind, _, _ := strings.Cut(it.PK, "#"); (it.SK == "KEY" || it.SK == "RUN") && ours[it.Owner] && !known[it.PK] {
			extra[it.Owner+" "+kind]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		owner, kind, _ := strings.Cut(name, " ")
		note(extra[name] > l.unsure[name], "%s has %d of %s that nobody was answered, and %d answers were lost", owner, extra[name], kind, l.unsure[name])
	}
}

// checkEvents checks that each event that was answered is in its run under its number, and no other event is.
func checkEvents(t table, r *run, note func(bool, string, ...any)) {
	found := map[int]string{}
	for _, it := range t.partitions["RUN#"+r.id] {
		if strings.HasPrefix(it.SK, "EVENT#") {
			for i, text := range it.Events {
				found[it.First+i] = text
			}
		}
	}
	note(!maps.Equal(found, r.events), "the run %s has %d events, and not just those %d that were answered, with their numbers", r.id, len(found), len(r.events))
}

// sessionOf reads the claim sid of a token.
func sessionOf(token string) string {
	parts := strings.Split(token, ".")
	var claims struct{ SID string }
	if len(parts) == 3 {
		text, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil || json.Unmarshal(text, &claims) != nil {
			return ""
		}
	}
	return claims.SID
}

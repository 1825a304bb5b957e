package main

import (
	"fmt"
	"slices"
	"strings"
)

// structure checks what must be so in any table, whatever was asked of it: nothing without what it belongs to,
// nothing twice, no count above its limit. It returns what is wrong. Nothing may be under way, and the retention
// of the audit log may not have removed anything yet.
func structure(t table) (wrong []string) {
	note := func(ifSo bool, format string, args ...any) {
		if ifSo {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	for _, it := range t.items {
		kind, id, _ := strings.Cut(it.PK, "#")
		part, _, _ := strings.Cut(it.SK, "#")
		switch kind + " " + part {
		case "KEY KEY":
			checkKey(t, it, note)
		case "KEY AUDIT":
			count := t.entries(id)
			_, lives := t.one(it.PK, "KEY")
			note(!lives && count["deleted"] == 0, "an entry %s of the key %s, which is not there and was not deleted", it.Action, id)
		case "KEY HEAD", "KEY IMPORTED":
			note(t.entries(id)["created"] == 0, "%s of the key %s, which never was", it.SK, id)
		case "KEY CHILD":
			child := strings.TrimPrefix(it.SK, "CHILD#")
			_, lives := t.one("KEY#"+child, "KEY")
			note(!lives && t.entries(child)["deleted"] == 0, "the key %s has the child %s, which never was", id, child)
		case "USES USE", "USES LAST":
			note(len(t.partitions["KEY#"+id]) == 0, "uses of the key %s, which never was", id)
		case "USER USER":
			note(it.DeletedAt != "" && it.Email != "", "the user %s was deleted, and has an address", id)
			if it.DeletedAt != "" {
				continue
			}
			login, found := t.one("EMAIL#"+it.Email, "USER")
			note(!found || login.UserID != id, "the user %s has no login", id)
			_, found = t.one("PROJECT#prj_"+strings.TrimPrefix(id, "usr_"), "PROJECT")
			note(!found, "the user %s has no first project", id)
		case "USER AUDIT", "USER HEAD":
			_, found := t.one("USER#"+id, "USER")
			note(!found, "%s of the user %s, who never was", it.SK, id)
		case "USER NEW":
			_, found := t.one("USER#"+id, "USER")
			note(!found, "%s was made for the user %s, who never was", it.SK, id)
		case "USER FACTOR", "USER ONCE":
			_, found := t.one("USER#"+id, "USER")
			note(!found, "%s is of the user %s, who never was", it.SK, id)
		case "EMAIL USER":
			_, found := t.one("USER#"+it.UserID, "USER")
			note(!found, "the login %s is of no user", id)
		case "SESSION SESSION", "PROJECT PROJECT":
			_, found := t.one("USER#"+it.Owner, "USER")
			note(!found, "%s is of no user", it.PK)
			note(it.OwnerPK != it.Owner+"#"+kind, "%s is not in its owner's list", it.PK)
		case "CUSTOMER CUSTOMER", "CUSTOMER EXTERNAL", "CUSTOMER AUDIT", "CUSTOMER HEAD", "CUSTOMER NEW":
			checkCustomer(t, part, id, it, note)
		case "KEY CUSTOMER":
			note(!strings.HasSuffix(it.OwnerPK, "#KEY"), "%s is in no list of a customer", it.PK)
		case "RUN RUN":
			checkRun(t, it, note)
		case "RUN OWNER", "RUN EVENT", "RUN RECEIPT":
			_, found := t.one(it.PK, "RUN")
			note(!found, "%s of no run: %s", it.SK, it.PK)
		default:
			ofNothing := slices.Contains([]string{"LIMIT", "COUNTED", "USAGE", "FLUSH", "GONE", "CATALOGUE"}, kind) // counts and marks, which their time removes
			note(!ofNothing, "an item of a kind that nobody knows: %s %s", it.PK, it.SK)
		}
	}
	return wrong
}

func checkKey(t table, it item, note func(bool, string, ...any)) {
	count := t.entries(it.ID)
	note(count["created"] != 1, "the key %s has %d entries of its creation", it.ID, count["created"])
	note(count["deleted"] != 0, "the key %s is there, and its log says that it was deleted", it.ID)
	generation := it.Generation + it.Kept
	note(count["regenerated"] != generation-1, "the key %s has generation %d after %d regenerations", it.ID, generation, count["regenerated"])
	note((it.DisabledAt != "") != (it.Generation == 0), "the key %s is disabled at %q, and has generation %d where an enabled key has it", it.ID, it.DisabledAt, it.Generation)
	note((it.RevokedAt != "") != (count["revoked"] == 1), "the key %s has %d entries of its revocation, and was revoked at %q", it.ID, count["revoked"], it.RevokedAt)
	note(it.OwnerPK != it.Owner+"#KEY", "the key %s is not in its owner's list", it.ID)
	_, found := t.one("PROJECT#"+it.Project, "PROJECT")
	note(!found, "the key %s is of no project", it.ID)
	if it.CreatedBy != "" {
		_, found := t.one("KEY#"+it.CreatedBy, "CHILD#"+it.ID)
		note(!found && it.RevokedAt == "", "the key %s is not among the children of its maker %s", it.ID, it.CreatedBy)
		maker, found := t.one("KEY#"+it.CreatedBy, "KEY")
		note(!found && t.entries(it.CreatedBy)["deleted"] == 0, "the maker of the key %s never was", it.ID)
		note(found && maker.Owner != it.Owner, "the key %s has another owner than its maker", it.ID)
	}
	for category, most := range it.limits {
		note(it.counts[category] > most, "the key %s counted %d requests of %d", it.ID, it.counts[category], most)
	}
}

// checkCustomer checks a part of a customer. Nothing names one that was deleted, and its item stays.
func checkCustomer(t table, part, id string, it item, note func(bool, string, ...any)) {
	switch c, found := t.one(it.PK, "CUSTOMER"); part {
	case "CUSTOMER":
		deleted := it.DeletedAt != ""
		_, in := t.one("PROJECT#"+it.Project, "PROJECT")
		_, named := t.one("CUSTOMER#"+it.Project+"#"+it.ExternalID, "EXTERNAL")
		note(!deleted && !in, "the customer %s is of no project", id)
		note(!deleted && !named, "the customer %s is not found by its external id", id)
		note(!deleted && it.OwnerPK != it.Project+"#CUSTOMER", "the customer %s is not in its project's list", id)
		note(deleted && it.OwnerPK+it.ExternalID != "", "the customer %s was deleted, and is in a list, or has an external id", id)
		for category, most := range it.limits {
			note(it.counts[category] > most, "the customer %s counted %d requests of %d", id, it.counts[category], most)
		}
	case "EXTERNAL":
		c, found := t.one("CUSTOMER#"+it.CustomerID, "CUSTOMER")
		note(!found || it.PK != "CUSTOMER#"+c.Project+"#"+c.ExternalID, "the external id %s is of no customer that has it", id)
	case "NEW":
		_, found := t.one("CUSTOMER#"+strings.TrimPrefix(it.SK, "NEW#CUSTOMER#"), "CUSTOMER")
		note(!found, "%s was made in the project %s, and never was", it.SK, id)
	default:
		note(!found, "%s of the customer %s, which never was", it.SK, id)
		note(c.DeletedAt != "" && it.Salt != "", "the entry %s names the customer %s, which was deleted", it.SK, id)
	}
}

// checkRun checks that a run's events have the numbers from 1 to its last, each once.
func checkRun(t table, it item, note func(bool, string, ...any)) {
	_, found := t.one(it.PK, "OWNER")
	note(!found, "%s is in no list of its owner", it.PK)
	note(it.OwnerPK != it.Project+"#RUN", "%s is not in its project's list", it.PK)
	var batches []item
	for _, one := range t.partitions[it.PK] {
		if strings.HasPrefix(one.SK, "EVENT#") {
			batches = append(batches, one)
		}
	}
	slices.SortFunc(batches, func(a, b item) int { return a.First - b.First })
	next := 1
	for _, b := range batches {
		note(b.First != next || len(b.Events) != b.Last-b.First+1, "%s: %d events from %d to %d, where %d is next", it.PK, len(b.Events), b.First, b.Last, next)
		next = b.Last + 1
	}
	note(it.Last != next-1, "%s says that its last event is %d, and has %d", it.PK, it.Last, next-1)
}

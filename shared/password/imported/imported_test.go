package imported_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/password/imported"
	"github.com/latchkey/latchkey/tests/expect"
)

const right = "correct horse battery staple"

// made has hashes of that password by what others use.
var made = map[string]string{
	"bcrypt 4.0 of Python":          "$2b$06$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq",
	"bcrypt as PHP names it":        "$2y$06$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq",
	"passlib 1.7, pbkdf2_sha256":    "$pbkdf2-sha256$2000$gNB6r/V.z3kP4TwHgPDeew$Tuk8I0eHebHXqNWy.n1W0Qve1QnnybxWzAGEGknv97Q",
	"passlib 1.7, pbkdf2_sha512":    "$pbkdf2-sha512$2000$9p5zLqUUohSC0FqLsbZ2rg$jzWHunJAJ2UCjclQXeQiLImrzEg.Rm/zTMfPsQ/TohyLJPaLiJ1tHmoZrCWQ0fiYEAFg.KXtW0YUwUD7qQ/TOg",
	"passlib 1.7, pbkdf2_sha1":      "$pbkdf2$2000$o3SOMYaQco7R2hsDIMR4Lw$aUqWXFWhlkdW0vmvKiR8IyS3WV0",
	"the first in PHC's spelling":   "$pbkdf2-sha256$i=2000$gNB6r/V+z3kP4TwHgPDeew$Tuk8I0eHebHXqNWy+n1W0Qve1QnnybxWzAGEGknv97Q",
	"argon2-cffi 25.1":              "$argon2id$v=19$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M",
	"Django 5.2, pbkdf2_sha256":     "pbkdf2_sha256$2000$a94tGaz2edGRDXj56bmRJm$lXzgI13WK0wrSEqcULXPLTqswZqkEceCUcZMCsRQKk4=",
	"Django 5.2, pbkdf2_sha1":       "pbkdf2_sha1$2000$sZW7iB8WNVxPKDVDpq6wGV$fHtYBJTfAEk3PgrJcaIAlorMiFA=",
	"Django 5.2, its default argon": "argon2$argon2id$v=19$m=1024,t=2,p=8$WWZjbnZoWUIyaFY3Y25zRVFhRkM4Qg$mpCxxwIkXkoh3L5LIzmTgyCgvhHbqPIXEZAIgDYDOt0",
}

func TestHashesThatOthersMadeMatchTheRightPasswordOnly(t *testing.T) {
	for name, hash := range made {
		if err := imported.Valid(hash); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for password, want := range map[string]bool{right: true, right + "x": false, "": false} {
			got, err := imported.Matches(password, hash)
			if err != nil || got != want {
				t.Errorf("%s: %q matches: %t, %v", name, password, got, err)
			}
		}
	}
}

func TestHashThatCostsTooMuchIsRefused(t *testing.T) {
	const salt, key = "gRlHmjcfN6n86JfD21GKmQ", "cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M"
	for hash, fine := range map[string]bool{
		"$2b$14$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq": true,
		"$2b$15$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq": false,
		"$2b$31$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq": false,
		"$argon2id$v=19$m=262144,t=4,p=16$" + salt + "$" + key:         true,
		"$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + key:          false,
		"$argon2id$v=19$m=65536,t=17,p=1$" + salt + "$" + key:          false,
		"$argon2id$v=19$m=8,t=4294967295,p=1$" + salt + "$" + key:      false,
		"$argon2id$v=19$m=65536,t=1,p=17$" + salt + "$" + key:          false,
		"$pbkdf2-sha256$2000000$" + salt + "$" + key:                   true,
		"$pbkdf2-sha256$2000001$" + salt + "$" + key:                   false,
		"$pbkdf2-sha256$999$" + salt + "$" + key:                       false,
		"pbkdf2_sha256$4294967297$" + salt + "$" + key + "=":           false,
	} {
		if err := imported.Valid(hash); (err == nil) != fine {
			t.Errorf("%s: %v", hash, err)
		}
	}
}

func TestWhatIsNoHashIsRefusedAndNeverMatches(t *testing.T) {
	long := strings.Repeat("A", 88)
	for _, hash := range []string{
		"", "$", "$$$$", right, "$1$salt$x", "$2b$", "$2b$06$short", "$2b$06$" + strings.Repeat("é", 53), "$2x$" + made["argon2-cffi 25.1"],
		"$argon2i$v=19$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M",
		"$argon2id$v=16$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M",
		"$argon2id$v=19$m=1024,t=0,p=4$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M",
		"$argon2id$v=19$m=1024,t=2,p=0$gRlHmjcfN6n86JfD21GKmQ$cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M",
		"$argon2id$v=19$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$", "$argon2id$v=19$m=1024,t=2,p=4$$cSvcYk1FXbMxLeUDFVxW4A",
		"$argon2id$v=19$m=1024,t=2,p=4$gRlHmjcfN6n86JfD21GKmQ$" + long,
		"pbkdf2_sha256$2000$a94tGaz2edGRDXj56bmRJm$", "pbkdf2_sha256$2000$short$lXzgI13WK0wrSEqcULXPLTqswZqkEceCUcZMCsRQKk4=",
		"pbkdf2_md5$2000$a94tGaz2edGRDXj56bmRJm$lXzgI13WK0wrSEqcULXPLTqswZqkEceCUcZMCsRQKk4=", "$pbkdf2-$2000$a94tGaz2edGRDXj56bmRJm$" + long,
		"$pbkdf2-sha256$-1$gNB6r/V.z3kP4TwHgPDeew$Tuk8I0eHebHXqNWy.n1W0Qve1QnnybxWzAGEGknv97Q",
	} {
		if imported.Valid(hash) == nil {
			t.Errorf("%q is taken", hash)
		}
		if matches, err := imported.Matches(right, hash); matches || err == nil {
			t.Errorf("%q matches: %t, %v", hash, matches, err)
		}
	}
}

// many finds an iteration count that takes long.
var many = regexp.MustCompile("[0-9]{5}")

// FuzzHash: no text is a hash that panics, and none that is taken matches a password which nobody
// hashed.
func FuzzHash(f *testing.F) {
	for _, hash := range made {
		f.Add(hash)
	}
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, hash string) {
		if imported.Valid(hash) != nil || !strings.Contains(hash, "pbkdf2") || many.MatchString(hash) {
			return
		}
		matches, err := imported.Matches("a password that nobody hashed", hash)
		expect.Same(t, "matches", matches, false)
		expect.Same(t, "error", err, nil)
	})
}

// BenchmarkDearest is the longest that an imported hash can make a login take.
func BenchmarkDearest(b *testing.B) {
	const salt, key = "gRlHmjcfN6n86JfD21GKmQ", "cSvcYk1FXbMxLeUDFVxW4AUV1awI834Vc0l9yeSRN4M"
	for name, hash := range map[string]string{
		"bcrypt 14":             "$2b$14$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq",
		"bcrypt 12":             "$2b$12$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq",
		"bcrypt 10":             "$2b$10$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq",
		"argon2id 256 MiB x 4":  "$argon2id$v=19$m=262144,t=4,p=1$" + salt + "$" + key,
		"pbkdf2-sha256 2000000": "$pbkdf2-sha256$2000000$" + salt + "$" + key,
		"pbkdf2-sha256 600000":  "$pbkdf2-sha256$600000$" + salt + "$" + key,
		"pbkdf2-sha512 2000000": "$pbkdf2-sha512$2000000$" + salt + "$" + key,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := imported.Matches(right, hash); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

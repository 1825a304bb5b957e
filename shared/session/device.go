package session

import (
	"cmp"
	"strings"
	"unicode"
)

type sign struct{ in, means string }

// browsers and systems are in the order in which they are looked for: most browsers say that they are
// Chrome and Safari too, and Android that it is Linux.
var (
	browsers = []sign{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Chromium/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = []sign{
		{"iPhone", "iOS"}, {"iPad", "iPadOS"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"darwin", "macOS"}, {"windows", "Windows"}, {"Linux", "Linux"}, {"linux", "Linux"}, {"X11", "Linux"},
	}
)

const unnamed = "Unknown device"

// Device names what sends a User-Agent as people know it: "Chrome on Linux", "curl", "latchkey 1.4 on
// macOS". What is in no such form is shown as it is, in part.
func Device(agent string) string {
	if name, ok := KnownDevice(agent); ok {
		return name
	}
	shown := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, agent)))
	return cmp.Or(string(shown[:min(len(shown), 40)]), unnamed)
}

// KnownDevice is Device for where no text of a caller may be read. ok is false for what it does not know.
func KnownDevice(agent string) (name string, ok bool) {
	name, system := first(browsers, agent), first(systems, agent)
	if named := program(agent); named != "" {
		name = named
	}
	if name == "" {
		return unnamed, false
	}
	if system != "" {
		name += " on " + system
	}
	return name, true
}

// program returns the name of one that is no browser: the first product of its User-Agent (RFC 9110 §10.1.5).
func program(agent string) string {
	product, _, _ := strings.Cut(agent, " ")
	name, version, _ := strings.Cut(product, "/")
	if name == "" || name == "Mozilla" || len(name) > 40 || strings.Trim(name, productLetters) != "" {
		return ""
	}
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if name == "latchkey" && len(numbers) > 1 && strings.Trim(numbers[0]+numbers[1], "0123456789") == "" {
		name += " " + numbers[0] + "." + numbers[1]
	}
	return name
}

// productLetters are those that no program makes a link of.
const productLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func first(of []sign, agent string) string {
	for _, s := range of {
		if strings.Contains(agent, s.in) {
			return s.means
		}
	}
	return ""
}

package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A badBody makes of a good JSON object a text that every route must refuse. It does not apply to every object.
type badBody struct {
	name string
	from func(good string) (bad string, applies bool)
}

func always(change func(string) string) func(string) (string, bool) {
	return func(good string) (string, bool) { return change(good), true }
}

// within puts a member at the beginning of an object.
func within(member string) func(string) (string, bool) {
	return always(func(good string) string { return "{" + member + "," + good[1:] })
}

var (
	aName = regexp.MustCompile(`^\{("[a-z_]+"):("[^"]*"|true|false|[0-9]+)`)
	// A text in one of these places cannot be anything else.
	aText = regexp.MustCompile(`"(name|label|email|password|refresh_token|project_id|kind)":"[^"]*"`)
)

var badBodies = []badBody{
	{"it ends too early", always(func(good string) string { return good[:len(good)-1] })},
	{"something follows", always(func(good string) string { return good + "{}" })},
	{"it is a list", always(func(good string) string { return "[" + good + "]" })},
	{"it is a text", always(func(good string) string { return fmt.Sprintf("%q", good) })},
	{"it is null", always(func(string) string { return "null" })},
	{"it is a number", always(func(string) string { return "1e999" })},
	{"it begins with a byte order mark", always(func(good string) string { return "\ufeff" + good })},
	{"comments", always(func(good string) string { return good + "/* x */" })},
	{"single quotes", always(func(good string) string { return `{'x':1}` })},
	{"a comma too many", always(func(good string) string { return good[:len(good)-1] + ",}" })},
	{"another media type", always(func(good string) string { return good })},
	{"an unknown name", within(`"unknown":1`)},
	{"a name of JavaScript", within(`"__proto__":{"role":"admin"},"constructor":{}`)},
	{"a field of the item", within(`"owner":"usr_A","key_hash":"1:A","created_by":null`)},
	{"an empty name", within(`"":""`)},
	{"a name that is not UTF-8", within("\"\xff\xfe\":1")},
	{"a name with a long s", within("\"pa\u017fsword\":\"x\"")},
	{"very deep", within(`"deep":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000))},
	{"a long number", within(`"n":` + strings.Repeat("9", 5000))},
	{"too large", always(func(good string) string { return strings.Repeat(" ", 65537) + good })},
	{"much too large", within(`"x":"` + strings.Repeat("x", 1<<20) + `"`)},
	{"bytes that are no text", always(func(string) string { return "\x00\xff\xfe{}" })},
	{"a name twice", func(good string) (string, bool) {
		found := aName.FindStringSubmatch(good)
		if found == nil {
			return "", false
		}
		return found[0] + "," + good[1:], true
	}},
	{"a name in capitals", func(good string) (string, bool) {
		found := aName.FindStringSubmatch(good)
		if found == nil {
			return "", false
		}
		return "{" + strings.ToUpper(found[1]) + good[1+len(found[1]):], true
	}},
	{"a number for a text", replaced("7")},
	{"a list for a text", replaced("[]")},
	{"an object for a text", replaced(`{"$ne":""}`)},
	{"true for a text", replaced("true")},
}

func replaced(by string) func(string) (string, bool) {
	return func(good string) (string, bool) {
		found := aText.FindStringSubmatchIndex(good)
		if found == nil {
			return "", false
		}
		return good[:found[3]+2] + by + good[found[1]:], true
	}
}

// whole are those that a route refuses which otherwise answers each line of its body by itself.
var whole = []string{"another media type", "too large", "much too large"}

package chain

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"
)

// appendCanonical appends a value, as a json.Decoder that uses numbers reads it, in the canonical
// form of RFC 8785. Its numbers must be whole.
func appendCanonical(out []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		return appendMembers(out, v)
	case []any:
		sep := byte('[')
		for _, one := range v {
			out, sep = appendCanonical(append(out, sep), one), ','
		}
		if len(v) == 0 {
			out = append(out, sep)
		}
		return append(out, ']')
	case string:
		return appendText(out, v)
	default: // a number, true, false or nil
		return fmt.Append(out, literal(v))
	}
}

func literal(v any) any {
	if v == nil {
		return "null"
	}
	return v
}

// appendMembers writes an object. Its members are in the order of their names in UTF-16.
func appendMembers(out []byte, members map[string]any) []byte {
	names := slices.SortedFunc(maps.Keys(members), func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	out = append(out, '{')
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendCanonical(append(appendText(out, name), ':'), members[name])
	}
	return append(out, '}')
}

// appendText writes a string, in which only quotes, backslashes and control characters are escaped.
func appendText(out []byte, text string) []byte {
	const short = "\b\t\n\f\r\"\\"
	out = append(out, '"')
	for i := range len(text) {
		c := text[i]
		switch at := bytes.IndexByte([]byte(short), c); {
		case at >= 0:
			out = append(out, '\\', "btnfr\"\\"[at])
		case c < ' ':
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

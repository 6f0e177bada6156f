// Package initials abbreviates names.
package initials

import (
	"strings"
	"unicode"
)

// Initials gives the first letters of the words of a name, in capitals.
//
// White space stands between words.
func Initials(name string) string {
	var letters strings.Builder
	for _, word := range strings.Split(name, " ") {
		letters.WriteRune(unicode.ToUpper([]rune(word)[0]))
	}
	return letters.String()
}

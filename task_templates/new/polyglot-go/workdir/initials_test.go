package initials

import "testing"

func expect(t *testing.T, name, want string) {
	t.Helper()
	if got := Initials(name); got != want {
		t.Errorf("Initials(%q) is %q, want %q", name, got, want)
	}
}

func TestOneWord(t *testing.T) {
	expect(t, "ada", "A")
}

func TestTwoWords(t *testing.T) {
	expect(t, "Ada Lovelace", "AL")
}

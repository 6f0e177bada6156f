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

func TestSeveralBlanks(t *testing.T) {
	expect(t, "Ada  Lovelace", "AL")
}

func TestBlanksAround(t *testing.T) {
	expect(t, " ada\tlovelace ", "AL")
}

func TestNoWord(t *testing.T) {
	expect(t, "  ", "")
}

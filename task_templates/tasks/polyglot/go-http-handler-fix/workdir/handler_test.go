package greet

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func answer(query string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	Handler(recorder, httptest.NewRequest(http.MethodGet, "/greet"+query, nil))
	return recorder
}

func TestNameIsGreeted(t *testing.T) {
	for query, want := range map[string]string{
		"?name=Ada":              "Hello, Ada!\n",
		"?name=Grace%20Hopper":   "Hello, Grace Hopper!\n",
		"?lang=en&name=Zo%C3%AB": "Hello, Zo\u00eb!\n",
	} {
		got := answer(query)
		if got.Code != http.StatusOK || got.Body.String() != want {
			t.Errorf("%s: got %d %q, want 200 %q", query, got.Code, got.Body, want)
		}
	}
}

func TestFirstOfTwoNamesIsGreeted(t *testing.T) {
	got := answer("?name=Ada&name=Grace")
	if got.Code != http.StatusOK || got.Body.String() != "Hello, Ada!\n" {
		t.Errorf("got %d %q", got.Code, got.Body)
	}
}

func TestMissingNameIsRefused(t *testing.T) {
	refused(t, "")
	refused(t, "?lang=en")
}

func TestEmptyNameIsRefused(t *testing.T) {
	refused(t, "?name=")
	refused(t, "?name")
}

func refused(t *testing.T, query string) {
	t.Helper()
	got := answer(query)
	if got.Code != http.StatusBadRequest {
		t.Errorf("%q: got status %d, want 400", query, got.Code)
	}
	if strings.Contains(got.Body.String(), "Hello") {
		t.Errorf("%q: greets nobody: %q", query, got.Body)
	}
}

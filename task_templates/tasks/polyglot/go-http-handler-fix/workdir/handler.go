// Package greet answers web requests with greetings.
package greet

import (
	"fmt"
	"net/http"
)

// Handler greets whom the query names: GET /greet?name=Ada.
func Handler(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	fmt.Fprintf(w, "Hello, %s!\n", name)
}

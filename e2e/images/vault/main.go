// Vault: the real core, storage barrier, key-value engine, AppRole and HTTP interface of the upstream modules, with
// the parts of `vault server -dev` and of the client that a platform in development mode uses. Takes: upstream's
// commands, flags and VAULT_ variables. Gives: the server, or one request to one. Never: other storage than memory,
// other engines than kv and approle, TLS, the user interface, audit devices.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

// failure is an error with the exit code that upstream's client gives it: 1 for wrong use, 2 for the server's no.
type failure struct {
	code int
	err  error
}

func (f failure) Error() string { return f.err.Error() }

func misuse(format string, values ...any) error { return failure{1, fmt.Errorf(format, values...)} }

func main() {
	err := command(os.Args[1:])
	if err == nil {
		return
	}
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, err)
	var known failure
	if errors.As(err, &known) {
		os.Exit(known.code)
	}
	os.Exit(2)
}

// command dispatches by the leading words.
func command(words []string) error {
	if len(words) == 0 {
		return misuse("usage: vault server|status|kv|read|write|list|delete|policy|auth|secrets|token|login|version ...")
	}
	switch words[0] {
	case "server":
		return serve(words[1:])
	case "version", "-version", "--version", "-v":
		fmt.Println("Vault v" + release)
		return nil
	}
	return request(words)
}

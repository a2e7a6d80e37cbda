// Stand-ins for three programs that cannot be built from Go modules: the ingress-nginx controller, the
// vault-secrets-operator and Grafana. Takes: the arguments and variables that the charts of the real ones give.
// Gives: the part of their interfaces that a platform's installation depends on. Never: nginx, Lua, dashboards.
//
// One program for three images, called by name, so that a node holds its bytes once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"firstlight.dev/e2e/images/standins/grafana"
	"firstlight.dev/e2e/images/standins/ingress"
	"firstlight.dev/e2e/images/standins/operator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	programs := map[string]func(context.Context, []string) error{
		"nginx-ingress-controller": ingress.Run,
		"dumb-init":                become,
		"wait-shutdown":            waitShutdown,
		"vault-secrets-operator":   operator.Run,
		"manager":                  operator.Run,
		"grafana":                  grafana.Run,
		"run.sh":                   grafana.Run,
	}
	name := filepath.Base(os.Args[0])
	run, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "%s: not the name of a program in here\n", name)
		os.Exit(2)
	}
	if err := run(ctx, os.Args[1:]); err != nil && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// become replaces this process by the command, as the ingress controller's image starts it.
func become(_ context.Context, words []string) error {
	for len(words) > 0 && words[0][0] == '-' {
		words = words[1:]
	}
	if len(words) == 0 {
		return fmt.Errorf("no command given")
	}
	return syscall.Exec(words[0], words, os.Environ())
}

// waitShutdown asks the container's first process to end and waits for it: the hook before a pod is stopped.
func waitShutdown(context.Context, []string) error {
	if err := syscall.Kill(1, syscall.SIGTERM); err != nil {
		return err
	}
	for syscall.Kill(1, 0) == nil {
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

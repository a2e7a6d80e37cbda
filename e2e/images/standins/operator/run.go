// Package operator stands in for ricoberger's vault-secrets-operator. Takes: VaultSecrets, a Vault by HTTP, upstream's
// flags and VAULT_ variables. Gives: Secrets owned by their VaultSecrets, and the condition SecretCreated. Never: the
// PKI engine, several paths, other ways to authenticate than a token and AppRole, roles of single VaultSecrets.
package operator

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Run runs the operator until the context ends.
func Run(ctx context.Context, words []string) error {
	ctrl.SetLogger(logr.FromSlogHandler(slog.Default().Handler()))
	flags := flag.NewFlagSet("vault-secrets-operator", flag.ContinueOnError)
	metricsAddress := flags.String("metrics-bind-address", ":8080", "where metrics are served")
	probeAddress := flags.String("health-probe-bind-address", ":8081", "where probes are answered")
	elect := flags.Bool("leader-elect", false, "let one replica lead")
	for _, name := range []string{"zap-devel", "zap-encoder", "zap-log-level", "zap-stacktrace-level", "zap-time-encoding"} {
		flags.String(name, "", "accepted and not heeded")
	}
	if err := flags.Parse(words); err != nil {
		return err
	}
	vault, err := NewVault(ctx)
	if err != nil {
		return err
	}
	register(scheme.Scheme)
	access, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	options := ctrl.Options{
		Scheme:                        scheme.Scheme,
		Metrics:                       metrics.Options{BindAddress: *metricsAddress},
		HealthProbeBindAddress:        *probeAddress,
		LeaderElection:                *elect,
		LeaderElectionID:              "vaultsecretsoperator.ricoberger.de",
		LeaderElectionReleaseOnCancel: true,
	}
	for _, namespace := range strings.FieldsFunc(os.Getenv("WATCH_NAMESPACE"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if options.Cache.DefaultNamespaces == nil {
			options.Cache.DefaultNamespaces = map[string]cache.Config{}
		}
		options.Cache.DefaultNamespaces[namespace] = cache.Config{}
	}
	m, err := ctrl.NewManager(access, options)
	if err != nil {
		return err
	}
	if err := m.AddHealthzCheck("healthz", func(*http.Request) error { return vault.Healthy(10) }); err != nil {
		return err
	}
	if err := m.AddReadyzCheck("readyz", func(*http.Request) error { return vault.Healthy(5) }); err != nil {
		return err
	}
	if err := m.Add(manager.RunnableFunc(vault.Renew)); err != nil {
		return err
	}
	seconds, _ := strconv.Atoi(os.Getenv("VAULT_RECONCILIATION_TIME"))
	if err := watch(m, &Reconciler{Client: m.GetClient(), Vault: vault, Again: time.Duration(seconds) * time.Second}); err != nil {
		return err
	}
	return m.Start(ctx)
}

// watch looks at a VaultSecret when its specification changes or something happens to its Secret.
func watch(m ctrl.Manager, r *Reconciler) error {
	// Upstream waits up to 1000 seconds after many failures; half a minute keeps an installation's end near its cause's.
	pace := workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, 30*time.Second)
	return ctrl.NewControllerManagedBy(m).
		For(&VaultSecret{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Owns(&corev1.Secret{}).
		WithOptions(controller.Options{RateLimiter: pace}).
		Complete(r)
}

// The programs of cert-manager, real: its controllers, its webhook and its CA injector, as the upstream module
// has them, under the flags that charts pass. Takes: which of the three by the name it is called by. Gives:
// the process. Never: an implementation of its own of anything that cert-manager does; left out are the flags for
// TLS on metrics, profiling and configuration files.
//
// The upstream commands are modules without releases of their own, so only these mains are ours. The module's path
// lies below cert-manager's because Go allows its internal packages only there.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime"
	cliflag "k8s.io/component-base/cli/flag"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/cert-manager/cert-manager/internal/apis/config/shared"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
)

func main() {
	programs := map[string]func(context.Context, []string) error{
		"controller": runController,
		"webhook":    runWebhook,
		"cainjector": runInjector,
	}
	name := filepath.Base(os.Args[0])
	run, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "%s: call this program by the name controller, webhook or cainjector\n", name)
		os.Exit(2)
	}
	logf.InitLogs()
	ctrl.SetLogger(logf.Log)
	ctx := logf.NewContext(ctrl.SetupSignalHandler(), logf.Log, name)
	err := run(ctx, os.Args[1:])
	if err != nil && ctx.Err() == nil {
		logf.Log.Error(err, "failed to run "+name)
		logf.FlushLogs()
		os.Exit(1)
	}
	logf.FlushLogs()
}

// defaulted fills internal with the defaults that the versioned form has in scheme.
func defaulted(scheme *runtime.Scheme, versioned runtime.Object, internal any) error {
	scheme.Default(versioned)
	return scheme.Convert(versioned, internal, nil)
}

// parse reads the arguments into flags that were bound before, and sets the feature gates.
func parse(flags *pflag.FlagSet, arguments []string, gates *map[string]bool) error {
	flags.Var(cliflag.NewMapStringBool(gates), "feature-gates", "feature gates, name=bool: "+
		strings.Join(utilfeature.DefaultFeatureGate.KnownFeatures(), " "))
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	return utilfeature.DefaultMutableFeatureGate.SetFromMap(*gates)
}

// bindElection binds the flags of leader election.
func bindElection(flags *pflag.FlagSet, election *shared.LeaderElectionConfig) {
	flags.BoolVar(&election.Enabled, "leader-elect", election.Enabled, "let one replica lead")
	flags.StringVar(&election.Namespace, "leader-election-namespace", election.Namespace, "where the Lease is")
	flags.DurationVar(&election.LeaseDuration, "leader-election-lease-duration", election.LeaseDuration, "until others may take over")
	flags.DurationVar(&election.RenewDeadline, "leader-election-renew-deadline", election.RenewDeadline, "until a leader gives up")
	flags.DurationVar(&election.RetryPeriod, "leader-election-retry-period", election.RetryPeriod, "between attempts")
}

// serve runs an HTTP server on listener until the context ends.
func serve(ctx context.Context, group *errgroup.Group, server *http.Server, listener net.Listener) {
	group.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return server.Shutdown(grace)
	})
	group.Go(func() error {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			return err
		}
		return nil
	})
}

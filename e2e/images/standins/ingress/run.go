// Package ingress stands in for the ingress-nginx controller. Takes: its flags, Ingresses of its class, Services,
// EndpointSlices, Secrets, its ConfigMap. Gives: TLS by server name and a reverse proxy to pods, addresses in the
// Ingresses' status, the admission webhook, health and a few metrics. Never: nginx itself, its configuration, its
// other annotations, TCP and UDP services.
package ingress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// program is one running controller.
type program struct {
	options Options
	client  client.Client
	proxy   *Proxy
	synced  atomic.Bool
	said    string
	unset   sync.Once
}

// Run runs the controller until the context ends.
func Run(ctx context.Context, words []string) error {
	ctrl.SetLogger(logr.FromSlogHandler(slog.Default().Handler()))
	options, err := ParseOptions(words)
	if err != nil {
		return err
	}
	if err := raiseBind(); err != nil {
		slog.Info("no right to bind low ports by capability", "error", err)
	}
	proxy, err := NewProxy()
	if err != nil {
		return err
	}
	access, err := configuration(options.Kubeconfig)
	if err != nil {
		return err
	}
	manager, err := newManager(access, options)
	if err != nil {
		return err
	}
	p := &program{options: options, client: manager.GetClient(), proxy: proxy}
	if err := p.watch(manager); err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.Background())
	defer stop()
	failed := make(chan error, 8)
	if err := p.serve(serving, failed); err != nil {
		return err
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case err := <-failed:
			slog.Error("a server ended", "error", err)
			cancel()
		case <-running.Done():
		}
	}()
	if err := manager.Start(running); err != nil {
		return err
	}
	if ctx.Err() != nil {
		time.Sleep(options.ShutdownGrace)
		return nil
	}
	return errors.New("a server ended")
}

// configuration is the pod's own access, or that of a kubeconfig.
func configuration(path string) (*rest.Config, error) {
	if path != "" {
		return clientcmd.BuildConfigFromFlags("", path)
	}
	return ctrl.GetConfig()
}

func newManager(access *rest.Config, options Options) (ctrl.Manager, error) {
	access.QPS, access.Burst = 50, 100
	namespaces := map[string]cache.Config{}
	if options.WatchNamespace != "" {
		namespaces[options.WatchNamespace] = cache.Config{}
	}
	settings := ctrl.Options{
		Scheme:                        scheme.Scheme,
		Metrics:                       metrics.Options{BindAddress: "0"},
		LeaderElection:                options.Elect,
		LeaderElectionID:              options.ElectionID,
		LeaderElectionNamespace:       os.Getenv("POD_NAMESPACE"),
		LeaderElectionReleaseOnCancel: true,
		// One ConfigMap and one pod are read; watching all would ask for more rights and memory.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.ConfigMap{}, &corev1.Pod{}}}},
	}
	if len(namespaces) > 0 {
		settings.Cache.DefaultNamespaces = namespaces
	}
	return ctrl.NewManager(access, settings)
}

// watch has the table built anew, and the status written by the leader, whenever something that matters changes.
func (p *program) watch(manager ctrl.Manager) error {
	all := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []reconcile.Request {
		return []reconcile.Request{{}}
	})
	everywhere := false
	kinds := []client.Object{&networking.Ingress{}, &networking.IngressClass{}, &corev1.Service{}, &discovery.EndpointSlice{}, &corev1.Secret{}}
	routing := ctrl.NewControllerManagedBy(manager).Named("routing").WithOptions(controller.Options{NeedLeaderElection: &everywhere})
	for _, kind := range kinds {
		routing = routing.Watches(kind, all)
	}
	if err := routing.Complete(reconcile.Func(p.route)); err != nil {
		return err
	}
	if !p.options.UpdateStatus {
		return nil
	}
	return ctrl.NewControllerManagedBy(manager).Named("status").
		Watches(&networking.Ingress{}, all).Watches(&networking.IngressClass{}, all).Watches(&corev1.Service{}, all).
		Complete(reconcile.Func(p.status))
}

// state reads everything from the cache.
func (p *program) state(ctx context.Context) (State, error) {
	var (
		ingresses networking.IngressList
		classes   networking.IngressClassList
		services  corev1.ServiceList
		slices    discovery.EndpointSliceList
		secrets   corev1.SecretList
	)
	for _, list := range []client.ObjectList{&ingresses, &classes, &services, &slices, &secrets} {
		if err := p.client.List(ctx, list); err != nil {
			return State{}, err
		}
	}
	return State{
		Ingresses: ingresses.Items, Classes: classes.Items, Services: services.Items, Slices: slices.Items, Secrets: secrets.Items,
		Settings: p.settings(ctx),
	}, nil
}

// settings reads the ConfigMap, which need not exist.
func (p *program) settings(ctx context.Context) map[string]string {
	namespace, name, named := strings.Cut(p.options.ConfigMap, "/")
	if !named {
		return nil
	}
	var found corev1.ConfigMap
	if err := p.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &found); err != nil {
		p.unset.Do(func() { slog.Info("no settings", "configmap", p.options.ConfigMap, "error", err) })
	}
	return found.Data
}

func (p *program) route(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	state, err := p.state(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	table := Build(state, p.options.Classes)
	if namespace, name, named := strings.Cut(p.options.DefaultCertificate, "/"); named {
		if secret := findSecret(state.Secrets, namespace, name); secret != nil {
			if pair, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey]); err == nil {
				p.proxy.given.Store(&pair)
			}
		}
	}
	p.proxy.Use(table)
	p.synced.Store(true)
	if said := strings.Join(table.Problems, "\n"); said != p.said {
		p.said = said
		for _, problem := range table.Problems {
			slog.Warn(problem)
		}
	}
	return reconcile.Result{}, nil
}

// serve opens all ports; an end of one of them is sent to failed.
func (p *program) serve(ctx context.Context, failed chan<- error) error {
	open := func(name, address string, handler http.Handler, secured *tls.Config) error {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if secured != nil {
			listener = tls.NewListener(listener, secured)
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 60 * time.Second, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)}
		go func() {
			<-ctx.Done()
			_ = server.Close()
		}()
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		}()
		return nil
	}
	secured := &tls.Config{GetCertificate: p.proxy.Certificate, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if err := open("http", fmt.Sprintf(":%d", p.options.HTTPPort), p.proxy, nil); err != nil {
		return err
	}
	if err := open("https", fmt.Sprintf(":%d", p.options.HTTPSPort), p.proxy, secured); err != nil {
		return err
	}
	if err := open("health", fmt.Sprintf(":%d", p.options.HealthPort), p.health(), nil); err != nil {
		return err
	}
	if p.options.Webhook == "" {
		return nil
	}
	check := reviewer(func(ingress *networking.Ingress) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		state, err := p.state(ctx)
		if err != nil {
			return err
		}
		return Check(ingress, state, p.options.Classes)
	})
	// Read at each connection: the files are replaced when the certificate is renewed.
	read := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(p.options.WebhookCertificate, p.options.WebhookKey)
		return &pair, err
	}
	if _, err := read(nil); err != nil {
		return fmt.Errorf("the webhook's certificate: %w", err)
	}
	return open("webhook", p.options.Webhook, check, &tls.Config{GetCertificate: read, MinVersion: tls.VersionTLS12})
}

// health answers probes once the first table is in place, and the few metrics there are.
func (p *program) health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(p.options.HealthPath, func(answer http.ResponseWriter, _ *http.Request) {
		if !p.synced.Load() {
			http.Error(answer, "the first routing table is not there yet", http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprint(answer, "ok")
	})
	if p.options.Metrics {
		mux.HandleFunc("/metrics", func(answer http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(answer, "# TYPE nginx_ingress_controller_nginx_process_requests_total counter\nnginx_ingress_controller_nginx_process_requests_total %d\n", p.proxy.requests.Load())
			for host, certificate := range p.proxy.table.Load().Certificates {
				leaf, err := x509.ParseCertificate(certificate.Certificate[0])
				if err == nil {
					_, _ = fmt.Fprintf(answer, "nginx_ingress_controller_ssl_expire_time_seconds{host=%q} %d\n", host, leaf.NotAfter.Unix())
				}
			}
		})
	}
	return mux
}

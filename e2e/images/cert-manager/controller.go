package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/controller/scheme"
	defaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	configv1alpha1 "github.com/cert-manager/cert-manager/pkg/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	dnsutil "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"

	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/venafi"
)

// runController runs cert-manager's controllers: issuers, certificates, requests, ACME, the Ingress shim.
func runController(ctx context.Context, arguments []string) error {
	configuration, err := controllerConfiguration(arguments)
	if err != nil {
		return err
	}
	if err := logf.ValidateAndApply(&configuration.Logging); err != nil {
		return err
	}
	options, err := contextOptions(configuration)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	enabled := enabledControllers(configuration)
	health := healthz.NewServer(configuration.LeaderElectionConfig.HealthzTimeout)
	if err := listen(ctx, group, configuration, base, enabled, health); err != nil {
		return err
	}
	if err := lead(ctx, group, configuration, factory, health); err != nil {
		return err
	}
	for name, construct := range controller.Known() {
		if !enabled.Has(name) {
			continue
		}
		instance, err := construct(factory)
		if err != nil {
			return fmt.Errorf("controller %s: %w", name, err)
		}
		group.Go(func() error { return instance.Run(configuration.NumberOfConcurrentWorkers, ctx) })
	}
	base.SharedInformerFactory.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	if configuration.GatewayAPIConfig.Enabled {
		base.GWShared.Start(ctx.Done())
	}
	return group.Wait()
}

// listen serves metrics and health.
func listen(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, base *controller.Context, enabled sets.Set[string], health *healthz.Server) error {
	informers := base.SharedInformerFactory
	base.Metrics.SetupACMECollector(informers.Acme().V1().Challenges().Lister())
	base.Metrics.SetupCertificateCollector(informers.Certmanager().V1().Certificates().Lister())
	base.Metrics.SetupIssuerCollector(informers.Certmanager().V1().Issuers().Lister())
	if enabled.Has(clusterissuers.ControllerName) {
		base.Metrics.SetupClusterIssuerCollector(informers.Certmanager().V1().ClusterIssuers().Lister())
	}
	metrics, err := net.Listen("tcp", c.MetricsListenAddress)
	if err != nil {
		return err
	}
	serve(ctx, group, base.Metrics.NewServer(metrics), metrics)
	healthListener, err := net.Listen("tcp", c.HealthzListenAddress)
	if err != nil {
		return err
	}
	group.Go(func() error { return health.Start(ctx, healthListener) })
	return nil
}

// lead returns once this process is the leader, or the context has ended.
func lead(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, factory *controller.ContextFactory, health *healthz.Server) error {
	if !c.LeaderElectionConfig.Enabled {
		return nil
	}
	base, err := factory.Build("leader-election")
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, c.LeaderElectionConfig.Namespace, "cert-manager-controller",
		base.Client.CoreV1(), base.Client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: host + "-external-cert-manager-controller", EventRecorder: base.Recorder})
	if err != nil {
		return err
	}
	elected := make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   c.LeaderElectionConfig.LeaseDuration,
		RenewDeadline:   c.LeaderElectionConfig.RenewDeadline,
		RetryPeriod:     c.LeaderElectionConfig.RetryPeriod,
		ReleaseOnCancel: true,
		WatchDog:        health.LeaderHealthzAdaptor,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(elected) },
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return err
	}
	group.Go(func() error {
		elector.Run(ctx)
		if ctx.Err() == nil {
			return fmt.Errorf("leader election lost")
		}
		return nil
	})
	select {
	case <-elected:
		return nil
	case <-ctx.Done():
		return group.Wait()
	}
}

// enabledControllers reads `--controllers`: names, `*` for the defaults, `-name` to leave one out.
func enabledControllers(c *config.ControllerConfiguration) sets.Set[string] {
	enabled, disabled := sets.New[string](), sets.New[string]()
	for _, name := range c.Controllers {
		switch rest, off := strings.CutPrefix(name, "-"); {
		case off:
			disabled.Insert(rest)
		case name == "*":
			enabled.Insert(defaults.DefaultEnabledControllers...)
		default:
			enabled.Insert(name)
		}
	}
	if enabled.Len() == 0 {
		enabled.Insert(defaults.DefaultEnabledControllers...)
	}
	if c.Namespace != "" {
		disabled.Insert(defaults.ClusterScopedControllers...)
	}
	return enabled.Difference(disabled)
}

// contextOptions hands the configuration over in the form that the controllers read.
func contextOptions(c *config.ControllerConfiguration) (controller.ContextOptions, error) {
	nameservers := c.ACMEDNS01Config.RecursiveNameservers
	if len(nameservers) == 0 {
		nameservers = dnsutil.RecursiveNameservers
	}
	http01 := c.ACMEHTTP01Config
	var quantities [4]resource.Quantity
	for i, text := range []string{http01.SolverResourceRequestCPU, http01.SolverResourceRequestMemory, http01.SolverResourceLimitsCPU, http01.SolverResourceLimitsMemory} {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return controller.ContextOptions{}, fmt.Errorf("a resource of the HTTP-01 solver, %q: %w", text, err)
		}
		quantities[i] = quantity
	}
	shim := c.IngressShimConfig
	return controller.ContextOptions{
		Kubeconfig:         c.KubeConfig,
		APIServerHost:      c.APIServerHost,
		KubernetesAPIQPS:   c.KubernetesAPIQPS,
		KubernetesAPIBurst: c.KubernetesAPIBurst,
		Namespace:          c.Namespace,
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 http01.SolverImage,
			HTTP01SolverResourceRequestCPU:    quantities[0],
			HTTP01SolverResourceRequestMemory: quantities[1],
			HTTP01SolverResourceLimitsCPU:     quantities[2],
			HTTP01SolverResourceLimitsMemory:  quantities[3],
			ACMEHTTP01SolverRunAsNonRoot:      http01.SolverRunAsNonRoot,
			HTTP01SolverRuntimeClassName:      http01.SolverRuntimeClassName,
			HTTP01SolverNameservers:           http01.SolverNameservers,
			HTTP01SolverExtraLabels:           http01.SolverExtraLabels,
			DNS01Nameservers:                  nameservers,
			DNS01CheckRetryPeriod:             c.ACMEDNS01Config.CheckRetryPeriod,
			DNS01CheckAuthoritative:           !c.ACMEDNS01Config.RecursiveNameserversOnly,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: c.MaxConcurrentChallenges},
		IssuerOptions: controller.IssuerOptions{
			ClusterIssuerAmbientCredentials: c.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        c.IssuerAmbientCredentials,
			ClusterResourceNamespace:        c.ClusterResourceNamespace,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 shim.DefaultIssuerName,
			DefaultIssuerKind:                 shim.DefaultIssuerKind,
			DefaultIssuerGroup:                shim.DefaultIssuerGroup,
			DefaultAutoCertificateAnnotations: shim.DefaultAutoCertificateAnnotations,
			ExtraCertificateAnnotations:       shim.ExtraCertificateAnnotations,
			GatewayAPIExtraProtocols:          sets.New(c.GatewayAPIConfig.ExtraProtocols...),
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           c.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes:                 c.CopiedAnnotationPrefixes,
			CertificateRequestMinimumBackoffDuration: c.CertificateRequestMinimumBackoffDuration,
			CertificateRequestMaximumBackoffDuration: c.CertificateRequestMaximumBackoffDuration,
		},
		ConfigOptions: controller.ConfigOptions{
			EnableGatewayAPI:            c.GatewayAPIConfig.Enabled,
			EnableGatewayAPIListenerSet: c.GatewayAPIConfig.EnableListenerSet,
		},
	}, nil
}

func controllerConfiguration(arguments []string) (*config.ControllerConfiguration, error) {
	scheme, _, err := configscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	c := &config.ControllerConfiguration{}
	if err := defaulted(scheme, &configv1alpha1.ControllerConfiguration{}, c); err != nil {
		return nil, err
	}
	flags := pflag.NewFlagSet("controller", pflag.ContinueOnError)
	bindController(flags, c)
	bindElection(flags, &c.LeaderElectionConfig.LeaderElectionConfig)
	logf.AddFlags(&c.Logging, flags)
	if err := parse(flags, arguments, &c.FeatureGates); err != nil {
		return nil, err
	}
	if problems := validation.ValidateControllerConfiguration(c, nil); len(problems) > 0 {
		return nil, problems.ToAggregate()
	}
	return c, nil
}

// bindController binds the flags of the controllers to the configuration, whose values are their defaults.
func bindController(flags *pflag.FlagSet, c *config.ControllerConfiguration) {
	for name, target := range map[string]*string{
		"master":                     &c.APIServerHost,
		"kubeconfig":                 &c.KubeConfig,
		"namespace":                  &c.Namespace,
		"cluster-resource-namespace": &c.ClusterResourceNamespace,
		"acme-http01-solver-image":   &c.ACMEHTTP01Config.SolverImage,
		"acme-http01-solver-resource-request-cpu":    &c.ACMEHTTP01Config.SolverResourceRequestCPU,
		"acme-http01-solver-resource-request-memory": &c.ACMEHTTP01Config.SolverResourceRequestMemory,
		"acme-http01-solver-resource-limits-cpu":     &c.ACMEHTTP01Config.SolverResourceLimitsCPU,
		"acme-http01-solver-resource-limits-memory":  &c.ACMEHTTP01Config.SolverResourceLimitsMemory,
		"acme-http01-solver-runtime-class-name":      &c.ACMEHTTP01Config.SolverRuntimeClassName,
		"default-issuer-name":                        &c.IngressShimConfig.DefaultIssuerName,
		"default-issuer-kind":                        &c.IngressShimConfig.DefaultIssuerKind,
		"default-issuer-group":                       &c.IngressShimConfig.DefaultIssuerGroup,
		"metrics-listen-address":                     &c.MetricsListenAddress,
		"internal-healthz-listen-address":            &c.HealthzListenAddress,
	} {
		flags.StringVar(target, name, *target, "as upstream documents it")
	}
	for name, target := range map[string]*bool{
		"acme-http01-solver-run-as-non-root": &c.ACMEHTTP01Config.SolverRunAsNonRoot,
		"cluster-issuer-ambient-credentials": &c.ClusterIssuerAmbientCredentials,
		"issuer-ambient-credentials":         &c.IssuerAmbientCredentials,
		"dns01-recursive-nameservers-only":   &c.ACMEDNS01Config.RecursiveNameserversOnly,
		"enable-certificate-owner-ref":       &c.EnableCertificateOwnerRef,
		"enable-gateway-api":                 &c.GatewayAPIConfig.Enabled,
		"enable-gateway-api-listenerset":     &c.GatewayAPIConfig.EnableListenerSet,
	} {
		flags.BoolVar(target, name, *target, "as upstream documents it")
	}
	for name, target := range map[string]*[]string{
		"controllers":                    &c.Controllers,
		"acme-http01-solver-nameservers": &c.ACMEHTTP01Config.SolverNameservers,
		"dns01-recursive-nameservers":    &c.ACMEDNS01Config.RecursiveNameservers,
		"auto-certificate-annotations":   &c.IngressShimConfig.DefaultAutoCertificateAnnotations,
		"extra-certificate-annotations":  &c.IngressShimConfig.ExtraCertificateAnnotations,
		"copied-annotation-prefixes":     &c.CopiedAnnotationPrefixes,
		"gateway-api-extra-protocols":    &c.GatewayAPIConfig.ExtraProtocols,
	} {
		flags.StringSliceVar(target, name, *target, "as upstream documents it")
	}
	flags.IntVar(&c.KubernetesAPIBurst, "kube-api-burst", c.KubernetesAPIBurst, "as upstream documents it")
	flags.IntVar(&c.NumberOfConcurrentWorkers, "concurrent-workers", c.NumberOfConcurrentWorkers, "as upstream documents it")
	flags.IntVar(&c.MaxConcurrentChallenges, "max-concurrent-challenges", c.MaxConcurrentChallenges, "as upstream documents it")
	flags.Float32Var(&c.KubernetesAPIQPS, "kube-api-qps", c.KubernetesAPIQPS, "as upstream documents it")
	flags.DurationVar(&c.ACMEDNS01Config.CheckRetryPeriod, "dns01-check-retry-period", c.ACMEDNS01Config.CheckRetryPeriod, "as upstream documents it")
}

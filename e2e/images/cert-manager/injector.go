package main

import (
	"context"
	"time"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	kubescheme "k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	config "github.com/cert-manager/cert-manager/internal/apis/config/cainjector"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/cainjector/scheme"
	configv1alpha1 "github.com/cert-manager/cert-manager/pkg/apis/config/cainjector/v1alpha1"
	certmanagerscheme "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
)

// runInjector writes CA bundles into webhook configurations, CRDs and APIServices.
func runInjector(ctx context.Context, arguments []string) error {
	configuration, err := injectorConfiguration(arguments)
	if err != nil {
		return err
	}
	if err := logf.ValidateAndApply(&configuration.Logging); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kubescheme.AddToScheme, certmanagerscheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	access, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	var namespaces map[string]cache.Config
	if configuration.Namespace != "" {
		namespaces = map[string]cache.Config{configuration.Namespace: {}}
	}
	election := configuration.LeaderElectionConfig
	manager, err := ctrl.NewManager(util.RestConfigWithUserAgent(access, "cainjector"), ctrl.Options{
		Scheme: scheme,
		Cache:  cache.Options{ReaderFailOnMissingInformer: true, DefaultNamespaces: namespaces},
		// The injectors watch only the metadata of Secrets, and read them from the server.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		LeaderElection:                election.Enabled,
		LeaderElectionNamespace:       election.Namespace,
		LeaderElectionID:              "cert-manager-cainjector-leader-election",
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &election.LeaseDuration,
		RenewDeadline:                 &election.RenewDeadline,
		RetryPeriod:                   &election.RetryPeriod,
		Metrics:                       metrics.Options{BindAddress: configuration.MetricsListenAddress},
	})
	if err != nil {
		return err
	}
	if configuration.EnableDataSourceConfig.Certificates {
		if err := awaitCertificates(ctx, manager); err != nil {
			return err
		}
	}
	enabled := configuration.EnableInjectableConfig
	if err := cainjector.RegisterAllInjectors(ctx, manager, cainjector.SetupOptions{
		Namespace:                    configuration.Namespace,
		IgnoreNamespaces:             configuration.IgnoreNamespaces,
		EnableCertificatesDataSource: configuration.EnableDataSourceConfig.Certificates,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   enabled.MutatingWebhookConfigurations,
			cainjector.ValidatingWebhookConfigurationName: enabled.ValidatingWebhookConfigurations,
			cainjector.APIServiceName:                     enabled.APIServices,
			cainjector.CustomResourceDefinitionName:       enabled.CustomResourceDefinitions,
		},
	}); err != nil {
		return err
	}
	return manager.Start(ctx)
}

// awaitCertificates waits, five minutes at most, for the CRD of Certificates, without which no watch can start.
func awaitCertificates(ctx context.Context, manager ctrl.Manager) error {
	direct, err := client.New(manager.GetConfig(), client.Options{Scheme: manager.GetScheme(), Mapper: manager.GetRESTMapper()})
	if err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, time.Second, 5*time.Minute, true, func(ctx context.Context) (bool, error) {
		err := direct.Get(ctx, client.ObjectKey{Name: "certificates.cert-manager.io"}, &apiextensions.CustomResourceDefinition{})
		if errors.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	})
}

func injectorConfiguration(arguments []string) (*config.CAInjectorConfiguration, error) {
	scheme, _, err := configscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	c := &config.CAInjectorConfiguration{}
	if err := defaulted(scheme, &configv1alpha1.CAInjectorConfiguration{}, c); err != nil {
		return nil, err
	}
	flags := pflag.NewFlagSet("cainjector", pflag.ContinueOnError)
	flags.StringVar(&c.Namespace, "namespace", c.Namespace, "the only namespace to watch")
	flags.StringSliceVar(&c.IgnoreNamespaces, "ignore-namespaces", c.IgnoreNamespaces, "namespaces whose Secrets are left alone")
	flags.BoolVar(&c.EnableDataSourceConfig.Certificates, "enable-certificates-data-source", c.EnableDataSourceConfig.Certificates, "take CAs from Certificates")
	enabled := &c.EnableInjectableConfig
	flags.BoolVar(&enabled.ValidatingWebhookConfigurations, "enable-validatingwebhookconfigurations-injectable", enabled.ValidatingWebhookConfigurations, "inject into these")
	flags.BoolVar(&enabled.MutatingWebhookConfigurations, "enable-mutatingwebhookconfigurations-injectable", enabled.MutatingWebhookConfigurations, "inject into these")
	flags.BoolVar(&enabled.CustomResourceDefinitions, "enable-customresourcedefinitions-injectable", enabled.CustomResourceDefinitions, "inject into these")
	flags.BoolVar(&enabled.APIServices, "enable-apiservices-injectable", enabled.APIServices, "inject into these")
	flags.StringVar(&c.MetricsListenAddress, "metrics-listen-address", c.MetricsListenAddress, "where metrics are served")
	bindElection(flags, &c.LeaderElectionConfig)
	logf.AddFlags(&c.Logging, flags)
	return c, parse(flags, arguments, &c.FeatureGates)
}

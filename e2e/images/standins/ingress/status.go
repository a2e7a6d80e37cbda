package ingress

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// status writes where this controller is reached into each of its Ingresses; only where that is not there yet.
func (p *program) status(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	addresses, err := p.addresses(ctx)
	if err != nil {
		return reconcile.Result{}, err
	}
	if len(addresses) == 0 {
		// A load balancer's address may come late.
		return reconcile.Result{RequeueAfter: 5 * time.Second}, nil
	}
	var ingresses networking.IngressList
	var classes networking.IngressClassList
	if err := p.client.List(ctx, &classes); err != nil {
		return reconcile.Result{}, err
	}
	if err := p.client.List(ctx, &ingresses); err != nil {
		return reconcile.Result{}, err
	}
	for i := range ingresses.Items {
		ingress := &ingresses.Items[i]
		if ingress.DeletionTimestamp != nil || !p.options.Classes.Ours(ingress, classes.Items) ||
			equality.Semantic.DeepEqual(ingress.Status.LoadBalancer.Ingress, addresses) {
			continue
		}
		ingress = ingress.DeepCopy()
		ingress.Status.LoadBalancer.Ingress = addresses
		if err := p.client.Status().Update(ctx, ingress); err != nil && !errors.IsNotFound(err) {
			return reconcile.Result{}, fmt.Errorf("status of ingress %s/%s: %w", ingress.Namespace, ingress.Name, err)
		}
		slog.Info("updated status", "namespace", ingress.Namespace, "ingress", ingress.Name, "addresses", addresses)
	}
	return reconcile.Result{}, nil
}

// addresses are given by a flag, or are those of the Service that publishes this controller, or the node's.
func (p *program) addresses(ctx context.Context) ([]networking.IngressLoadBalancerIngress, error) {
	if given := p.options.PublishAddress; given != "" {
		return published(strings.Split(given, ",")), nil
	}
	if namespace, name, named := strings.Cut(p.options.PublishService, "/"); named {
		var service corev1.Service
		if err := p.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &service); err != nil {
			return nil, err
		}
		return serviceAddresses(&service), nil
	}
	var pod corev1.Pod
	if err := p.client.Get(ctx, client.ObjectKey{Namespace: os.Getenv("POD_NAMESPACE"), Name: os.Getenv("POD_NAME")}, &pod); err != nil {
		return nil, err
	}
	return published([]string{pod.Status.HostIP}), nil
}

// serviceAddresses follows upstream's rule for each type of Service.
func serviceAddresses(service *corev1.Service) []networking.IngressLoadBalancerIngress {
	switch service.Spec.Type {
	case corev1.ServiceTypeExternalName:
		return published([]string{service.Spec.ExternalName})
	case corev1.ServiceTypeClusterIP:
		return published([]string{service.Spec.ClusterIP})
	case corev1.ServiceTypeNodePort:
		if len(service.Spec.ExternalIPs) == 0 {
			return published([]string{service.Spec.ClusterIP})
		}
		return published(service.Spec.ExternalIPs)
	}
	var names []string
	for _, balancer := range service.Status.LoadBalancer.Ingress {
		names = append(names, balancer.IP, balancer.Hostname)
	}
	return published(append(names, service.Spec.ExternalIPs...))
}

// published is a sorted list of IPs and host names without repetitions.
func published(names []string) []networking.IngressLoadBalancerIngress {
	sort.Strings(names)
	var addresses []networking.IngressLoadBalancerIngress
	for i, name := range names {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || name == corev1.ClusterIPNone || i > 0 && names[i-1] == names[i]:
		case net.ParseIP(name) != nil:
			addresses = append(addresses, networking.IngressLoadBalancerIngress{IP: name})
		default:
			addresses = append(addresses, networking.IngressLoadBalancerIngress{Hostname: name})
		}
	}
	return addresses
}

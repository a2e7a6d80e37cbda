package ingress

import (
	"crypto/tls"
	"fmt"
	"sort"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
)

const (
	annotationPrefix = "nginx.ingress.kubernetes.io/"
	classAnnotation  = "kubernetes.io/ingress.class"
)

// State is what the cluster says, as far as routing needs it.
type State struct {
	Ingresses []networking.Ingress
	Classes   []networking.IngressClass
	Services  []corev1.Service
	Slices    []discovery.EndpointSlice
	Secrets   []corev1.Secret
	// Settings is the data of the controller's ConfigMap.
	Settings map[string]string
}

// Classes says which Ingresses are this controller's.
type Classes struct {
	Controller   string
	Name         string
	ByName       bool
	WithoutClass bool
}

// Ours tells whether an Ingress belongs to this controller: by its class, or by the old annotation.
func (c Classes) Ours(ingress *networking.Ingress, classes []networking.IngressClass) bool {
	if ingress.Spec.IngressClassName != nil {
		name := *ingress.Spec.IngressClassName
		if c.ByName && name == c.Name {
			return true
		}
		for _, class := range classes {
			if class.Name == name {
				return class.Spec.Controller == c.Controller
			}
		}
		return false
	}
	if name, set := ingress.Annotations[classAnnotation]; set {
		return name == c.Name
	}
	return c.WithoutClass
}

// Location is one path of one host.
type Location struct {
	Path     string
	Exact    bool
	Segments bool
	Ingress  string
	Service  string
	// Addresses are host:port of the ready endpoints.
	Addresses []string
	// Secure says that the backends speak TLS.
	Secure bool
	// Redirect says that plain HTTP is sent to HTTPS.
	Redirect bool
	Rewrite  string
}

// Table is the routing of all hosts.
type Table struct {
	Hosts        map[string][]Location
	Certificates map[string]*tls.Certificate
	// Problems are what could not be used, in words.
	Problems []string
}

// Build makes the table; oldest Ingresses win where two claim one path.
func Build(state State, classes Classes) *Table {
	table := &Table{Hosts: map[string][]Location{}, Certificates: map[string]*tls.Certificate{}}
	ingresses := make([]networking.Ingress, 0, len(state.Ingresses))
	for _, ingress := range state.Ingresses {
		if ingress.DeletionTimestamp == nil && classes.Ours(&ingress, state.Classes) {
			ingresses = append(ingresses, ingress)
		}
	}
	sort.SliceStable(ingresses, func(a, b int) bool {
		return ingresses[a].CreationTimestamp.Before(&ingresses[b].CreationTimestamp)
	})
	for _, ingress := range ingresses {
		table.addCertificates(&ingress, state.Secrets)
		table.addRoutes(&ingress, state)
	}
	for host := range table.Hosts {
		locations := table.Hosts[host]
		sort.SliceStable(locations, func(a, b int) bool {
			if locations[a].Exact != locations[b].Exact {
				return locations[a].Exact
			}
			return len(locations[a].Path) > len(locations[b].Path)
		})
	}
	return table
}

func (t *Table) addCertificates(ingress *networking.Ingress, secrets []corev1.Secret) {
	for _, entry := range ingress.Spec.TLS {
		if entry.SecretName == "" {
			continue
		}
		secret := findSecret(secrets, ingress.Namespace, entry.SecretName)
		if secret == nil {
			t.problem("ingress %s/%s: Secret %s does not exist", ingress.Namespace, ingress.Name, entry.SecretName)
			continue
		}
		pair, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
		if err != nil {
			t.problem("ingress %s/%s: Secret %s: %v", ingress.Namespace, ingress.Name, entry.SecretName, err)
			continue
		}
		for _, host := range entry.Hosts {
			if _, taken := t.Certificates[host]; !taken {
				t.Certificates[host] = &pair
			}
		}
	}
}

func (t *Table) addRoutes(ingress *networking.Ingress, state State) {
	secured := map[string]bool{}
	for _, entry := range ingress.Spec.TLS {
		for _, host := range entry.Hosts {
			secured[host] = true
		}
	}
	annotation := func(name string) string { return ingress.Annotations[annotationPrefix+name] }
	sslRedirect := flag(annotation("ssl-redirect"), flag(state.Settings["ssl-redirect"], true))
	force := flag(annotation("force-ssl-redirect"), flag(state.Settings["force-ssl-redirect"], false))
	regex := flag(annotation("use-regex"), false) || annotation("rewrite-target") != ""
	add := func(host, path string, kind networking.PathType, backend networking.IngressBackend) {
		if backend.Service == nil {
			t.problem("ingress %s/%s: only Services are backends here", ingress.Namespace, ingress.Name)
			return
		}
		addresses, err := endpoints(ingress, backend.Service, state)
		if err != nil {
			t.problem("ingress %s/%s: %v", ingress.Namespace, ingress.Name, err)
		}
		location := Location{
			Path:      path,
			Exact:     kind == networking.PathTypeExact,
			Segments:  kind == networking.PathTypePrefix,
			Ingress:   ingress.Namespace + "/" + ingress.Name,
			Service:   ingress.Namespace + "/" + backend.Service.Name,
			Addresses: addresses,
			Secure:    strings.EqualFold(annotation("backend-protocol"), "HTTPS"),
			Redirect:  force || sslRedirect && secured[host],
		}
		if regex && kind == networking.PathTypeImplementationSpecific {
			location.Rewrite = annotation("rewrite-target")
		}
		for _, other := range t.Hosts[host] {
			if other.Path == path && other.Exact == location.Exact {
				t.problem("ingress %s: host %q and path %q is already defined in ingress %s", location.Ingress, host, path, other.Ingress)
				return
			}
		}
		t.Hosts[host] = append(t.Hosts[host], location)
	}
	for _, rule := range ingress.Spec.Rules {
		if rule.HTTP == nil {
			if ingress.Spec.DefaultBackend != nil {
				add(rule.Host, "/", networking.PathTypePrefix, *ingress.Spec.DefaultBackend)
			}
			continue
		}
		for _, path := range rule.HTTP.Paths {
			kind := networking.PathTypeImplementationSpecific
			if path.PathType != nil {
				kind = *path.PathType
			}
			at := path.Path
			if at == "" {
				at = "/"
			}
			add(rule.Host, at, kind, path.Backend)
		}
	}
	if ingress.Spec.DefaultBackend != nil && len(ingress.Spec.Rules) == 0 {
		add("", "/", networking.PathTypePrefix, *ingress.Spec.DefaultBackend)
	}
}

// endpoints are the ready addresses behind a Service's port.
func endpoints(ingress *networking.Ingress, backend *networking.IngressServiceBackend, state State) ([]string, error) {
	var service *corev1.Service
	for i := range state.Services {
		if state.Services[i].Namespace == ingress.Namespace && state.Services[i].Name == backend.Name {
			service = &state.Services[i]
		}
	}
	if service == nil {
		return nil, fmt.Errorf("Service %s does not exist", backend.Name)
	}
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return []string{join(service.Spec.ExternalName, backend.Port.Number)}, nil
	}
	var port *corev1.ServicePort
	for i, candidate := range service.Spec.Ports {
		if backend.Port.Name != "" && candidate.Name == backend.Port.Name || backend.Port.Name == "" && candidate.Port == backend.Port.Number {
			port = &service.Spec.Ports[i]
		}
	}
	if port == nil {
		return nil, fmt.Errorf("Service %s has no port %s", backend.Name, portText(backend.Port))
	}
	if flag(ingress.Annotations[annotationPrefix+"service-upstream"], false) {
		return []string{join(service.Spec.ClusterIP, port.Port)}, nil
	}
	var addresses []string
	for _, slice := range state.Slices {
		if slice.Namespace != service.Namespace || slice.Labels[discovery.LabelServiceName] != service.Name {
			continue
		}
		for _, target := range slice.Ports {
			if target.Port == nil || target.Name != nil && *target.Name != port.Name {
				continue
			}
			for _, endpoint := range slice.Endpoints {
				if endpoint.Conditions.Ready != nil && !*endpoint.Conditions.Ready {
					continue
				}
				for _, address := range endpoint.Addresses {
					addresses = append(addresses, join(address, *target.Port))
				}
			}
		}
	}
	sort.Strings(addresses)
	return addresses, nil
}

// Match finds the location of a request: the host itself, then its wildcard, then rules without a host.
func (t *Table) Match(host, path string) (Location, bool) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	names := []string{host}
	if _, parent, dotted := strings.Cut(host, "."); dotted {
		names = append(names, "*."+parent)
	}
	for _, name := range append(names, "") {
		locations, known := t.Hosts[name]
		if !known {
			continue
		}
		for _, location := range locations {
			if location.matches(path) {
				return location, true
			}
		}
		return Location{}, false
	}
	return Location{}, false
}

// matches follows the rules of path types: exact, by whole segments, or (implementation specific) by text.
func (l Location) matches(path string) bool {
	switch {
	case l.Exact:
		return path == l.Path
	case l.Rewrite != "":
		return rewrites(l.Path, path)
	case l.Segments:
		trimmed := strings.TrimSuffix(l.Path, "/")
		return path == trimmed || strings.HasPrefix(path, trimmed+"/")
	}
	return strings.HasPrefix(path, l.Path)
}

func (t *Table) problem(format string, values ...any) {
	t.Problems = append(t.Problems, fmt.Sprintf(format, values...))
}

func findSecret(secrets []corev1.Secret, namespace, name string) *corev1.Secret {
	for i := range secrets {
		if secrets[i].Namespace == namespace && secrets[i].Name == name {
			return &secrets[i]
		}
	}
	return nil
}

func portText(port networking.ServiceBackendPort) string {
	if port.Name != "" {
		return port.Name
	}
	return strconv.Itoa(int(port.Number))
}

func flag(text string, fallback bool) bool {
	value, err := strconv.ParseBool(text)
	if err != nil {
		return fallback
	}
	return value
}

package ingress

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	admission "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

var classes = Classes{Controller: "k8s.io/ingress-nginx", Name: "nginx"}

func of[T any](value T) *T { return &value }

func ingressOf(name, host, path string, kind networking.PathType, change ...func(*networking.Ingress)) networking.Ingress {
	ingress := networking.Ingress{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, CreationTimestamp: metav1.NewTime(time.Unix(100, 0))},
		Spec: networking.IngressSpec{
			IngressClassName: of("nginx"),
			Rules: []networking.IngressRule{{Host: host, IngressRuleValue: networking.IngressRuleValue{HTTP: &networking.HTTPIngressRuleValue{
				Paths: []networking.HTTPIngressPath{{Path: path, PathType: &kind, Backend: networking.IngressBackend{
					Service: &networking.IngressServiceBackend{Name: "web", Port: networking.ServiceBackendPort{Name: "http"}}}}},
			}}}},
		},
	}
	for _, c := range change {
		c(&ingress)
	}
	return ingress
}

func stateOf(address string, port int32, ingresses ...networking.Ingress) State {
	return State{
		Ingresses: ingresses,
		Classes:   []networking.IngressClass{{ObjectMeta: metav1.ObjectMeta{Name: "nginx"}, Spec: networking.IngressClassSpec{Controller: "k8s.io/ingress-nginx"}}},
		Services: []corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"},
			Spec:       corev1.ServiceSpec{ClusterIP: "10.0.0.1", Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
		}},
		Slices: []discovery.EndpointSlice{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", Labels: map[string]string{discovery.LabelServiceName: "web"}},
			Ports:      []discovery.EndpointPort{{Name: of("http"), Port: of(port)}},
			Endpoints: []discovery.Endpoint{
				{Addresses: []string{address}, Conditions: discovery.EndpointConditions{Ready: of(true)}},
				{Addresses: []string{"192.0.2.9"}, Conditions: discovery.EndpointConditions{Ready: of(false)}},
			},
		}},
	}
}

func TestPathsAreMatchedByTheirType(t *testing.T) {
	table := Build(stateOf("10.1.1.1", 8080,
		ingressOf("prefix", "a.example", "/shop", networking.PathTypePrefix),
		ingressOf("exact", "a.example", "/shop/cart", networking.PathTypeExact),
		ingressOf("wild", "*.example", "/", networking.PathTypePrefix)), classes)
	for _, c := range []struct{ host, path, want string }{
		{"a.example", "/shop", "shop/prefix"},
		{"a.example", "/shop/", "shop/prefix"},
		{"a.example", "/shop/cart", "shop/exact"},
		{"a.example", "/shop/cart/", "shop/prefix"},
		{"a.example", "/shopping", ""},
		{"A.EXAMPLE", "/shop/x", "shop/prefix"},
		{"b.example", "/anything", "shop/wild"},
		{"b.c.example", "/anything", ""},
		{"other", "/", ""},
	} {
		got, _ := table.Match(c.host, c.path)
		if got.Ingress != c.want {
			t.Errorf("%s%s went to %q, not %q", c.host, c.path, got.Ingress, c.want)
		}
	}
	location, _ := table.Match("a.example", "/shop")
	if len(location.Addresses) != 1 || location.Addresses[0] != "10.1.1.1:8080" {
		t.Errorf("endpoints are %v, without the one that is not ready", location.Addresses)
	}
}

func TestOnlyIngressesOfTheClassAreServed(t *testing.T) {
	other := ingressOf("other", "a.example", "/", networking.PathTypePrefix, func(i *networking.Ingress) { i.Spec.IngressClassName = of("else") })
	none := ingressOf("none", "b.example", "/", networking.PathTypePrefix, func(i *networking.Ingress) { i.Spec.IngressClassName = nil })
	old := ingressOf("old", "c.example", "/", networking.PathTypePrefix, func(i *networking.Ingress) {
		i.Spec.IngressClassName = nil
		i.Annotations = map[string]string{classAnnotation: "nginx"}
	})
	table := Build(stateOf("10.1.1.1", 80, other, none, old), classes)
	if len(table.Hosts) != 1 || table.Hosts["c.example"] == nil {
		t.Errorf("served are %v", table.Hosts)
	}
	every := classes
	every.WithoutClass = true
	if table := Build(stateOf("10.1.1.1", 80, none), every); len(table.Hosts) != 1 {
		t.Errorf("--watch-ingress-without-class serves %v", table.Hosts)
	}
}

func TestAdmissionRefusesAPathThatIsTaken(t *testing.T) {
	state := stateOf("10.1.1.1", 80, ingressOf("first", "a.example", "/", networking.PathTypePrefix))
	handler := reviewer(func(i *networking.Ingress) error { return Check(i, state, classes) })
	review := func(ingress networking.Ingress) *admission.AdmissionResponse {
		raw, _ := json.Marshal(ingress)
		body, _ := json.Marshal(admission.AdmissionReview{
			TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
			Request:  &admission.AdmissionRequest{UID: "7", Operation: admission.Create, Object: runtime.RawExtension{Raw: raw}},
		})
		answer := httptest.NewRecorder()
		handler(answer, httptest.NewRequest(http.MethodPost, "/networking/v1/ingresses", bytes.NewReader(body)))
		var got admission.AdmissionReview
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || got.Response == nil || got.Response.UID != "7" {
			t.Fatalf("the answer is %s", answer.Body)
		}
		return got.Response
	}
	if got := review(ingressOf("second", "a.example", "/", networking.PathTypePrefix)); got.Allowed || !strings.Contains(got.Result.Message, "already defined in ingress shop/first") {
		t.Errorf("a taken path: %+v", got)
	}
	for _, sound := range []networking.Ingress{
		ingressOf("first", "a.example", "/", networking.PathTypePrefix),
		ingressOf("second", "b.example", "/", networking.PathTypePrefix),
		ingressOf("foreign", "a.example", "/", networking.PathTypePrefix, func(i *networking.Ingress) { i.Spec.IngressClassName = of("else") }),
	} {
		if got := review(sound); !got.Allowed {
			t.Errorf("%s is refused: %+v", sound.Name, got.Result)
		}
	}
}

func TestProxyRedirectsToTLSAndForwards(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		_, _ = answer.Write([]byte(request.Host + request.URL.Path + " " + request.Header.Get("X-Forwarded-Proto")))
	}))
	defer backend.Close()
	at, _ := url.Parse(backend.URL)
	port := int32(0)
	for _, digit := range at.Port() {
		port = port*10 + int32(digit-'0')
	}
	secured := ingressOf("secured", "a.example", "/", networking.PathTypePrefix, func(i *networking.Ingress) {
		i.Spec.TLS = []networking.IngressTLS{{Hosts: []string{"a.example"}, SecretName: "missing"}}
	})
	rewritten := ingressOf("rewritten", "b.example", "/api(/|$)(.*)", networking.PathTypeImplementationSpecific, func(i *networking.Ingress) {
		i.Annotations = map[string]string{annotationPrefix + "rewrite-target": "/$2"}
	})
	proxy, err := NewProxy()
	if err != nil {
		t.Fatal(err)
	}
	proxy.Use(Build(stateOf(at.Hostname(), port, secured, rewritten), classes))
	front, secureFront := httptest.NewServer(proxy), httptest.NewTLSServer(proxy)
	defer front.Close()
	defer secureFront.Close()
	ask := func(server *httptest.Server, host, path string) (int, string, string) {
		client := server.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		request, _ := http.NewRequest(http.MethodGet, server.URL+path, nil)
		request.Host = host
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var body bytes.Buffer
		_, _ = body.ReadFrom(answer.Body)
		return answer.StatusCode, answer.Header.Get("Location"), body.String()
	}
	if code, location, _ := ask(front, "a.example", "/x?y=1"); code != http.StatusPermanentRedirect || location != "https://a.example/x?y=1" {
		t.Errorf("plain: %d %s", code, location)
	}
	if code, _, body := ask(secureFront, "a.example", "/x"); code != http.StatusOK || body != "a.example/x https" {
		t.Errorf("over TLS: %d %q", code, body)
	}
	if code, _, body := ask(front, "b.example", "/api/v1/things"); code != http.StatusOK || body != "b.example/v1/things http" {
		t.Errorf("rewritten: %d %q", code, body)
	}
	if code, _, _ := ask(front, "unknown.example", "/"); code != http.StatusNotFound {
		t.Errorf("an unknown host: %d", code)
	}
}

func TestAddressesOfAService(t *testing.T) {
	balanced := &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer}}
	if got := serviceAddresses(balanced); len(got) != 0 {
		t.Errorf("a load balancer without an address gives %v", got)
	}
	balanced.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.1"}, {Hostname: "lb.example"}}
	if got := serviceAddresses(balanced); len(got) != 2 || got[0].IP != "192.0.2.1" || got[1].Hostname != "lb.example" {
		t.Errorf("a load balancer gives %v", got)
	}
	inside := &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, ClusterIP: "10.0.0.7"}}
	if got := serviceAddresses(inside); len(got) != 1 || got[0].IP != "10.0.0.7" {
		t.Errorf("a node port gives %v", got)
	}
}

func TestFlagsOfCharts(t *testing.T) {
	options, err := ParseOptions(strings.Fields("--publish-service=a/b --election-id x --controller-class=k8s.io/other --watch-ingress-without-class --http-port=8080 --enable-ssl-passthrough --unheard-of=1"))
	if err != nil || options.PublishService != "a/b" || options.ElectionID != "x" || options.Classes.Controller != "k8s.io/other" || !options.Classes.WithoutClass || options.HTTPPort != 8080 {
		t.Errorf("%+v %v", options, err)
	}
	if _, err := ParseOptions([]string{"--http-port=many"}); err == nil {
		t.Error("a port that is no number is taken")
	}
}

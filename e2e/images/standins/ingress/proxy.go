package ingress

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Proxy answers requests by the current table.
type Proxy struct {
	table atomic.Pointer[Table]
	// given is the certificate of --default-ssl-certificate; made, the self-signed one behind it.
	given      atomic.Pointer[tls.Certificate]
	made       *tls.Certificate
	turn       atomic.Uint64
	plain, tls http.RoundTripper
	requests   atomic.Uint64
}

// NewProxy makes a proxy that knows no host yet.
func NewProxy() (*Proxy, error) {
	certificate, err := selfSigned()
	if err != nil {
		return nil, err
	}
	plain := http.DefaultTransport.(*http.Transport).Clone()
	plain.MaxIdleConnsPerHost = 32
	plain.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	secure := plain.Clone()
	// As nginx by default: a backend's certificate is not verified.
	secure.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	proxy := &Proxy{made: certificate, plain: plain, tls: secure}
	proxy.table.Store(&Table{})
	return proxy, nil
}

// Use puts a new table in place for the requests to come.
func (p *Proxy) Use(table *Table) { p.table.Store(table) }

// Certificate chooses by server name.
func (p *Proxy) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(hello.ServerName)
	certificates := p.table.Load().Certificates
	if found := certificates[name]; found != nil {
		return found, nil
	}
	if _, parent, dotted := strings.Cut(name, "."); dotted {
		if found := certificates["*."+parent]; found != nil {
			return found, nil
		}
	}
	if given := p.given.Load(); given != nil {
		return given, nil
	}
	return p.made, nil
}

func (p *Proxy) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	p.requests.Add(1)
	host := request.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	location, known := p.table.Load().Match(host, request.URL.Path)
	switch {
	case !known:
		fail(answer, http.StatusNotFound)
	case location.Redirect && request.TLS == nil:
		http.Redirect(answer, request, "https://"+host+request.URL.RequestURI(), http.StatusPermanentRedirect)
	case len(location.Addresses) == 0:
		fail(answer, http.StatusServiceUnavailable)
	default:
		p.forward(answer, request, location)
	}
}

func (p *Proxy) forward(answer http.ResponseWriter, request *http.Request, location Location) {
	address := location.Addresses[p.turn.Add(1)%uint64(len(location.Addresses))]
	target, transport := &url.URL{Scheme: "http", Host: address}, p.plain
	if location.Secure {
		target.Scheme, transport = "https", p.tls
	}
	scheme, port := "http", "80"
	if request.TLS != nil {
		scheme, port = "https", "443"
	}
	forwarder := httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if location.Rewrite != "" {
				r.Out.URL.Path, r.Out.URL.RawPath = rewrite(location.Path, location.Rewrite, request.URL.Path), ""
			}
			r.Out.Host = request.Host
			r.SetXForwarded()
			client, _, _ := net.SplitHostPort(request.RemoteAddr)
			r.Out.Header.Set("X-Real-IP", client)
			r.Out.Header.Set("X-Forwarded-Proto", scheme)
			r.Out.Header.Set("X-Forwarded-Scheme", scheme)
			r.Out.Header.Set("X-Scheme", scheme)
			r.Out.Header.Set("X-Forwarded-Port", port)
			r.Out.Header.Set("X-Request-ID", requestID(request))
		},
		ErrorHandler: func(answer http.ResponseWriter, _ *http.Request, err error) {
			slog.Error("backend did not answer", "ingress", location.Ingress, "service", location.Service, "address", address, "error", err)
			fail(answer, http.StatusBadGateway)
		},
	}
	if request.TLS != nil {
		answer.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	forwarder.ServeHTTP(answer, request)
}

// rewrites tells whether a path is one that the pattern rewrites.
func rewrites(pattern, path string) bool {
	compiled, err := regexp.Compile("(?i)^" + pattern)
	return err == nil && compiled.MatchString(path)
}

// rewrite puts what the pattern's groups matched into $1, $2 of the target.
func rewrite(pattern, target, path string) string {
	compiled, err := regexp.Compile("(?i)^" + pattern)
	if err != nil {
		return path
	}
	groups := compiled.FindStringSubmatch(path)
	for i := len(groups) - 1; i > 0; i-- {
		target = strings.ReplaceAll(target, "$"+strconv.Itoa(i), groups[i])
	}
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return target
}

func requestID(request *http.Request) string {
	if given := request.Header.Get("X-Request-ID"); given != "" {
		return given
	}
	var bytes [16]byte
	_, _ = rand.Read(bytes[:])
	return hex.EncodeToString(bytes[:])
}

// fail answers with a page as plain as nginx's own.
func fail(answer http.ResponseWriter, status int) {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	answer.Header().Set("Content-Type", "text/html")
	answer.WriteHeader(status)
	_, _ = answer.Write([]byte("<html><head><title>" + title + "</title></head><body><center><h1>" + title + "</h1></center></body></html>\n"))
}

// selfSigned is the certificate for hosts that have none, under the name that upstream gives it.
func selfSigned() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{Organization: []string{"Acme Co"}, CommonName: "Kubernetes Ingress Controller Fake Certificate"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"ingress.local"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func join(host string, port int32) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// Package grafana stands in for Grafana. Takes: GF_ variables, provisioning files of data sources and dashboards.
// Gives: health, a login page, users' basic authentication, data sources with a proxy to them, the list of
// dashboards. Never: a database, dashboards drawn, alerting, plugins.
package grafana

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"
)

// release is the version that this stands in for.
const release = "12.2.1"

// Run serves until the context ends. Arguments are those of `grafana server`, of which none matters here.
func Run(ctx context.Context, _ []string) error {
	folder := setting("GF_PATHS_PROVISIONING", "/etc/grafana/provisioning")
	provisioned, err := Load(folder)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:              setting("GF_SERVER_HTTP_ADDR", "") + ":" + setting("GF_SERVER_HTTP_PORT", "3000"),
		Handler:           Handler(provisioned),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	}()
	slog.Info("HTTP Server Listen", "address", server.Addr, "datasources", len(provisioned.Sources), "dashboards", len(provisioned.Dashboards))
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// setting is a variable, or the content of the file that NAME__FILE names, or the fallback.
func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	if file := os.Getenv(name + "__FILE"); file != "" {
		text, err := os.ReadFile(file)
		if err == nil {
			return strings.TrimSpace(string(text))
		}
		slog.Error("a variable's file", "variable", name, "error", err)
	}
	return fallback
}

// Handler answers Grafana's paths.
func Handler(provisioned *Provisioned) http.Handler {
	user, password := setting("GF_SECURITY_ADMIN_USER", "admin"), setting("GF_SECURITY_ADMIN_PASSWORD", "admin")
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	known := func(name, secret string) bool { return same(name, user) && same(secret, password) }
	signedIn := func(next http.HandlerFunc) http.HandlerFunc {
		return func(answer http.ResponseWriter, request *http.Request) {
			if name, secret, given := request.BasicAuth(); !given || !known(name, secret) {
				say(answer, http.StatusUnauthorized, map[string]any{"message": "Unauthorized", "statusCode": 401})
				return
			}
			next(answer, request)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", func(answer http.ResponseWriter, _ *http.Request) {
		say(answer, http.StatusOK, map[string]any{"database": "ok", "version": release, "commit": "stand-in"})
	})
	mux.HandleFunc("GET /healthz", func(answer http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(answer, "Ok") })
	mux.HandleFunc("GET /metrics", func(answer http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(answer, "# TYPE grafana_build_info gauge\ngrafana_build_info{version=%q,edition=\"stand-in\"} 1\ngrafana_stat_total_dashboards %d\n", release, len(provisioned.Dashboards))
	})
	mux.HandleFunc("GET /login", func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "text/html; charset=UTF-8")
		_, _ = fmt.Fprintf(answer, "<!DOCTYPE html><html><head><title>Grafana</title></head><body><h1>Welcome to Grafana</h1><p>A stand-in for version %s.</p></body></html>\n", html.EscapeString(release))
	})
	mux.HandleFunc("POST /login", func(answer http.ResponseWriter, request *http.Request) {
		var given struct{ User, Password string }
		if err := json.NewDecoder(http.MaxBytesReader(answer, request.Body, 1<<16)).Decode(&given); err != nil || !known(given.User, given.Password) {
			say(answer, http.StatusUnauthorized, map[string]any{"message": "Invalid username or password"})
			return
		}
		say(answer, http.StatusOK, map[string]any{"message": "Logged in"})
	})
	mux.HandleFunc("GET /{$}", func(answer http.ResponseWriter, request *http.Request) {
		http.Redirect(answer, request, "/login", http.StatusFound)
	})
	mux.HandleFunc("GET /api/org", signedIn(func(answer http.ResponseWriter, _ *http.Request) {
		say(answer, http.StatusOK, map[string]any{"id": 1, "name": "Main Org."})
	}))
	mux.HandleFunc("GET /api/user", signedIn(func(answer http.ResponseWriter, _ *http.Request) {
		say(answer, http.StatusOK, map[string]any{"id": 1, "login": user, "isGrafanaAdmin": true})
	}))
	mux.HandleFunc("GET /api/search", signedIn(func(answer http.ResponseWriter, _ *http.Request) { say(answer, http.StatusOK, provisioned.Dashboards) }))
	mux.HandleFunc("GET /api/datasources", signedIn(func(answer http.ResponseWriter, _ *http.Request) { say(answer, http.StatusOK, provisioned.Sources) }))
	mux.HandleFunc("GET /api/datasources/name/{key}", signedIn(provisioned.one(func(s Source) string { return s.Name })))
	mux.HandleFunc("GET /api/datasources/uid/{key}", signedIn(provisioned.one(func(s Source) string { return s.UID })))
	mux.HandleFunc("GET /api/datasources/uid/{key}/health", signedIn(provisioned.health))
	mux.HandleFunc("/api/datasources/proxy/uid/{key}/{rest...}", signedIn(provisioned.proxy))
	return mux
}

// one answers with the data source whose key is that of the request.
func (p *Provisioned) one(key func(Source) string) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		for _, source := range p.Sources {
			if key(source) == request.PathValue("key") {
				say(answer, http.StatusOK, source)
				return
			}
		}
		say(answer, http.StatusNotFound, map[string]any{"message": "Data source not found"})
	}
}

func (p *Provisioned) target(request *http.Request) *url.URL {
	for _, source := range p.Sources {
		if source.UID == request.PathValue("key") {
			if parsed, err := url.Parse(source.URL); err == nil {
				return parsed
			}
		}
	}
	return nil
}

// health asks the data source something that a Prometheus can answer.
func (p *Provisioned) health(answer http.ResponseWriter, request *http.Request) {
	target := p.target(request)
	if target == nil {
		say(answer, http.StatusNotFound, map[string]any{"message": "Data source not found"})
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), 10*time.Second)
	defer cancel()
	asked := target.JoinPath("api/v1/query")
	asked.RawQuery = "query=1%2B1"
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, asked.String(), nil)
	if err == nil {
		var got *http.Response
		if got, err = http.DefaultClient.Do(question); err == nil {
			_ = got.Body.Close()
			if got.StatusCode == http.StatusOK {
				say(answer, http.StatusOK, map[string]any{"status": "OK", "message": "Successfully queried the Prometheus API."})
				return
			}
			err = errors.New(got.Status)
		}
	}
	say(answer, http.StatusBadRequest, map[string]any{"status": "ERROR", "message": err.Error()})
}

func (p *Provisioned) proxy(answer http.ResponseWriter, request *http.Request) {
	target := p.target(request)
	if target == nil {
		say(answer, http.StatusNotFound, map[string]any{"message": "Data source not found"})
		return
	}
	forwarder := httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Path, r.Out.URL.RawPath = "/"+request.PathValue("rest"), ""
		r.SetURL(target)
		r.Out.Header.Del("Authorization")
	}}
	forwarder.ServeHTTP(answer, request)
}

func say(answer http.ResponseWriter, status int, value any) {
	answer.Header().Set("Content-Type", "application/json; charset=UTF-8")
	answer.WriteHeader(status)
	_ = json.NewEncoder(answer).Encode(value)
}

package grafana

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestProvisionedSourcesAreServedToTheAdministrator(t *testing.T) {
	asked := ""
	prometheus := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		asked = request.URL.String()
		_, _ = answer.Write([]byte(`{"status":"success"}`))
	}))
	defer prometheus.Close()
	folder := t.TempDir()
	write := func(name, text string) {
		at := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PROMETHEUS", prometheus.URL)
	t.Setenv("GF_SECURITY_ADMIN_PASSWORD", "secret")
	write("datasources/all.yaml", "apiVersion: 1\ndatasources:\n- {name: Prometheus, type: prometheus, uid: prom, url: $PROMETHEUS, isDefault: true}\n")
	write("dashboards/all.yaml", "apiVersion: 1\nproviders:\n- {name: x, options: {path: "+folder+"/json}}\n")
	write("json/one.json", `{"uid":"one","title":"First","panels":[]}`)
	provisioned, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(Handler(provisioned))
	defer server.Close()
	ask := func(path, password string, into any) int {
		request, _ := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if password != "" {
			request.SetBasicAuth("admin", password)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if into != nil {
			if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		return answer.StatusCode
	}
	var health map[string]any
	if code := ask("/api/health", "", &health); code != 200 || health["database"] != "ok" {
		t.Errorf("health: %d %v", code, health)
	}
	if code := ask("/api/datasources", "wrong", nil); code != 401 {
		t.Errorf("a wrong password: %d", code)
	}
	var sources []Source
	if code := ask("/api/datasources", "secret", &sources); code != 200 || len(sources) != 1 || sources[0].URL != prometheus.URL {
		t.Errorf("sources: %d %+v", code, sources)
	}
	var found []Dashboard
	if code := ask("/api/search", "secret", &found); code != 200 || len(found) != 1 || found[0].Title != "First" {
		t.Errorf("dashboards: %d %+v", code, found)
	}
	if code := ask("/api/datasources/uid/prom/health", "secret", nil); code != 200 || asked != "/api/v1/query?query=1%2B1" {
		t.Errorf("a source's health: %d, asked %s", code, asked)
	}
	if code := ask("/api/datasources/proxy/uid/prom/api/v1/labels", "secret", nil); code != 200 || asked != "/api/v1/labels" {
		t.Errorf("a source's proxy: %d, asked %s", code, asked)
	}
	if code := ask("/login", "", nil); code != 200 {
		t.Errorf("the login page: %d", code)
	}
}

func TestABrokenFileIsAnError(t *testing.T) {
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "datasources"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "datasources", "x.yaml"), []byte("datasources: [{type: prometheus}]"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder); err == nil {
		t.Error("a data source without a name is taken")
	}
}

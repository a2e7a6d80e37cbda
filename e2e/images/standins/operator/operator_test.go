package operator

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// vaultServer answers as Vault does for a KV v2 engine at secret/ with what entries hold.
func vaultServer(t *testing.T, entries map[string]map[string]any) *Vault {
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.Header.Get("X-Vault-Token") != "root" {
			answer.WriteHeader(http.StatusForbidden)
			_, _ = answer.Write([]byte(`{"errors":["permission denied"]}`))
			return
		}
		if strings.HasPrefix(request.URL.Path, "/v1/sys/internal/ui/mounts/") {
			_, _ = answer.Write([]byte(`{"data":{"path":"secret/","options":{"version":"2"}}}`))
			return
		}
		entry, known := entries[strings.TrimPrefix(request.URL.Path, "/v1/secret/data/")]
		if !known {
			answer.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(answer).Encode(map[string]any{"data": map[string]any{"data": entry}})
	}))
	t.Cleanup(server.Close)
	t.Setenv("VAULT_ADDRESS", server.URL)
	t.Setenv("VAULT_AUTH_METHOD", "token")
	t.Setenv("VAULT_TOKEN", "root")
	t.Setenv("VAULT_TOKEN_LEASE_DURATION", "3600")
	vault, err := NewVault(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return vault
}

func TestSecretFollowsVault(t *testing.T) {
	entries := map[string]map[string]any{}
	vault := vaultServer(t, entries)
	types := runtime.NewScheme()
	_ = scheme.AddToScheme(types)
	register(types)
	wish := &VaultSecret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "1", Labels: map[string]string{"app": "web"}}}
	wish.Spec = Spec{Path: "secret/platform/web", Type: corev1.SecretTypeOpaque}
	api := fake.NewClientBuilder().WithScheme(types).WithObjects(wish).WithStatusSubresource(wish).Build()
	reconciler := &Reconciler{Client: api, Vault: vault}
	key := client.ObjectKeyFromObject(wish)
	step := func() (metav1.Condition, error) {
		_, err := reconciler.Reconcile(context.Background(), reconcile.Request{NamespacedName: key})
		var now VaultSecret
		if err := api.Get(context.Background(), key, &now); err != nil {
			t.Fatal(err)
		}
		if len(now.Status.Conditions) != 1 {
			t.Fatalf("conditions: %+v", now.Status.Conditions)
		}
		return now.Status.Conditions[0], err
	}

	condition, err := step()
	if err == nil || condition.Reason != "FetchFailed" || condition.Status != metav1.ConditionFalse {
		t.Errorf("nothing in Vault: %+v, %v", condition, err)
	}
	entries["platform/web"] = map[string]any{"password": "first", "port": 5432}
	if condition, err = step(); err != nil || condition.Reason != "Created" || condition.Type != "SecretCreated" {
		t.Errorf("created: %+v, %v", condition, err)
	}
	var secret corev1.Secret
	if err := api.Get(context.Background(), key, &secret); err != nil {
		t.Fatal(err)
	}
	if string(secret.Data["password"]) != "first" || string(secret.Data["port"]) != "5432" || secret.Labels["app"] != "web" ||
		len(secret.OwnerReferences) != 1 || secret.OwnerReferences[0].Kind != "VaultSecret" {
		t.Errorf("the Secret is %+v", secret)
	}
	version := secret.ResourceVersion
	if condition, err = step(); err != nil || condition.Reason != "Created" {
		t.Errorf("unchanged: %+v, %v", condition, err)
	}
	entries["platform/web"]["password"] = "second"
	if condition, err = step(); err != nil || condition.Reason != "Updated" {
		t.Errorf("updated: %+v, %v", condition, err)
	}
	if err := api.Get(context.Background(), key, &secret); err != nil || string(secret.Data["password"]) != "second" || secret.ResourceVersion == version {
		t.Errorf("the Secret is %+v, %v", secret, err)
	}
}

func TestForbiddenIsToldAsVaultWordsIt(t *testing.T) {
	vault := vaultServer(t, nil)
	vault.token.Store("wrong")
	_, err := vault.Read(context.Background(), Spec{Path: "secret/x"})
	if err == nil || !strings.Contains(err.Error(), "Code: 403") || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

func TestConvertAndRender(t *testing.T) {
	data, err := Convert(map[string]any{"a": "YmFy", "b": "x"}, []string{"a"}, true)
	if err != nil || string(data["a"]) != "bar" || len(data) != 1 {
		t.Errorf("%v %v", data, err)
	}
	if _, err := Convert(nil, nil, false); err == nil {
		t.Error("an empty secret is taken")
	}
	wish := &VaultSecret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}}
	wish.Spec.Templates = map[string]string{"url": `postgres://{% .Secrets.a | upper %}@{% .Namespace %}`}
	rendered, err := Render(wish, data)
	if err != nil || string(rendered["url"]) != "postgres://BAR@shop" || len(rendered) != 1 {
		t.Errorf("%v %v", rendered, err)
	}
	for _, forbidden := range []string{`{% env "HOME" %}`, `{% now %}`, `{% genCA "a" 1 %}`, `{% randAlpha 3 %}`} {
		wish.Spec.Templates = map[string]string{"x": forbidden}
		if _, err := Render(wish, data); err == nil {
			t.Errorf("%s is allowed", forbidden)
		}
	}
}

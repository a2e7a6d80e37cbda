package operator

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Vault is a client with a token that renews itself.
type Vault struct {
	address string
	http    *http.Client
	token   atomic.Value
	// login gets a new token; nil where the token was given.
	login func(context.Context) (time.Duration, error)
	lease time.Duration
	// failures counts renewals that failed in a row; probes report them.
	failures atomic.Int32
}

// NewVault reads the environment under upstream's names and logs in.
func NewVault(ctx context.Context) (*Vault, error) {
	vault := &Vault{address: strings.TrimSuffix(os.Getenv("VAULT_ADDRESS"), "/"), http: &http.Client{Timeout: 30 * time.Second}}
	if vault.address == "" {
		return nil, errors.New("VAULT_ADDRESS is not set")
	}
	vault.token.Store("")
	switch method := os.Getenv("VAULT_AUTH_METHOD"); method {
	case "token":
		token := fromFile("VAULT_TOKEN", "VAULT_TOKEN_PATH")
		if token == "" {
			return nil, errors.New("missing vault token")
		}
		seconds, err := strconv.Atoi(os.Getenv("VAULT_TOKEN_LEASE_DURATION"))
		if err != nil {
			return nil, errors.New("missing lease duration for vault token")
		}
		vault.token.Store(token)
		vault.lease = time.Duration(seconds) * time.Second
		return vault, nil
	case "approle":
		role, secret := fromFile("VAULT_ROLE_ID", "VAULT_ROLE_ID_PATH"), fromFile("VAULT_SECRET_ID", "VAULT_SECRET_ID_PATH")
		if role == "" || secret == "" {
			return nil, errors.New("missing role id or secret id for AppRole auth method")
		}
		at := strings.Trim(os.Getenv("VAULT_APP_ROLE_PATH"), "/")
		if at == "" {
			at = "auth/approle"
		}
		vault.login = func(ctx context.Context) (time.Duration, error) {
			return vault.authenticate(ctx, at+"/login", map[string]string{"role_id": role, "secret_id": secret})
		}
	default:
		return nil, fmt.Errorf("VAULT_AUTH_METHOD %q: this stand-in knows token and approle", method)
	}
	lease, err := vault.login(ctx)
	vault.lease = lease
	return vault, err
}

func fromFile(variable, pathVariable string) string {
	if value := os.Getenv(variable); value != "" {
		return value
	}
	text, err := os.ReadFile(os.Getenv(pathVariable))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func (v *Vault) authenticate(ctx context.Context, at string, body any) (time.Duration, error) {
	var answer struct {
		Auth struct {
			Token string `json:"client_token"`
			Lease int    `json:"lease_duration"`
		} `json:"auth"`
	}
	if err := v.request(ctx, http.MethodPut, at, body, &answer); err != nil {
		return 0, err
	}
	if answer.Auth.Token == "" {
		return 0, errors.New("missing authentication information")
	}
	v.token.Store(answer.Auth.Token)
	return time.Duration(answer.Auth.Lease) * time.Second, nil
}

// Renew keeps the token alive: at half of its lease, every 30 seconds after a failure.
func (v *Vault) Renew(ctx context.Context) error {
	if os.Getenv("VAULT_RENEW_TOKEN") == "false" {
		return nil
	}
	for {
		var err error
		if v.login != nil {
			_, err = v.login(ctx)
		} else {
			err = v.request(ctx, http.MethodPut, "auth/token/renew-self", map[string]any{"increment": int(v.lease.Seconds())}, nil)
		}
		pause := max(v.lease/2, 30*time.Second)
		if err != nil {
			v.failures.Add(1)
			pause = 30 * time.Second
			logger.Error(err, "Could not renew token")
		} else {
			v.failures.Store(0)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// Healthy is an error once that many renewals in a row have failed.
func (v *Vault) Healthy(limit int32) error {
	if count := v.failures.Load(); count >= limit {
		return fmt.Errorf("renew Vault token failed %d times", count)
	}
	return nil
}

// Read gets the wanted keys of a secret, from either version of the key-value engine.
func (v *Vault) Read(ctx context.Context, spec Spec) (map[string][]byte, error) {
	at := strings.Trim(spec.Path, "/")
	var mount struct {
		Data struct {
			Path    string            `json:"path"`
			Options map[string]string `json:"options"`
		} `json:"data"`
	}
	if err := v.request(ctx, http.MethodGet, "sys/internal/ui/mounts/"+at, nil, &mount); err != nil {
		return nil, err
	}
	versioned := mount.Data.Options["version"] == "2"
	if versioned {
		at = path.Join(mount.Data.Path, "data", strings.TrimPrefix(at+"/", mount.Data.Path))
		if spec.Version > 0 {
			at += "?version=" + strconv.Itoa(spec.Version)
		}
	}
	var answer struct {
		Data map[string]any `json:"data"`
	}
	if err := v.request(ctx, http.MethodGet, at, nil, &answer); err != nil {
		return nil, err
	}
	values := answer.Data
	if versioned {
		values, _ = answer.Data["data"].(map[string]any)
	}
	return Convert(values, spec.Keys, spec.IsBinary)
}

// Convert turns Vault's values into a Secret's data.
func Convert(values map[string]any, keys []string, binary bool) (map[string][]byte, error) {
	data := map[string][]byte{}
	for key, value := range values {
		if value == nil || len(keys) > 0 && !slices.Contains(keys, key) {
			continue
		}
		switch value := value.(type) {
		case string:
			if !binary {
				data[key] = []byte(value)
				continue
			}
			decoded, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return nil, fmt.Errorf("key %s: %w", key, err)
			}
			data[key] = decoded
		case map[string]any:
			encoded, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			data[key] = encoded
		case json.Number, bool:
			data[key] = []byte(fmt.Sprint(value))
		default:
			return nil, errors.New("could not parse secret value")
		}
	}
	if len(data) == 0 {
		return nil, errors.New("invalid secret data")
	}
	return data, nil
}

// request sends one request; an answer of 404 without data reads as upstream words it.
func (v *Vault) request(ctx context.Context, method, at string, body, into any) error {
	var sent io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(encoded)
	}
	url := v.address + "/v1/" + at
	request, err := http.NewRequestWithContext(ctx, method, url, sent)
	if err != nil {
		return err
	}
	request.Header.Set("X-Vault-Token", v.token.Load().(string))
	request.Header.Set("X-Vault-Request", "true")
	if namespace := os.Getenv("VAULT_NAMESPACE"); namespace != "" {
		request.Header.Set("X-Vault-Namespace", namespace)
	}
	answer, err := v.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound && method == http.MethodGet {
		return errors.New("secret is nil")
	}
	if answer.StatusCode >= 300 {
		var refusal struct {
			Errors []string `json:"errors"`
		}
		_ = json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&refusal)
		return fmt.Errorf("Error making API request.\n\nURL: %s %s\nCode: %d. Errors:\n\n* %s", method, url, answer.StatusCode, strings.Join(refusal.Errors, "\n* "))
	}
	if into == nil {
		return nil
	}
	decoder := json.NewDecoder(answer.Body)
	decoder.UseNumber()
	return decoder.Decode(into)
}

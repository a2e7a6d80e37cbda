package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

// release is the version of the modules in go.mod.
const release = "1.14.2"

// engines are the built-in plugins; upstream's own registry would bring every cloud's libraries.
type engines map[consts.PluginType]map[string]logical.Factory

func (e engines) Contains(name string, kind consts.PluginType) bool {
	_, known := e[kind][name]
	return known
}

func (e engines) Get(name string, kind consts.PluginType) (func() (any, error), bool) {
	factory, known := e[kind][name]
	return func() (any, error) { return factory, nil }, known
}

func (e engines) Keys(kind consts.PluginType) []string {
	var names []string
	for name := range e[kind] {
		names = append(names, name)
	}
	return names
}

func (e engines) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, e.Contains(name, kind)
}

func (e engines) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

// serve runs a server in development mode: in memory, unsealed, with a KV v2 engine at secret/.
func serve(words []string) error {
	flags := flag.NewFlagSet("vault server", flag.ContinueOnError)
	development := flags.Bool("dev", false, "development mode, the only one here")
	token := flags.String("dev-root-token-id", os.Getenv("VAULT_DEV_ROOT_TOKEN_ID"), "the first root token")
	address := flags.String("dev-listen-address", otherwise(os.Getenv("VAULT_DEV_LISTEN_ADDRESS"), "127.0.0.1:8200"), "where to listen")
	level := flags.String("log-level", otherwise(os.Getenv("VAULT_LOG_LEVEL"), "info"), "trace to error")
	flags.Bool("dev-no-store-token", false, "taken for granted")
	if err := flags.Parse(words); err != nil {
		return misuse("%w", err)
	}
	if !*development {
		return misuse("only `vault server -dev` is built here")
	}
	logger := hclog.New(&hclog.LoggerOptions{Name: "vault", Level: hclog.LevelFromString(*level), Output: os.Stdout})
	core, root, err := unsealed(logger, *token, *address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{Type: "tcp", Address: *address}}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	}()
	fmt.Printf("Vault v%s in development mode: in memory and unsealed, http://%s\n", release, *address)
	if *token == "" {
		fmt.Printf("Root Token: %s\n", root)
	}
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return core.ShutdownWait()
}

// unsealed makes a core that is ready for requests, and its root token.
func unsealed(logger hclog.Logger, token, address string) (*vault.Core, string, error) {
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return nil, "", err
	}
	logicals := map[string]logical.Factory{"kv": kv.Factory}
	credentials := map[string]logical.Factory{"approle": approle.Factory}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		StorageType:        "inmem",
		DisableMlock:       true,
		Logger:             logger,
		DevToken:           token,
		RedirectAddr:       "http://" + address,
		LogicalBackends:    logicals,
		CredentialBackends: credentials,
		BuiltinRegistry:    engines{consts.PluginTypeSecrets: logicals, consts.PluginTypeCredential: credentials},
	})
	if err != nil {
		return nil, "", err
	}
	ctx := namespace.RootContext(context.Background())
	one := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1, StoredShares: 1}
	start, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: one})
	if err != nil {
		return nil, "", err
	}
	if core.Sealed() {
		if _, err := core.Unseal(start.SecretShares[0]); err != nil {
			return nil, "", err
		}
	}
	root := start.RootToken
	write := func(path string, data map[string]any) error {
		answer, err := core.HandleRequest(ctx, &logical.Request{Operation: logical.UpdateOperation, ClientToken: root, Path: path, Data: data})
		if err == nil && answer.IsError() {
			err = answer.Error()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	if token != "" {
		if err := write("auth/token/create", map[string]any{"id": token, "policies": []string{"root"}, "no_parent": true, "no_default_policy": true}); err != nil {
			return nil, "", err
		}
		if err := write("auth/token/revoke-self", nil); err != nil {
			return nil, "", err
		}
		root = token
	}
	err = write("sys/mounts/secret", map[string]any{"type": "kv", "description": "key/value secret storage", "options": map[string]string{"version": "2"}})
	if err != nil {
		return nil, "", err
	}
	return core, root, awaitUpgrade(ctx, core, root)
}

// awaitUpgrade waits until the KV engine takes requests: it prepares its second version in the background.
func awaitUpgrade(ctx context.Context, core *vault.Core, root string) error {
	for range 100 {
		answer, err := core.HandleRequest(ctx, &logical.Request{Operation: logical.ReadOperation, ClientToken: root, Path: "secret/config"})
		if err == nil && !answer.IsError() {
			return nil
		}
		if err != nil && !strings.Contains(err.Error(), "pgrad") && answer == nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("the KV engine at secret/ did not become ready")
}

func otherwise(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"

	"github.com/hashicorp/vault/api"
)

// options are the flags of all client commands; each command uses those it knows.
type options struct {
	field, format, mount string
	cas, version         int
	kind, at             string
}

// request runs a client command.
func request(words []string) error {
	nested := map[string]bool{"kv": true, "policy": true, "auth": true, "secrets": true, "token": true}
	name, rest := words[0], words[1:]
	if nested[name] {
		if len(rest) == 0 {
			return misuse("vault %s: a subcommand is missing", name)
		}
		name, rest = name+" "+rest[0], rest[1:]
	}
	var o options
	flags := flag.NewFlagSet("vault "+name, flag.ContinueOnError)
	address := flags.String("address", "", "instead of VAULT_ADDR")
	flags.StringVar(&o.field, "field", "", "print only this field")
	flags.StringVar(&o.format, "format", otherwise(os.Getenv("VAULT_FORMAT"), "table"), "table or json")
	flags.StringVar(&o.mount, "mount", "", "the engine's path")
	flags.StringVar(&o.at, "path", "", "where to mount")
	flags.IntVar(&o.cas, "cas", -1, "write only over this version")
	flags.IntVar(&o.version, "version", 0, "of a key-value entry, or of an engine")
	flags.StringVar(&o.kind, "policy", "", "a policy of the new token")
	flags.Bool("force", false, "write without data")
	flags.Bool("f", false, "write without data")
	if err := flags.Parse(rest); err != nil {
		return misuse("%w", err)
	}
	if o.format != "table" && o.format != "json" {
		return misuse("-format=%s: only table and json are built here", o.format)
	}
	client, err := api.NewClient(nil)
	if err != nil {
		return misuse("%w", err)
	}
	if *address != "" {
		if err := client.SetAddress(*address); err != nil {
			return misuse("%w", err)
		}
	}
	if client.Token() == "" {
		if kept, err := os.ReadFile(tokenFile()); err == nil {
			client.SetToken(strings.TrimSpace(string(kept)))
		}
	}
	return dispatch(client, name, flags.Args(), o)
}

// dispatch turns each command into its request.
func dispatch(client *api.Client, name string, words []string, o options) error {
	least := map[string]int{
		"kv get": 1, "kv put": 2, "kv patch": 2, "kv delete": 1, "kv list": 1, "read": 1, "list": 1, "delete": 1,
		"write": 1, "policy write": 2, "policy read": 1, "policy delete": 1, "auth enable": 1, "secrets enable": 1, "login": 1,
	}
	if len(words) < least[name] {
		return misuse("Not enough arguments (expected %d, got %d)", least[name], len(words))
	}
	logical := client.Logical()
	switch name {
	case "status":
		return status(client, o)
	case "kv get", "kv put", "kv patch", "kv delete", "kv list":
		return keyValue(client, strings.TrimPrefix(name, "kv "), words, o)
	case "read":
		return found(words[0], o)(logical.Read(clean(words[0])))
	case "list":
		return found(words[0], o)(logical.List(clean(words[0])))
	case "delete":
		return done("Data deleted (if it existed) at: "+words[0], o)(logical.Delete(clean(words[0])))
	case "write":
		data, err := parseData(words[1:])
		if err != nil {
			return err
		}
		return done("Data written to: "+words[0], o)(logical.Write(clean(words[0]), data))
	case "policy write":
		text, err := content(words[1])
		if err != nil {
			return err
		}
		return done("Uploaded policy: "+words[0], o)(nil, client.Sys().PutPolicy(words[0], text))
	case "policy read":
		return found(words[0], options{field: "policy"})(logical.Read("sys/policy/" + words[0]))
	case "policy list":
		return found("policies", o)(logical.List("sys/policies/acl"))
	case "policy delete":
		return done("Deleted policy: "+words[0], o)(nil, client.Sys().DeletePolicy(words[0]))
	case "auth enable":
		err := client.Sys().EnableAuthWithOptions(otherwise(o.at, words[0]), &api.EnableAuthOptions{Type: words[0]})
		return done("Enabled "+words[0]+" auth method at: "+otherwise(o.at, words[0])+"/", o)(nil, err)
	case "secrets enable":
		mount := &api.MountInput{Type: words[0]}
		if o.version > 0 {
			mount.Options = map[string]string{"version": fmt.Sprint(o.version)}
		}
		return done("Enabled the "+words[0]+" secrets engine at: "+otherwise(o.at, words[0])+"/", o)(nil, client.Sys().Mount(otherwise(o.at, words[0]), mount))
	case "auth list":
		return found("auth methods", o)(logical.Read("sys/auth"))
	case "secrets list":
		return found("engines", o)(logical.Read("sys/mounts"))
	case "token lookup":
		return found("token", o)(logical.Read("auth/token/lookup-self"))
	case "token create":
		data := map[string]any{}
		if o.kind != "" {
			data["policies"] = []string{o.kind}
		}
		return found("token", o)(logical.Write("auth/token/create", data))
	case "login":
		client.SetToken(words[0])
		if _, err := logical.Read("auth/token/lookup-self"); err != nil {
			return err
		}
		return os.WriteFile(tokenFile(), []byte(words[0]), 0o600)
	}
	return misuse("vault %s: not a command that is built here", name)
}

// status prints the seal status; as upstream, 2 is the code for sealed and 1 for not reached.
func status(client *api.Client, o options) error {
	state, err := client.Sys().SealStatus()
	if err != nil {
		return failure{1, fmt.Errorf("Error checking seal status: %w", err)}
	}
	if o.format == "json" {
		if err := printJSON(state); err != nil {
			return err
		}
	} else {
		printTable(map[string]any{
			"Seal Type": state.Type, "Initialized": state.Initialized, "Sealed": state.Sealed, "Total Shares": state.N, "Threshold": state.T,
			"Version": state.Version, "Storage Type": state.StorageType, "Cluster Name": state.ClusterName, "Cluster ID": state.ClusterID,
		})
	}
	if state.Sealed {
		return failure{2, fmt.Errorf("Vault is sealed")}
	}
	return nil
}

// keyValue reads and writes entries of a key-value engine of either version, which the server is asked for.
func keyValue(client *api.Client, verb string, words []string, o options) error {
	entry := clean(words[0])
	if o.mount != "" {
		entry = path.Join(clean(o.mount), entry)
	}
	engine, err := client.Logical().Read("sys/internal/ui/mounts/" + entry)
	if err != nil {
		return err
	}
	if engine == nil {
		return fmt.Errorf("No secret engine mount at %s/", entry)
	}
	prefix, _ := engine.Data["path"].(string)
	settings, _ := engine.Data["options"].(map[string]any)
	versioned := settings["version"] == "2"
	within := func(part string) string {
		if !versioned {
			return entry
		}
		return path.Join(prefix, part, strings.TrimPrefix(entry+"/", prefix))
	}
	logical := client.Logical()
	switch verb {
	case "list":
		return found(within("metadata"), o)(logical.List(within("metadata")))
	case "delete":
		return done("Data deleted (if it existed) at: "+within("data"), o)(logical.Delete(within("data")))
	case "get":
		var parameters map[string][]string
		if o.version > 0 {
			parameters = map[string][]string{"version": {fmt.Sprint(o.version)}}
		}
		secret, err := logical.ReadWithData(within("data"), parameters)
		if err != nil || secret == nil {
			return found(within("data"), o)(secret, err)
		}
		return printEntry(secret, versioned, within("data"), o)
	}
	data, err := parseData(words[1:])
	if err != nil {
		return err
	}
	if !versioned {
		return done("Data written to: "+entry, o)(logical.Write(entry, data))
	}
	if verb == "patch" {
		current, err := logical.Read(within("data"))
		if err != nil || current == nil {
			return found(within("data"), o)(current, err)
		}
		kept, _ := current.Data["data"].(map[string]any)
		for key, value := range kept {
			if _, given := data[key]; !given {
				data[key] = value
			}
		}
	}
	wanted := map[string]any{}
	if o.cas > -1 {
		wanted["cas"] = o.cas
	}
	return done("Data written to: "+within("data"), o)(logical.Write(within("data"), map[string]any{"data": data, "options": wanted}))
}

// printEntry prints one entry of a key-value engine: a field of its data, or data and metadata.
func printEntry(secret *api.Secret, versioned bool, at string, o options) error {
	data := secret.Data
	if versioned {
		data, _ = secret.Data["data"].(map[string]any)
	}
	switch {
	case o.field != "":
		return printField(data, o.field)
	case o.format == "json":
		if err := printJSON(secret); err != nil {
			return err
		}
	default:
		if versioned {
			metadata, _ := secret.Data["metadata"].(map[string]any)
			fmt.Printf("== Secret Path ==\n%s\n\n======= Metadata =======\n", at)
			printTable(metadata)
			fmt.Print("\n")
		}
		if data != nil {
			fmt.Println("==== Data ====")
			printTable(data)
		}
	}
	if data == nil {
		return fmt.Errorf("No data found at %s", at)
	}
	return nil
}

// parseData reads key=value, key=@file, key=-, @file and - as upstream does.
func parseData(words []string) (map[string]any, error) {
	data := map[string]any{}
	for _, word := range words {
		key, value, pair := strings.Cut(word, "=")
		if !pair {
			text, err := content(word)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal([]byte(text), &data); err != nil {
				return nil, misuse("Failed to parse K=V data: %w", err)
			}
			continue
		}
		if value == "-" || strings.HasPrefix(value, "@") {
			text, err := content(strings.TrimPrefix(value, "@"))
			if err != nil {
				return nil, err
			}
			value = text
		}
		data[key] = strings.TrimPrefix(value, "\\")
	}
	return data, nil
}

// content is what a file holds, or with `-` standard input.
func content(name string) (string, error) {
	name = strings.TrimPrefix(name, "@")
	read := func() ([]byte, error) { return os.ReadFile(name) }
	if name == "-" {
		read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
	}
	text, err := read()
	if err != nil {
		return "", misuse("%w", err)
	}
	return string(text), nil
}

func clean(at string) string {
	return strings.Trim(strings.TrimPrefix(strings.TrimPrefix(at, "/"), "v1/"), "/ ")
}

func tokenFile() string { return path.Join(otherwise(os.Getenv("HOME"), "/tmp"), ".vault-token") }

// found prints what was read; nothing there is an error.
func found(at string, o options) func(*api.Secret, error) error {
	return func(secret *api.Secret, err error) error {
		if err != nil {
			return err
		}
		if secret == nil {
			return fmt.Errorf("No value found at %s", at)
		}
		return printSecret(secret, o)
	}
}

// done prints what a write answered, or that it succeeded.
func done(message string, o options) func(*api.Secret, error) error {
	return func(secret *api.Secret, err error) error {
		var refused *api.ResponseError
		switch {
		case err == nil && secret != nil && (secret.Auth != nil || len(secret.Data) > 0):
			return printSecret(secret, o)
		case err == nil:
			if o.format == "table" {
				fmt.Println("Success! " + message)
			}
			return nil
		case asResponse(err, &refused) && refused.StatusCode == http.StatusForbidden:
			return fmt.Errorf("permission denied: %w", err)
		}
		return err
	}
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/hashicorp/vault/api"
)

func asResponse(err error, target **api.ResponseError) bool { return errors.As(err, target) }

// printSecret prints an answer of the server.
func printSecret(secret *api.Secret, o options) error {
	values := map[string]any{}
	for key, value := range secret.Data {
		values[key] = value
	}
	if secret.Auth != nil {
		values["token"] = secret.Auth.ClientToken
		values["token_policies"] = secret.Auth.TokenPolicies
		values["token_duration"] = secret.Auth.LeaseDuration
	}
	switch {
	case o.field != "":
		return printField(values, o.field)
	case o.format == "json" && onlyKeys(secret.Data) != nil:
		return printJSON(onlyKeys(secret.Data))
	case o.format == "json":
		return printJSON(secret)
	case onlyKeys(secret.Data) != nil:
		fmt.Println("Keys\n----")
		for _, key := range onlyKeys(secret.Data) {
			fmt.Println(key)
		}
	default:
		printTable(values)
	}
	return nil
}

// onlyKeys is the list that a listing answers.
func onlyKeys(data map[string]any) []any {
	keys, _ := data["keys"].([]any)
	return keys
}

// printField prints one value raw: without a line's end, so that it can go into a file.
func printField(values map[string]any, field string) error {
	value, present := values[field]
	if !present || value == nil {
		return failure{1, fmt.Errorf("Field %q not present in secret", field)}
	}
	fmt.Print(text(value))
	return nil
}

func printJSON(value any) error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printTable prints keys in order, with their values aligned.
func printTable(values map[string]any) {
	width, keys := len("Key"), make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
		width = max(width, len(key))
	}
	sort.Strings(keys)
	fmt.Printf("%-*s    Value\n%-*s    -----\n", width, "Key", width, strings.Repeat("-", 3))
	for _, key := range keys {
		fmt.Printf("%-*s    %s\n", width, key, text(values[key]))
	}
}

// text is a value as people read it: strings and numbers plain, nothing as n/a, the rest as JSON.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case nil:
		return "n/a"
	case bool, int, int64, json.Number:
		return fmt.Sprint(value)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

// YAML as Kubernetes and Argo CD read it: takes a stream of documents, gives a JSON array of those that are not empty.
//
// The scenarios compare with it, so that firstlight's own reader is not its own judge.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	documents := []json.RawMessage{}
	reader := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			text, err = yaml.ToJSON(text)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "document %d: %v\n", len(documents)+1, err)
			os.Exit(1)
		}
		if string(text) != "null" {
			documents = append(documents, text)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(documents); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

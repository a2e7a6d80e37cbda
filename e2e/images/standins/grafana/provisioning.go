package grafana

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// Source is a data source.
type Source struct {
	ID        int    `json:"id"`
	UID       string `json:"uid"`
	OrgID     int    `json:"orgId"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Access    string `json:"access"`
	URL       string `json:"url"`
	IsDefault bool   `json:"isDefault"`
	ReadOnly  bool   `json:"readOnly"`
}

// Dashboard is what a search finds of one.
type Dashboard struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
	Type  string `json:"type"`
}

// Provisioned is what the files say.
type Provisioned struct {
	Sources    []Source
	Dashboards []Dashboard
}

// Load reads a provisioning folder; a file that is broken is an error, as it is for Grafana.
func Load(folder string) (*Provisioned, error) {
	provisioned := &Provisioned{Sources: []Source{}, Dashboards: []Dashboard{}}
	err := each(filepath.Join(folder, "datasources"), func(at string, text []byte) error {
		var file struct {
			Datasources []Source `json:"datasources"`
		}
		if err := yaml.Unmarshal([]byte(expand(string(text))), &file); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		for _, source := range file.Datasources {
			if source.Name == "" || source.Type == "" {
				return fmt.Errorf("%s: a data source needs a name and a type", at)
			}
			source.ID, source.OrgID, source.ReadOnly = len(provisioned.Sources)+1, 1, true
			if source.UID == "" {
				source.UID = strings.ToLower(strings.ReplaceAll(source.Name, " ", "-"))
			}
			provisioned.Sources = append(provisioned.Sources, source)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return provisioned, each(filepath.Join(folder, "dashboards"), provisioned.provider)
}

// provider reads the dashboards of the folders that one provider file names.
func (p *Provisioned) provider(at string, text []byte) error {
	var file struct {
		Providers []struct {
			Options struct {
				Path string `json:"path"`
			} `json:"options"`
		} `json:"providers"`
	}
	if err := yaml.Unmarshal([]byte(expand(string(text))), &file); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	for _, provider := range file.Providers {
		found, err := filepath.Glob(filepath.Join(provider.Options.Path, "*.json"))
		if err != nil {
			return err
		}
		for _, name := range found {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			dashboard := Dashboard{Type: "dash-db"}
			if err := json.Unmarshal(text, &dashboard); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			dashboard.Type = "dash-db"
			p.Dashboards = append(p.Dashboards, dashboard)
		}
	}
	return nil
}

// each reads the YAML files of a folder, which need not exist.
func each(folder string, use func(string, []byte) error) error {
	entries, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); extension != ".yaml" && extension != ".yml" {
			continue
		}
		at := filepath.Join(folder, entry.Name())
		text, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		if err := use(at, text); err != nil {
			return err
		}
	}
	return nil
}

// expand puts variables in place of $NAME and ${NAME}; $$ is a dollar.
func expand(text string) string {
	return os.Expand(text, func(name string) string {
		if name == "$" {
			return "$"
		}
		return os.Getenv(strings.TrimSuffix(strings.TrimPrefix(name, "__env{"), "}"))
	})
}

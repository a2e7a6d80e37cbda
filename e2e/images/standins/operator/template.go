package operator

import (
	"bytes"
	"fmt"
	"os"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// functions are Sprig's that give the same at each run, without those that make keys and certificates.
func functions() template.FuncMap {
	all := sprig.HermeticTxtFuncMap()
	for _, name := range []string{"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "htpasswd", "bcrypt", "encryptAES"} {
		delete(all, name)
	}
	return all
}

// Render runs the templates, which stand between {% and %}, over what Vault gave.
func Render(secret *VaultSecret, data map[string][]byte) (map[string][]byte, error) {
	if len(secret.Spec.Templates) == 0 {
		return data, nil
	}
	secrets := map[string]string{}
	for key, value := range data {
		secrets[key] = string(value)
	}
	values := map[string]any{
		"Secrets":     secrets,
		"Vault":       map[string]string{"Path": secret.Spec.Path, "Address": os.Getenv("VAULT_ADDRESS")},
		"Namespace":   secret.Namespace,
		"Labels":      secret.Labels,
		"Annotations": secret.Annotations,
	}
	rendered := map[string][]byte{}
	for key, text := range secret.Spec.Templates {
		parsed, err := template.New("data").Delims("{%", "%}").Funcs(functions()).Parse(text)
		if err != nil {
			return nil, fmt.Errorf("template ERROR: %w", err)
		}
		var out bytes.Buffer
		if err := parsed.Execute(&out, values); err != nil {
			return nil, fmt.Errorf("template ERROR: %w", err)
		}
		rendered[key] = out.Bytes()
	}
	return rendered, nil
}

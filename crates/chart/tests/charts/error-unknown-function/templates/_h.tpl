{{ define "e.outer" }}
{{ include "e.inner" . }}{{ end }}
{{ define "e.inner" }}{{ fail "told so" }}{{ end }}
{{ define "e.endless" }}{{ include "e.endless" . }}{{ end }}

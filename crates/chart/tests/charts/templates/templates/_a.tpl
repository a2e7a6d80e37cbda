{{- define "base" -}}
base of {{ .name }}
{{- end -}}
{{- define "recursive" -}}
{{ if gt (int .) 0 }}{{ . }} {{ include "recursive" (sub . 1) }}{{ end }}
{{- end -}}
{{- define "changes" -}}{{ $_ := set .Values "changed" "yes" }}{{- end -}}

{{- /* Labels that find the pods. */ -}}
{{- define "vault-secrets-operator.selector" -}}
app.kubernetes.io/name: vault-secrets-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of every object. */ -}}
{{- define "vault-secrets-operator.labels" -}}
{{ include "vault-secrets-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

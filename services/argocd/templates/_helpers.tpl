{{- /* Labels that find the pods of one component. Takes a list: the root context, the component. */ -}}
{{- define "argocd.selector" -}}
app.kubernetes.io/name: argocd
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- /* Labels of every object of one component. Takes the same list. */ -}}
{{- define "argocd.labels" -}}
{{ include "argocd.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- /* What every container may do: nothing that the strictest pod security standard forbids. */ -}}
{{- define "argocd.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

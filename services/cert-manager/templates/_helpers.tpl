{{- /* Labels that find the pods of one component. Takes a list: the root context, the component. */ -}}
{{- define "cert-manager.selector" -}}
app.kubernetes.io/name: cert-manager
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- /* Labels of every object of one component. Takes the same list. */ -}}
{{- define "cert-manager.labels" -}}
{{ include "cert-manager.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- /* What every container may do: nothing that the strictest pod security standard forbids. */ -}}
{{- define "cert-manager.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* The same for every pod. */ -}}
{{- define "cert-manager.pod-security" -}}
runAsNonRoot: true
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- /* The namespace, for the arguments that name it. */ -}}
{{- define "cert-manager.environment" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end }}

{{- /* How the API server calls the webhook. Takes a list: the root context, the path. */ -}}
{{- define "cert-manager.webhook" -}}
admissionReviewVersions: [v1]
clientConfig:
  service:
    name: cert-manager-webhook
    namespace: {{ (index . 0).Release.Namespace }}
    path: {{ index . 1 }}
    port: 443
failurePolicy: Fail
matchPolicy: Equivalent
sideEffects: None
timeoutSeconds: 30
{{- end }}

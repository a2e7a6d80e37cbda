{{- /*
Argo CD finds its ConfigMaps and Secrets by fixed names and by the label part-of, and its parts find
each other by fixed host names: so the names here are written out.
*/ -}}

{{- /* Labels that find the pods of one component. Takes a list: the root context, the component. */ -}}
{{- define "argocd.selector" -}}
app.kubernetes.io/name: argocd-{{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}

{{- /* Labels of every object of one component. Takes the same list. */ -}}
{{- define "argocd.labels" -}}
{{ include "argocd.selector" . }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- /* The same for every pod. */ -}}
{{- define "argocd.pod-security" -}}
runAsNonRoot: true
runAsUser: 999
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- /* What every container may do: nothing that the strictest pod security standard forbids. */ -}}
{{- define "argocd.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* The password that the hook in redis-password.yaml makes. */ -}}
{{- define "argocd.redis-password" -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: argocd-redis
      key: auth
{{- end }}

{{- /* A variable that a key of argocd-cm sets. Takes a list: the variable, the key. */ -}}
{{- define "argocd.setting" -}}
- name: {{ index . 0 }}
  valueFrom:
    configMapKeyRef:
      name: argocd-cm
      key: {{ index . 1 }}
{{- end }}

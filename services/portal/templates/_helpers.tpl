{{- /* Labels that find the pods of one component. Takes a list: the root context, the component. */ -}}
{{- define "portal.selector" -}}
app.kubernetes.io/name: portal
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- /* Labels of every object of one component. Takes the same list. */ -}}
{{- define "portal.labels" -}}
{{ include "portal.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- /* What every container may do: nothing that the strictest pod security standard forbids. */ -}}
{{- define "portal.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /*
How to reach the database. The password is made of letters and digits, so that it can stand in a URL
as it is.
*/ -}}
{{- define "portal.database-environment" -}}
- name: DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: portal
      key: database-password
- name: DATABASE_URL
  value: postgres://portal:$(DATABASE_PASSWORD)@{{ .Values.database.host }}:5432/{{ .Values.database.name }}?sslmode=disable
{{- end }}

{{- /* What Argo CD's Application has no field for, and the wave. Takes a service. */ -}}
{{- define "bootstrap.annotations" -}}
{{- if or .dependsOn .timeout (hasKey . "wave") -}}
annotations:
  {{- with .dependsOn }}
  firstlight.dev/depends-on: {{ join "," . | quote }}
  {{- end }}
  {{- with .timeout }}
  firstlight.dev/timeout: {{ . | quote }}
  {{- end }}
  {{- if hasKey . "wave" }}
  argocd.argoproj.io/sync-wave: {{ .wave | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{- /*
Where a service's manifests are and how they are rendered. Takes a dict of name, service and
environment.
*/ -}}
{{- define "bootstrap.source" -}}
{{- $path := .service.path | default (printf "services/%s" .name) -}}
{{- $type := .service.type | default "helm" -}}
{{- if eq $type "helm" -}}
path: {{ $path }}
helm:
  # The environment's own file comes last: it has the last word.
  valueFiles:
    {{- range .service.valueFiles }}
    - {{ . }}
    {{- end }}
    - values-{{ .environment.name }}.yaml
  ignoreMissingValueFiles: true
  parameters:
    - name: global.environment
      value: {{ .environment.name | quote }}
    - name: global.host
      value: {{ .environment.fqdn | quote }}
    - name: global.baseUrl
      value: {{ printf "https://%s" .environment.fqdn | quote }}
    - name: global.vaultAddress
      value: {{ .environment.vault.address | quote }}
    - name: global.vaultSecretsPath
      value: {{ .environment.vault.path | quote }}
{{- else if eq $type "kustomize" -}}
path: {{ $path }}/overlays/{{ .environment.name }}
{{- else if eq $type "directory" -}}
path: {{ $path }}
{{- else -}}
{{- fail (printf "service %s: type is %s, not helm, kustomize or directory" .name $type) -}}
{{- end -}}
{{- end }}

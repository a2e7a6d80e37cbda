{{ define "helpers.labels" }}chart: {{ .Chart.Name }}
{{ end }}
{{ define "who" }}the outer chart{{ end }}

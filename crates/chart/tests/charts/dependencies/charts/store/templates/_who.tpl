{{ define "who" }}the inner chart{{ end }}

//! A small platform repository in a temporary directory, and the program run on it without any
//! environment variable: takes changes to files, gives exit code and output as one text.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// A repository that can be changed before the program sees it.
pub(crate) struct Fixture {
    directory: TempDir,
}

impl Fixture {
    /// Writes the small platform.
    pub(crate) fn new() -> Self {
        Self::of(FILES)
    }

    /// Writes files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let fixture = Self {
            directory: TempDir::new().expect("a temporary directory"),
        };
        for (path, text) in files {
            fixture.write(path, text);
        }
        fixture
    }

    /// Returns the directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    /// Replaces a text that must be there.
    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) -> &Self {
        let text = fs::read_to_string(self.path().join(path)).expect("a file");
        assert!(text.contains(old), "{path} has no {old}");
        self.write(path, &text.replace(old, new))
    }

    /// Returns what stands in a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    /// Runs the program in the repository.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        run_in(self.path(), arguments)
    }
}

/// Runs the program in a directory; returns exit code, standard output and error.
pub(crate) fn run_in(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .current_dir(directory)
        .env_clear()
        .args(arguments)
        .output()
        .expect("the program runs");
    let mut text = format!("$ firstlight {}\n", arguments.join(" "));
    let _ = writeln!(text, "exit {}", output.status.code().expect("an exit code"));
    for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
        if !bytes.is_empty() {
            let _ = write!(
                text,
                "--- {name}\n{}",
                String::from_utf8(bytes).expect("UTF-8")
            );
        }
    }
    text
}

/// Compares whole outputs with the snapshots beside the tests.
macro_rules! assert_output {
    ($name:literal, $output:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $output);
        });
    };
}
pub(crate) use assert_output;

const FILES: &[(&str, &str)] = &[
    (
        "environments/values.yaml",
        "repository:
  url: https://github.com/example/small.git
  revision: main

projects:
  default-project: {description: Everything, namespaces: [issuers, web, plain]}

services:
  issuers:
    namespace: issuers
    project: default-project
  plain:
    type: directory
    namespace: plain
    project: default-project
  web:
    namespace: web
    project: default-project
    timeout: 10m
    dependsOn: [plain]
",
    ),
    (
        "environments/values-test.yaml",
        "name: test
fqdn: test.example.org
services:
  issuers: {enabled: true}
  plain: {enabled: true}
  web: {enabled: true}
",
    ),
    (
        "bootstrap/Chart.yaml",
        "apiVersion: v2\nname: bootstrap\nversion: 1.0.0\n",
    ),
    (
        "bootstrap/templates/applications.yaml",
        r#"{{- range $name, $service := .Values.services }}
{{- if $service.enabled }}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{ $name }}
  namespace: argocd
  annotations:
    {{- with $service.dependsOn }}
    firstlight.dev/depends-on: {{ join "," . | quote }}
    {{- end }}
    {{- with $service.timeout }}
    firstlight.dev/timeout: {{ . }}
    {{- end }}
spec:
  project: {{ $service.project }}
  source:
    repoURL: {{ $.Values.repository.url }}
    targetRevision: {{ $.Values.repository.revision }}
    path: services/{{ $name }}
    {{- if ne $service.type "directory" }}
    helm:
      valueFiles: [values-{{ $.Values.name }}.yaml]
      ignoreMissingValueFiles: true
      parameters:
        - {name: global.host, value: {{ $.Values.fqdn }}}
    {{- end }}
  destination:
    server: https://kubernetes.default.svc
    namespace: {{ $service.namespace }}
  syncPolicy:
    syncOptions: [CreateNamespace=true]
{{- end }}
{{- end }}
"#,
    ),
    (
        "bootstrap/templates/projects.yaml",
        r#"apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: default-project
  namespace: argocd
spec:
  sourceRepos: ["*"]
  destinations: [{server: "*", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
"#,
    ),
    (
        "bootstrap/templates/root.yaml",
        r"apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: platform
  namespace: argocd
spec:
  project: default
  source:
    repoURL: {{ .Values.repository.url }}
    targetRevision: {{ .Values.repository.revision }}
    path: bootstrap
    helm:
      valueFiles:
        - ../environments/values.yaml
        - ../environments/values-{{ .Values.name }}.yaml
  destination:
    server: https://kubernetes.default.svc
    namespace: argocd
",
    ),
    (
        "services/issuers/Chart.yaml",
        "apiVersion: v2\nname: issuers\nversion: 1.0.0\n",
    ),
    (
        "services/issuers/crds/issuer.yaml",
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: certificates.cert-manager.io
spec:
  group: cert-manager.io
  names: {kind: Certificate, plural: certificates}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: clusterissuers.cert-manager.io
spec:
  group: cert-manager.io
  names: {kind: ClusterIssuer, plural: clusterissuers}
  scope: Cluster
  versions:
    - {name: v1, served: true, storage: true}
",
    ),
    (
        "services/issuers/templates/issuer.yaml",
        "apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata:
  name: platform
spec:
  selfSigned: {}
",
    ),
    (
        "services/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    ),
    (
        "services/web/values.yaml",
        "replicas: 1\nimage: example/web:1\n",
    ),
    ("services/web/values-test.yaml", "replicas: 2\n"),
    (
        "services/web/templates/_helpers.tpl",
        r#"{{- define "web.image" -}}
{{ required "image must be given" .Values.image }}
{{- end }}
"#,
    ),
    (
        "services/web/templates/web.yaml",
        r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: {{ include "web.image" . }}
          env:
            - {name: HOST, value: {{ .Values.global.host | quote }}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: web
spec:
  secretName: web-tls
  issuerRef: {kind: ClusterIssuer, name: platform}
"#,
    ),
    (
        "services/web/templates/migration.yaml",
        r#"apiVersion: batch/v1
kind: Job
metadata:
  name: migration
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migration
          image: {{ include "web.image" . }}
"#,
    ),
    (
        "services/web/templates/test.yaml",
        r"apiVersion: v1
kind: Pod
metadata:
  name: test
  annotations:
    helm.sh/hook: test
spec:
  containers: [{name: test, image: example/test:1}]
",
    ),
    (
        "services/plain/configuration.yaml",
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: plain
data:
  answer: \"42\"
",
    ),
];

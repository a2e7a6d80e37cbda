//! What is wrong with the repository, and where Argo CD does something else than is seen here.

super::codes! {
    INVALID_DEFINITION = "invalid-definition", [Error] {
        title: "the repository, or a service of it, cannot be rendered",
        why: "A file is missing or malformed, or a chart fails. Helm and Argo CD would fail too, only \
              later, and for this service alone. The exit code is 3.",
        mend: "the message says what was expected",
    }
    KUSTOMIZE_VERSION = "kustomize-version", [Warning] {
        title: "an Application names a version of Kustomize: firstlight builds as v5.8 does",
        why: "Versions of Kustomize give different manifests here and there; Argo CD would then show \
              the difference at its first comparison.",
        mend: "drop the version from the Application where nothing depends on it",
    }
    SETTING_NOT_OBEYED = "setting-not-obeyed", [Warning] {
        title: "`argocd-cm` has build options for one version of Kustomize, which Argo CD v3.2 does not obey",
        why: "Argo CD reads `kustomize.buildOptions.VERSION` and calls every Kustomize with \
              `kustomize.buildOptions`; so does firstlight. Whoever wrote the setting expects more.",
        mend: "move the options to `kustomize.buildOptions`, or drop the setting",
    }
    NOT_REPRODUCIBLE = "not-reproducible", [Warning] {
        title: "a template uses random numbers, keys or the time",
        why: "Argo CD renders again at every comparison and finds a difference each time. With automatic \
              synchronisation, passwords and certificates change for ever and pods restart; without it \
              the Application never becomes Synced.",
        mend: "give the value from outside: a Secret out of Vault, or a value of the chart",
    }
    DEPENDS_ON_CAPABILITIES = "depends-on-capabilities", [Info] {
        title: "a chart renders differently once the kinds of other services are there",
        why: "The chart asks which kinds the cluster has. On an empty cluster it would leave out what \
              it has later; the plan has what it renders once all kinds are there, so that Argo CD's \
              first comparison is without difference.",
        mend: "nothing has to be done",
    }
    UNKNOWN_GENERATOR = "unknown-generator", [Warning] {
        title: "an ApplicationSet asks a cluster or a service, which cannot be known offline",
        why: "The Applications that it would make of the answer are missing from the plan; all others \
              are there.",
        mend: "write down what the generator would yield, and name the file under `generators` in firstlight.yaml",
    }
    UNSTEADY_APPLICATIONSET = "unsteady-applicationset", [Warning] {
        title: "the template of an ApplicationSet uses random numbers or the time",
        why: "Argo CD changes its Applications each time that it looks at the ApplicationSet.",
        mend: "give the value from a generator",
    }
}

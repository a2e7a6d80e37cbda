//! What is wrong with the repository, and where Argo CD does something else than is seen here.

super::codes! {
    INVALID_DEFINITION = "invalid-definition", [Error] {
        title: "the repository, or a service of it, cannot be rendered",
        why: "A file is missing or malformed, or a chart fails. Helm and Argo CD would fail too, only \
              later, and for this service alone. The exit code is 3.",
        mend: "the message says what was expected",
    }
    INVALID_SERVICE = "invalid-service", [Error] {
        title: "a service cannot be planned; the others are",
        why: "Its Application is malformed, a file that it names is missing, or its chart or kustomization \
              fails. Argo CD would fail in the same way, for this service alone. Whatever else is found \
              takes into account that it is missing; `install` begins only without it.",
        example: "an Application with helm.valueFiles: [values-test.yaml], and the file is not there",
        mend: "the message says what was expected",
    }
    UNREACHABLE_SOURCE = "unreachable-source", [Error] {
        title: "a chart or a repository that a service is rendered from cannot be had",
        why: "It is neither in the cache nor vendored, and where it should come from does not answer, or \
              was not to be asked. The other services are planned.",
        mend: "`firstlight vendor` puts charts into the repository; `firstlight lock` keeps what was chosen",
    }
    UNPUSHED_REVISION = "unpushed-revision", [Warning] {
        title: "the working tree is not what Argo CD reads",
        why: "Argo CD reads the revision that the environment follows from the remote. As far as was \
              fetched, that revision is not there, or is at another commit than the working tree: what is \
              planned is not what Argo CD would compare against.",
        example: "the environment follows main, and a branch is checked out that was not merged yet",
        mend: "push, or plan what is there with `--revision origin/main`",
    }
    DETACHED_HEAD = "detached-head", [Info] {
        title: "no branch is checked out",
        why: "The working tree is at the commit that the environment's revision is at, as far as was \
              fetched, but what is committed now would be of no branch.",
        mend: "check a branch out before changing anything",
    }
    OWN_REPOSITORY = "own-repository", [Info] {
        title: "which repository this is was found out, or could not be",
        why: "Sources of Applications in this repository are read from the working tree. Where nothing \
              says by which URL they call it, it is the one at whose paths they find directories here.",
        mend: "say it with `layout.url` in firstlight.yaml",
    }
    OTHER_CLUSTER = "other-cluster", [Info] {
        title: "an Application goes to another cluster, and is left out",
        why: "An environment is one cluster: that which Argo CD runs in, unless something else is said.",
        mend: "name the clusters that are meant, or `all`, with `layout.clusters` in firstlight.yaml",
    }
    NO_DESTINATION_NAMESPACE = "no-destination-namespace", [Info] {
        title: "an Application names no namespace",
        why: "Its objects must name theirs, or have none: Argo CD refuses those that do neither. \
              `default` stands for it here.",
        mend: "give spec.destination a namespace",
    }
    UNKNOWN_APPLICATION_FIELD = "unknown-application-field", [Warning] {
        title: "an Application has a field that Argo CD does not know",
        why: "Kubernetes drops it when the Application is written, so that it has no effect. In \
              firstlight's own layout it is an error.",
        example: "spec.source.helm.valuesFiles instead of valueFiles",
        mend: "mend the spelling, or drop the field",
    }
    UNUSED_SUPPRESSION = "unused-suppression", [Warning] {
        title: "a suppression in firstlight.yaml that matches nothing",
        why: "What it was meant for has been mended, or is called otherwise by now: the next finding of \
              that code would be suppressed unseen. One for no environment in particular is looked at by \
              `lint --all` alone.",
        mend: "remove it, or mend its service and object",
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

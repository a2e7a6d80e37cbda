//! What an object refers to, and is not there or is not what it takes it for.

super::codes! {
    MISSING_SERVICE_ACCOUNT = "missing-service-account", [Error] {
        title: "pods run as a ServiceAccount that nobody brings",
        why: "The API server refuses to make the pods; their Deployment or Job stands there with no \
              pod and no message but in its events.",
        mend: "ship the ServiceAccount, or name one that is there",
    }
    CONFIG_MAP_NOT_PRODUCED = "config-map-not-produced", [Warning] {
        title: "pods need a ConfigMap that nothing seen here brings",
        why: "The pods stay in ContainerCreating until it is there. It is only a warning, because a \
              program may make it while it runs.",
        mend: "ship the ConfigMap, or mark the reference `optional: true`",
    }
    SECRET_NOT_PRODUCED = "secret-not-produced", [Warning] {
        title: "pods need a Secret that nothing seen here brings",
        why: "The pods stay in ContainerCreating until it is there. A Secret counts as produced where \
              there is one of that name, a VaultSecret, ExternalSecret, SealedSecret or Certificate that \
              makes it, an Ingress with cert-manager's annotation, or a program of the same service that \
              is told its name by an argument, a variable or a Role. Mostly it was made by hand on the \
              clusters that exist.",
        mend: "ship a VaultSecret or the like for it, or mark the reference `optional: true`; suppress the \
               finding with a reason where a person makes the Secret",
    }
    SERVICE_NOT_FOUND = "service-not-found", [Error, Warning] {
        title: "an Ingress, a StatefulSet, a webhook or an aggregated API names a Service that nobody brings",
        why: "An Ingress answers with an error, the pods of a StatefulSet have no names in DNS. Without \
              the Service of a webhook the API server refuses everything that the webhook matches; \
              without that of an aggregated API no namespace can be deleted.",
        mend: "name the Service as it is called once rendered: charts put the release's name before it",
    }
    PORT_NOT_FOUND = "port-not-found", [Warning] {
        title: "a port by name or number that the Service, or the container behind it, does not have",
        why: "Nothing refuses it, and no connection ever arrives: an Ingress answers 503, a Service has \
              no endpoints.",
        mend: "name a port that is there",
    }
    SERVICE_SELECTS_NOTHING = "service-selects-nothing", [Warning] {
        title: "the selector of a Service matches no pods of its namespace",
        why: "The Service has no endpoints, so that whatever calls it fails. It is not told where a \
              program or an operator of the same service may make the pods.",
        example: "the selector app: web, and pods with the label app: webapp",
        mend: "select labels that the pods have",
    }
    BUDGET_SELECTS_NOTHING = "budget-selects-nothing", [Warning] {
        title: "the selector of a PodDisruptionBudget matches no pods of its namespace",
        why: "It guards nothing: all pods may be evicted at once.",
        mend: "select labels that the pods have",
    }
    MONITOR_SELECTS_NOTHING = "monitor-selects-nothing", [Warning] {
        title: "a ServiceMonitor selects no Service, or a port that none of them has",
        why: "Nothing is measured, and no alert says so.",
        mend: "select labels of the Service itself, not of its pods, and name one of its ports",
    }
    SCALE_TARGET_NOT_FOUND = "scale-target-not-found", [Warning] {
        title: "an autoscaler names a workload that nobody brings",
        why: "It scales nothing, and Argo CD shows it as degraded.",
        mend: "name the workload as it is called once rendered, with its apiVersion",
    }
    CLAIM_NOT_PRODUCED = "claim-not-produced", [Warning] {
        title: "pods need a PersistentVolumeClaim that nothing seen here brings",
        why: "The pods stay pending until it is there.",
        mend: "ship the PersistentVolumeClaim",
    }
    KEY_NOT_FOUND = "key-not-found", [Error, Warning] {
        title: "pods need a key that their ConfigMap, or what makes their Secret, does not have; warning for Secrets",
        why: "The container stays in CreateContainerConfigError, a volume is never mounted. It is only a \
              warning for a Secret that is there, because a program may add keys to it. A ConfigMap or \
              Secret without any key is taken for one that a program fills.",
        example: "secretKeyRef: {name: app, key: password}, and the VaultSecret app asks for passwd",
        mend: "name a key that is there, or mark the reference `optional: true`",
    }
    ROLE_NOT_FOUND = "role-not-found", [Warning] {
        title: "a binding grants a role that nobody brings",
        why: "The API server takes it and grants nothing; the program that counts on the permission \
              fails while it runs.",
        mend: "ship the role, or name one that is there",
    }
    SUBJECT_NOT_FOUND = "subject-not-found", [Error, Warning] {
        title: "a binding grants a role to a ServiceAccount that nobody brings; error where no namespace is named",
        why: "The program runs as another ServiceAccount and has no permission. Only namespaces that the \
              platform creates are looked at.",
        mend: "name the ServiceAccount of the pods and its namespace",
    }
    DUPLICATE_ROUTE = "duplicate-route", [Warning] {
        title: "two Ingresses serve the same host and path",
        why: "Which one answers is up to the controller; that of ingress-nginx refuses the second, so \
              that its Application cannot be synchronised. Canaries are left out.",
        mend: "keep one of them, or give them different paths",
    }
    SEVERAL_DEFAULTS = "several-defaults", [Error] {
        title: "two IngressClasses, or two StorageClasses, are marked as the default",
        why: "With two default IngressClasses the API server refuses every Ingress that names none; of \
              two StorageClasses the newer one wins, which differs from cluster to cluster.",
        mend: "mark one of them",
    }
    SELECTOR_MISMATCH = "selector-mismatch", [Error] {
        title: "the selector of a workload does not match the labels of its own pods",
        why: "The API server refuses the workload.",
        mend: "repeat the labels of the template in the selector; the selector cannot be changed later",
    }
    MOUNT_WITHOUT_VOLUME = "mount-without-volume", [Error] {
        title: "a container mounts a volume that its pods do not have",
        why: "The API server refuses the workload.",
        mend: "add the volume under `volumes`, or mend the name",
    }
}

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
}

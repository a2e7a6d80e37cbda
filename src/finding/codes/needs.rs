//! What an object needs and nobody provides.

super::codes! {
    MISSING_CRD = "missing-crd", [Error] {
        title: "a kind that no service ships and Kubernetes does not have",
        why: "The API server knows a custom resource only once its CustomResourceDefinition is \
              established. On a cluster that has been used before, somebody may have installed it by \
              hand; on an empty one the object is refused, and Argo CD gives up the whole \
              synchronisation of its Application.",
        example: "a ServiceMonitor in a chart, and no service of the environment is Prometheus' operator",
        mend: "enable the service that ships the definition, or leave the object out where the kind is \
               not there (`.Capabilities.APIVersions.Has`); where an operator makes the definition \
               while it runs, say so under `provides` in firstlight.yaml",
    }
    MISSING_NAMESPACE = "missing-namespace", [Error] {
        title: "objects in a namespace that nobody creates",
        why: "Nothing can be written into a namespace that is not there. Clusters begin with \
              default, kube-system, kube-public and kube-node-lease alone.",
        example: "a Role in the namespace of a service that this environment does not run",
        mend: "give the Application the sync option CreateNamespace=true, or ship a Namespace",
    }
    MISSING_CLASS = "missing-class", [Error, Info] {
        title: "an IngressClass or PriorityClass that nobody ships; info for StorageClass and RuntimeClass",
        why: "Pods with an unknown PriorityClass are refused; an Ingress of an unknown class is never \
              served, and what waits for its address waits for ever. StorageClass and RuntimeClass \
              usually come with the cluster, so they are only worth knowing: a claim whose class is not \
              there stays pending.",
        mend: "name a class that a service of the environment ships, or enable that service",
    }
    MISSING_ISSUER = "missing-issuer", [Error] {
        title: "an Issuer or ClusterIssuer that nobody ships",
        why: "cert-manager waits for the issuer for ever, so the Secret of the certificate never \
              appears, and neither does anything that mounts it. An Issuer is looked for in the \
              namespace of what names it, a ClusterIssuer in the cluster.",
        example: "the annotation cert-manager.io/cluster-issuer: letsencrypt, where the issuer is letsencrypt-dns",
        mend: "name an issuer that a service of the environment ships",
    }
    DEPENDENCY_NOT_ENABLED = "dependency-not-enabled", [Error] {
        title: "`dependsOn` names a service that the environment does not run",
        why: "The service would wait for one that never comes.",
        mend: "enable the other service in this environment, or drop the dependency",
    }
    UNKNOWN_DEPENDENCY = "unknown-dependency", [Error] {
        title: "an Application's annotation names a service that the repository does not know",
        why: "The service would wait for one that never comes; mostly the name is misspelt.",
        mend: "name a service of the repository",
    }
    REQUIREMENT_NOT_PROVIDED = "requirement-not-provided", [Warning] {
        title: "`requires` in firstlight.yaml names something that no service brings",
        why: "The service needs it while it runs, and nothing in this environment is known to bring \
              it: no object, nothing that an operator makes, and no line under `provides`.",
        mend: "enable the service that brings it, name it under `provides`, or drop the line",
    }
    MISSING_PROJECT = "missing-project", [Error] {
        title: "an Application is in an AppProject that nobody brings",
        why: "Argo CD refuses to synchronise an Application whose project it does not have. The \
              project `default` is the only one that is there by itself.",
        mend: "ship the AppProject, or name one that is there",
    }
    PROJECT_FORBIDS = "project-forbids", [Error] {
        title: "an AppProject does not permit a source, a destination, or an object of one of its Applications",
        why: "Argo CD refuses the Application, or the synchronisation of the whole Application for \
              the sake of one object. An installation by other means would work, and the first \
              synchronisation fails.",
        mend: "extend the project's sourceRepos, destinations or resource lists, or move the Application to another project",
    }
}

//! What the API server would refuse of an object itself, or drop silently.

super::codes! {
    VERSION_NOT_SERVED = "version-not-served", [Error] {
        title: "a version of its API that the CustomResourceDefinition, or the target Kubernetes, does not serve",
        why: "Kubernetes takes versions of its APIs away over time, and brings new ones. An object \
              in one that is not served is refused, whatever it says. Which Kubernetes is meant is said \
              by --kubernetes-version.",
        example: "policy/v1beta1 PodDisruptionBudget, which went away with Kubernetes 1.25",
        mend: "write the object in a version that is served; fields may have other names there",
    }
}

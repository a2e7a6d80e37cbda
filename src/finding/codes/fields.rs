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
    UNKNOWN_OBJECT_FIELD = "unknown-object-field", [Error] {
        title: "a field that the kind does not have",
        why: "Server-side apply, by which firstlight writes, refuses the object. Argo CD without \
              ServerSideApply=true, and helm, drop the field: the object does something else than it says. Fields of Kubernetes' own kinds are those of the version that --kubernetes-version \
              names, those of custom resources are in the CustomResourceDefinition that the platform \
              ships.",
        example: "spec.template.spec.containers[0].livenesProbe",
        mend: "mend the spelling or the indentation, or drop the field",
    }
    MISSING_OBJECT_FIELD = "missing-object-field", [Error] {
        title: "a field that the kind requires is missing",
        why: "The API server refuses the object.",
        mend: "add the field",
    }
    WRONG_FIELD_TYPE = "wrong-field-type", [Error] {
        title: "a field has a value of another type",
        why: "The API server refuses the object. Mostly quotes are missing or too many: labels, \
              annotations, variables and the data of ConfigMaps are texts, replicas and ports numbers.",
        example: "env: [{name: DEBUG, value: true}]",
        mend: "quote it in the template (`| quote`), or do not (`| int`)",
    }
    INVALID_FIELD_VALUE = "invalid-field-value", [Error] {
        title: "a field has a value that is not allowed: none of its list, out of range, not of its form",
        why: "The API server refuses the object. Rules in CEL are not evaluated.",
        example: "imagePullPolicy: IfNotPresnt; memory: 512MB",
        mend: "the message says what is allowed",
    }
    INVALID_NAME = "invalid-name", [Error] {
        title: "the name of an object has letters that its kind cannot have, or too many",
        why: "Names of most kinds are DNS names: lower-case letters, digits, dashes and dots; those of \
              Services and Namespaces have no dots and at most 63 letters. The API server refuses others. \
              Charts make names of the release's name, so that one that is too long shows in one \
              environment only.",
        mend: "`trunc 63 | trimSuffix \"-\"` in the template, or a shorter name",
    }
    INVALID_LABEL = "invalid-label", [Error] {
        title: "a label or an annotation with a key or a value that cannot be one",
        why: "Values of labels have at most 63 letters, digits, dashes, underscores and dots: no slash, \
              no plus, no colon. The API server refuses others.",
        example: "app.kubernetes.io/version: 1.2.3+build.7",
        mend: "`replace \"+\" \"_\" | trunc 63` in the template, or an annotation instead of a label",
    }
    INVALID_DATA = "invalid-data", [Error] {
        title: "a ConfigMap or Secret with a key that cannot be one, or with more than 1 MiB",
        why: "Keys have letters, digits, dashes, underscores and dots: no slash. The API server refuses others.",
        mend: "rename the key, and give it its path by `items` where it is mounted",
    }
    INVALID_PORT = "invalid-port", [Error] {
        title: "a port out of range, with a name that cannot be one, or without a name among several",
        why: "The API server refuses the object. Names of ports have at most 15 letters.",
        mend: "the message says what is allowed",
    }
    INVALID_PROBE = "invalid-probe", [Error] {
        title: "a probe that asks nothing, two things, or a port that the container does not have",
        why: "The API server refuses a probe without exactly one question. One of an unknown port \
              never succeeds: the pod is restarted for ever, or never becomes ready.",
        mend: "ask one thing, by a number or the name of one of the container's ports",
    }
    INVALID_RESTART_POLICY = "invalid-restart-policy", [Error] {
        title: "a restartPolicy that the workload cannot have",
        why: "Pods of Jobs end, so they need OnFailure or Never; those of Deployments, StatefulSets and \
              DaemonSets are restarted Always. The API server refuses others.",
        mend: "write what the message names",
    }
    INVALID_SCHEDULE = "invalid-schedule", [Error] {
        title: "the schedule of a CronJob that Kubernetes cannot read",
        why: "The API server refuses the CronJob.",
        example: "0 25 * * *",
        mend: "write minute, hour, day of the month, month and day of the week (0 to 6, 0 is Sunday)",
    }
    INVALID_CRD = "invalid-crd", [Error] {
        title: "a CustomResourceDefinition that contradicts itself",
        why: "Its name must be plural and group, and one version must be the one that is stored. The API \
              server refuses others, and every object of the kind with it.",
        mend: "the message says what is expected",
    }
    DUPLICATE_NAME = "duplicate-name", [Error] {
        title: "two containers, volumes, ports or mounts of a pod, or two ports of a Service, that must differ",
        why: "The API server refuses the object, or keeps one of the two.",
        mend: "rename one of them, or drop it",
    }
    REQUEST_OVER_LIMIT = "request-over-limit", [Error] {
        title: "a container requests more than its limit",
        why: "The API server refuses the pods. Mostly an environment sets one of the two, and the other \
              is the chart's.",
        mend: "raise the limit, or lower the request",
    }
    POD_SECURITY_FORBIDS = "pod-security-forbids", [Error] {
        title: "pods that the Pod Security level of their own namespace forbids",
        why: "The API server refuses the pods; their workload stands there with none. Looked at is the \
              label pod-security.kubernetes.io/enforce of namespaces that the platform creates.",
        mend: "change the pods, or label the namespace with a level that lets them be",
    }
}

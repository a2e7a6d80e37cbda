//! What is wrong with images, and what cannot be known of them.

super::codes! {
    INVALID_IMAGE = "invalid-image", [Error, Warning] {
        title: "the name of an image that no container runtime reads, or none at all; warning in custom resources",
        why: "The kubelet cannot pull it: the pod stays in InvalidImageName.",
        example: "image: example/app:{{ .Values.tag }} rendered without a tag: example/app:",
        mend: "write a name such as registry.example.org/app:1.2",
    }
    IMAGE_LATEST = "image-latest", [Warning] {
        title: "no version is named, so `latest` is pulled",
        why: "What is pulled as `latest` changes from day to day and from node to node: two pods of one \
              Deployment may differ, and there is no way back to what ran yesterday.",
        mend: "name a version or a digest",
    }
    IMAGE_LEFT_TO_OPERATOR = "image-left-to-operator", [Info] {
        title: "an operator, or Istio's injector, chooses the image",
        why: "Which image is pulled is built into a program, so that it cannot be listed.",
        mend: "name the image where the custom resource has a field for it",
    }
    IMAGES_UNKNOWN = "images-unknown", [Info] {
        title: "custom resources of a kind that no rule speaks of",
        why: "Whether such an object makes a node pull an image is not known here.",
        mend: "say where images stand in the kind under `images` in firstlight.yaml; `paths: []` where it has none",
    }
}

//! Kustomize: build.

//! Certificate, or an Ingress or Gateway with cert-manager's annotations -> the service that ships
//! the Issuer or `ClusterIssuer`, until it is ready.

use serde_json::Value;

use crate::finding::{Severity, codes};
use crate::graph::Rule;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{PodTemplate, items, pod_template, text};

use super::{Inference, did_you_mean};

const GROUP: &str = "cert-manager.io";

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    let default = default_issuer(platform);
    for owned in platform.objects() {
        let manifest = &owned.object.manifest;
        match owned.object.id.group_kind() {
            (GROUP, "Certificate" | "CertificateRequest") => {
                let group = text(manifest, "/spec/issuerRef/group").unwrap_or(GROUP);
                let kind = text(manifest, "/spec/issuerRef/kind").unwrap_or("Issuer");
                if let (GROUP, Some(name)) = (group, text(manifest, "/spec/issuerRef/name")) {
                    need(platform, owned, (kind, name), "spec.issuerRef", inference);
                }
            }
            ("networking.k8s.io", "Ingress") | ("gateway.networking.k8s.io", "Gateway") => {
                let annotation = |key: &str| {
                    text(
                        manifest,
                        &format!("/metadata/annotations/cert-manager.io~1{key}"),
                    )
                };
                if let Some(name) = annotation("cluster-issuer") {
                    let field = "metadata.annotations[cert-manager.io/cluster-issuer]";
                    need(platform, owned, ("ClusterIssuer", name), field, inference);
                }
                if let Some(name) = annotation("issuer")
                    && annotation("issuer-group").is_none_or(|group| group == GROUP)
                {
                    let kind = annotation("issuer-kind").unwrap_or("Issuer");
                    let field = "metadata.annotations[cert-manager.io/issuer]";
                    need(platform, owned, (kind, name), field, inference);
                }
                if annotation("cluster-issuer")
                    .or(annotation("issuer"))
                    .is_none()
                    && asks_by_default(manifest)
                    && let Some((kind, name)) = &default
                {
                    let field = "metadata.annotations[kubernetes.io/tls-acme]";
                    need(platform, owned, (kind, name), field, inference);
                }
            }
            _ => {}
        }
    }
}

fn asks_by_default(manifest: &Value) -> bool {
    let annotation = "/metadata/annotations/kubernetes.io~1tls-acme";
    text(manifest, annotation) == Some("true")
}

/// Returns kind and name of the issuer that cert-manager takes where an Ingress names none.
fn default_issuer(platform: &Platform<'_>) -> Option<(String, String)> {
    let asks = |owned: &Owned<'_>| asks_by_default(&owned.object.manifest);
    platform.objects().find(asks)?;
    let templates = platform
        .objects()
        .filter_map(|owned| pod_template(&owned.object.id.kind, &owned.object.manifest));
    templates
        .flat_map(PodTemplate::containers)
        .find_map(|container| {
            let value = |name: &str| {
                let mut words = items(container, "args").filter_map(Value::as_str);
                words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
            };
            let kind = value("--default-issuer-kind").unwrap_or("Issuer");
            let name = value("--default-issuer-name")?;
            Some((kind.to_owned(), name.to_owned()))
        })
}

fn need(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    (kind, name): (&str, &str),
    field: &str,
    inference: &mut Inference,
) {
    let namespace = match kind {
        "Issuer" => owned.object.id.namespace.as_deref().unwrap_or_default(),
        _ => "",
    };
    if let Some(issuer) = platform.find((GROUP, kind, namespace, name)).first() {
        let found = Observation::new(Rule::Issuer, owned, *issuer);
        inference.needs.add(found.field(field));
        return;
    }
    if let Some(told) = platform.told_object((GROUP, kind, namespace, name)) {
        let found = Observation::provided(owned, told.service, told.source).field(field);
        inference.needs.add(found.by(format!("{kind} {name}")));
        return;
    }
    let known: Vec<&str> = platform
        .of_kind(GROUP, kind)
        .map(|issuer| issuer.object.id.name.as_str())
        .collect();
    let message = format!(
        "the {kind} {name} is shipped by no service of this environment{}",
        did_you_mean(name, known),
    );
    inference.report(
        platform,
        Severity::Error,
        codes::MISSING_ISSUER,
        owned,
        message,
    );
}

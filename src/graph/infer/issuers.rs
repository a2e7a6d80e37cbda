//! Certificate, or an Ingress or Gateway with cert-manager's annotations -> the service that ships
//! the Issuer or `ClusterIssuer`, until it is ready.

use crate::finding::{Severity, codes};
use crate::graph::Rule;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::text;

use super::{Inference, did_you_mean};

const GROUP: &str = "cert-manager.io";

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
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
            }
            _ => {}
        }
    }
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

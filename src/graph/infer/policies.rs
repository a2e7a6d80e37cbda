//! A binding of an admission policy -> the service that brings the policy, and the one that brings the
//! object with its parameters; a policy -> the service that ships the kind of its parameters. Without
//! the parameters the API server refuses what the policy matches.

use crate::graph::need::Observation;
use crate::graph::platform::Platform;
use crate::graph::{Milestone, Rule};
use crate::render::pod::text;

use super::Inference;

const GROUP: &str = "admissionregistration.k8s.io";

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for kind in ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"] {
        for policy in platform.of_kind(GROUP, kind) {
            if let Some((group, kind)) = parameters(&policy.object.manifest)
                && let Some(defined) = platform.defined(group, kind)
            {
                let found = Observation::new(Rule::Parameters, policy, defined.owner);
                let found = found.field("spec.paramKind");
                inference.needs.add(found.until(Milestone::Established));
            }
        }
        for binding in platform.of_kind(GROUP, &format!("{kind}Binding")) {
            let manifest = &binding.object.manifest;
            let Some(name) = text(manifest, "/spec/policyName") else {
                continue;
            };
            let Some(policy) = platform.find((GROUP, kind, "", name)).first().copied() else {
                continue;
            };
            let found = Observation::new(Rule::Reference, binding, policy).field("spec.policyName");
            inference.needs.add(found.until(Milestone::Applied));
            let named =
                parameters(&policy.object.manifest).zip(text(manifest, "/spec/paramRef/name"));
            let Some(((group, kind), name)) = named else {
                continue;
            };
            let namespace = text(manifest, "/spec/paramRef/namespace").unwrap_or_default();
            if let Some(object) = platform.find((group, kind, namespace, name)).first() {
                let found = Observation::new(Rule::Parameters, binding, *object);
                let found = found.field("spec.paramRef.name");
                inference.needs.add(found.until(Milestone::Applied));
            }
        }
    }
}

fn parameters(policy: &serde_json::Value) -> Option<(&str, &str)> {
    let version = text(policy, "/spec/paramKind/apiVersion")?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    Some((group, text(policy, "/spec/paramKind/kind")?))
}

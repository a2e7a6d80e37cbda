//! What pods cannot start without and another service brings: a Secret, a `ConfigMap`, a
//! `ServiceAccount`, a claim, as an object or as what an operator makes of one.

use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::graph::provided::{Provider, provider};
use crate::graph::{Milestone, Rule};
use crate::render::pod::{PodTemplate, items, pod_template, template_field, text};

use super::Inference;

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        let object = owned.object;
        let Some(template) = pod_template(&object.id.kind, &object.manifest) else {
            continue;
        };
        let namespace = object.id.namespace.as_deref().unwrap_or_default();
        for reference in template.references() {
            let (kind, name) = (reference.kind(), reference.name());
            let what = format!("{kind} {namespace}/{name}");
            let field = template_field(&object.id.kind, "spec");
            if let Provider::Object(provider) = provider(platform, owned, reference) {
                let found = if provider.object.id.kind == kind {
                    Observation::new(Rule::Reference, owned, provider).until(Milestone::Applied)
                } else {
                    Observation::new(Rule::Product, owned, provider).by(what)
                };
                inference.needs.add(found.field(field));
            } else if let Some(told) = platform.told_object(("", kind, namespace, name)) {
                let found = Observation::provided(owned, told.service, told.source);
                inference.needs.add(found.field(field).by(what));
            }
        }
        claims(platform, (owned, template), inference);
    }
}

fn claims(
    platform: &Platform<'_>,
    (owned, template): (Owned<'_>, PodTemplate<'_>),
    inference: &mut Inference,
) {
    let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
    for (index, volume) in items(template.spec, "volumes").enumerate() {
        let Some(name) = text(volume, "/persistentVolumeClaim/claimName") else {
            continue;
        };
        let found = platform.find(("", "PersistentVolumeClaim", namespace, name));
        let own = found.iter().find(|found| found.service == owned.service);
        if let Some(claim) = own.or(found.first()) {
            let field = format!("spec.volumes[{index}].persistentVolumeClaim.claimName");
            let field = template_field(&owned.object.id.kind, &field);
            let found = Observation::new(Rule::Reference, owned, *claim).field(field);
            inference.needs.add(found.until(Milestone::Applied));
        }
    }
}

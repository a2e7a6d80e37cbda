//! What operators do: an object -> the operator that makes something of it (a Secret, a Service), until
//! it is ready; and -> the objects that it names for it, as a `SecretStore` or a Kafka cluster. The kinds
//! and their fields are data: `graph/known.yaml` and `operators` in `firstlight.yaml`.

use crate::definition::OperatorRule;
use crate::graph::evidence::Strength;
use crate::graph::knowledge::{Named, expand};
use crate::graph::need::{Needs, Observation};
use crate::graph::platform::{Owned, Platform};
use crate::graph::{Milestone, Rule};

use super::Inference;

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        for rule in platform.rules.of(owned.object) {
            operator(platform, (owned, rule), &mut inference.needs);
            for needed in &rule.needs {
                let template = needed.name.as_ref().map(ToString::to_string);
                let field = template.unwrap_or_default();
                for named in expand(needed, owned.object) {
                    need(platform, owned, (&named, &field), &mut inference.needs);
                }
            }
        }
    }
}

/// Returns how much depends on the operator of an object: of Secrets and the like it is waited for that
/// they are made, by the service's own readiness and by pods; others only help.
fn strength(made: &[Named]) -> Strength {
    let is_waited_for = |named: &Named| matches!(named.kind.as_str(), "Secret" | "ConfigMap");
    if made.iter().any(is_waited_for) {
        Strength::Readiness
    } else {
        Strength::Soft
    }
}

fn operator(platform: &Platform<'_>, (owned, rule): (Owned<'_>, &OperatorRule), needs: &mut Needs) {
    if rule.makes.is_empty() {
        return;
    }
    let (group, kind) = owned.object.id.group_kind();
    let Some(defined) = platform.defined(group, kind) else {
        return;
    };
    let made: Vec<Named> = rule
        .makes
        .iter()
        .flat_map(|made| expand(made, owned.object))
        .filter(|named| named.name.is_some())
        .collect();
    let Some(first) = made
        .iter()
        .find(|named| named.kind == "Secret")
        .or(made.first())
    else {
        return;
    };
    let told = rule.operator.as_ref();
    let told = told.and_then(|name| platform.index_of(name));
    let (service, rights) = match told {
        Some(service) => (service, None),
        None => platform.operator(defined),
    };
    let found = Observation::new(Rule::SecretOperator, owned, defined.owner)
        .field("kind")
        .by(with_article(&first.kind))
        .strength(strength(&made))
        .answered_by(service);
    needs.add(match rights {
        Some(rights) => found.through(rights.object),
        None => found,
    });
}

fn need(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    (named, field): (&Named, &str),
    needs: &mut Needs,
) {
    let Some(name) = named.name.as_deref() else {
        return;
    };
    let field = field.trim_matches(['{', '}']);
    let is_copy = named.group.is_empty() && named.kind == owned.object.id.kind;
    let rule = match named.kind.as_str() {
        _ if is_copy => Rule::Copy,
        "SecretStore" | "ClusterSecretStore" | "VaultAuth" | "VaultConnection" => Rule::SecretStore,
        _ => Rule::Reference,
    };
    for namespace in [named.namespace.as_str(), ""] {
        let key = (named.group.as_str(), named.kind.as_str(), namespace, name);
        let found = platform.find(key);
        let own = found.iter().find(|found| found.service == owned.service);
        if let Some(found) = own.or(found.first()) {
            // Of what Kubernetes has by itself it is enough that it is there.
            let until = if named.group.is_empty() {
                Milestone::Applied
            } else {
                Milestone::Ready
            };
            needs.add(
                Observation::new(rule, owned, *found)
                    .field(field)
                    .until(until),
            );
            return;
        }
        if let Some(maker) = platform.maker(key, owned.service) {
            let by = format!("{} {}/{name}", named.kind, named.namespace);
            needs.add(
                Observation::new(Rule::Product, owned, maker)
                    .field(field)
                    .by(by),
            );
            return;
        }
        if let Some(told) = platform.told_object(key) {
            let by = format!("{} {name}", named.kind);
            let found = Observation::provided(owned, told.service, told.source);
            needs.add(found.field(field).by(by));
            return;
        }
    }
}

fn with_article(kind: &str) -> String {
    let is_vowel = kind.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {kind}", if is_vowel { "an" } else { "a" })
}

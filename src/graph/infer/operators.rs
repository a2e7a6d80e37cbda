//! What operators do: an object -> the operator that makes something of it (a Secret, a Service), until
//! it is ready; and -> the objects that it names for it, as a SecretStore or a Kafka cluster. The kinds
//! and their fields are data: `graph/known.yaml` and `operators` in `firstlight.yaml`.

use std::collections::BTreeSet;

use crate::definition::OperatorRule;
use crate::graph::evidence::Strength;
use crate::graph::knowledge::{Named, expand};
use crate::graph::need::{Needs, Observation};
use crate::graph::platform::{Owned, Platform};
use crate::graph::{Milestone, Rule};
use crate::render::pod::pod_template;

use super::Inference;

/// Secrets and the like that pods cannot start without: service, kind, namespace and name.
pub(super) type Wanted<'a> = BTreeSet<(usize, &'a str, &'a str, &'a str)>;

pub(super) fn infer(platform: &Platform<'_>, wanted: &Wanted<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        for rule in platform.rules.of(owned.object) {
            operator(platform, wanted, (owned, rule), &mut inference.needs);
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

/// Returns what the pods of each service cannot start without.
pub(super) fn wanted_by_pods<'a>(platform: &Platform<'a>) -> Wanted<'a> {
    let mut wanted = BTreeSet::new();
    for owned in platform.objects() {
        let Some(template) = pod_template(&owned.object.id.kind, &owned.object.manifest) else {
            continue;
        };
        let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
        for reference in template.references() {
            wanted.insert((owned.service, reference.kind(), namespace, reference.name()));
        }
    }
    wanted
}

/// Returns how much depends on the operator of an object: its service cannot become ready where its
/// own pods wait for what the operator makes.
pub(super) fn strength(wanted: &Wanted<'_>, owned: Owned<'_>, made: &[Named]) -> Strength {
    let is_wanted = made.iter().any(|named| {
        let name = named.name.as_deref().unwrap_or_default();
        let namespaces = [named.namespace.as_str()];
        let any = named.namespace == "*";
        namespaces.iter().any(|namespace| {
            wanted
                .iter()
                .any(|(service, kind, wanted_namespace, wanted_name)| {
                    *service == owned.service
                        && *kind == named.kind
                        && *wanted_name == name
                        && (any || wanted_namespace == namespace)
                })
        })
    });
    if is_wanted {
        Strength::Readiness
    } else {
        Strength::Soft
    }
}

fn operator(
    platform: &Platform<'_>,
    wanted: &Wanted<'_>,
    (owned, rule): (Owned<'_>, &OperatorRule),
    needs: &mut Needs,
) {
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
    let (service, role) = match told {
        Some(service) => (service, None),
        None => platform.operator(defined),
    };
    let found = Observation::new(Rule::SecretOperator, owned, defined.owner)
        .field("kind")
        .by(format!("a {}", first.kind))
        .strength(strength(wanted, owned, &made))
        .answered_by(service);
    needs.add(match role {
        Some(role) => found.through(role.object),
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
            let until = match rule {
                Rule::SecretStore => Milestone::Ready,
                _ if named.group.is_empty() => Milestone::Applied,
                _ => Milestone::Ready,
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

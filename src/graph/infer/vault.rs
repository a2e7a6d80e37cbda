//! `VaultSecret` -> its operator, until it is ready: before that no Secret appears, and whatever
//! mounts it cannot start. Where the operator's Vault is a service of this platform too -> that
//! service, until it is ready.

use crate::graph::Rule;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, pod_template, text};

use super::Inference;
use super::addresses::services_named_in;

/// Kinds that an operator turns into Secrets.
pub(in crate::graph) const SECRET_MAKERS: &[(&str, &str)] = &[
    ("ricoberger.de", "VaultSecret"),
    ("external-secrets.io", "ExternalSecret"),
    ("bitnami.com", "SealedSecret"),
];

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        let (group, kind) = owned.object.id.group_kind();
        if !SECRET_MAKERS.contains(&(group, kind)) {
            continue;
        }
        let Some(defined) = platform.defined(group, kind) else {
            continue;
        };
        let operator = defined.owner.service;
        let found = Observation::new(Rule::SecretOperator, owned, defined.owner);
        inference.needs.add(found.field("kind"));
        if let Some((address, vault)) = vault_of(platform, operator) {
            let found = Observation::new(Rule::Vault, owned, vault);
            inference.needs.add(found.through(address.object));
        }
    }
}

/// Returns the workload of the operator that names Vault's address, and the platform's own Service
/// behind that address.
fn vault_of<'a>(platform: &Platform<'a>, operator: usize) -> Option<(Owned<'a>, Owned<'a>)> {
    for object in &platform.services[operator].objects {
        let Some(template) = pod_template(&object.id.kind, &object.manifest) else {
            continue;
        };
        for variable in template
            .containers()
            .flat_map(|container| items(container, "env"))
        {
            let is_address = matches!(
                text(variable, "/name"),
                Some("VAULT_ADDRESS" | "VAULT_ADDR")
            );
            let Some(value) = text(variable, "/value").filter(|_| is_address) else {
                continue;
            };
            if let Some(vault) = services_named_in(platform, value).into_iter().next() {
                return Some((
                    Owned {
                        service: operator,
                        object,
                    },
                    vault,
                ));
            }
        }
    }
    None
}

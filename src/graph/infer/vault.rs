//! What an operator reads from Vault -> the service with that Vault, where it is one of this platform,
//! until it is ready.

use crate::graph::Rule;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, pod_template, text};

use super::Inference;
use super::addresses::services_named_in;

/// Kinds that operators make Secrets of, from what stands in Vault.
const FROM_VAULT: &[(&str, &str)] = &[
    ("ricoberger.de", "VaultSecret"),
    ("external-secrets.io", "ExternalSecret"),
    ("secrets.hashicorp.com", "VaultStaticSecret"),
    ("secrets.hashicorp.com", "VaultDynamicSecret"),
    ("secrets.hashicorp.com", "VaultPKISecret"),
];

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        let (group, kind) = owned.object.id.group_kind();
        if !FROM_VAULT.contains(&(group, kind)) {
            continue;
        }
        let Some(defined) = platform.defined(group, kind) else {
            continue;
        };
        let (operator, _) = platform.operator(defined);
        if let Some((address, vault)) = vault_of(platform, operator) {
            let found = Observation::new(Rule::Vault, owned, vault).through(address.object);
            inference.needs.add(found);
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

//! `RoleBinding` and `ClusterRoleBinding` -> the service that brings a `ServiceAccount` or a role which
//! they name, until it is applied. The API server takes a binding without them too, so such a need
//! never closes a cycle.

use crate::graph::evidence::Strength;
use crate::graph::need::Observation;
use crate::graph::platform::Platform;
use crate::graph::{Milestone, Rule};
use crate::render::pod::{items, text};

use super::Inference;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        let object = owned.object;
        let (GROUP, "RoleBinding" | "ClusterRoleBinding") = object.id.group_kind() else {
            continue;
        };
        let own_namespace = object.id.namespace.as_deref().unwrap_or_default();
        for (index, subject) in items(&object.manifest, "subjects").enumerate() {
            let (Some("ServiceAccount"), Some(name)) =
                (text(subject, "/kind"), text(subject, "/name"))
            else {
                continue;
            };
            let namespace = text(subject, "/namespace").unwrap_or(own_namespace);
            let found = platform.find(("", "ServiceAccount", namespace, name));
            let own = found.iter().find(|found| found.service == owned.service);
            if let Some(account) = own.or(found.first()) {
                let found = Observation::new(Rule::Subject, owned, *account);
                let found = found.field(format!("subjects[{index}]"));
                inference.needs.add(found.until(Milestone::Applied));
            }
        }
        let role = (
            text(&object.manifest, "/roleRef/kind"),
            text(&object.manifest, "/roleRef/name"),
        );
        if let (Some(kind), Some(name)) = role {
            let namespace = if kind == "Role" { own_namespace } else { "" };
            let found = platform.find((GROUP, kind, namespace, name));
            let own = found.iter().find(|found| found.service == owned.service);
            if let Some(role) = own.or(found.first()) {
                let found = Observation::new(Rule::Reference, owned, *role).field("roleRef.name");
                let found = found.until(Milestone::Applied).strength(Strength::Soft);
                inference.needs.add(found);
            }
        }
    }
}

//! The order of the output: takes resources, gives them by kind (what others need first) unless
//! the kustomization asks for the order of reading, never drops one.

use crate::definition::Order;
use crate::id::Id;
use crate::set::ResourceSet;

/// Kinds that come first, in this order.
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come last, in this order.
const LAST: [&str; 2] = [
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Returns where the customary order has a kind; kinds that it does not name are in the middle.
pub(crate) fn rank(kind: &str) -> usize {
    let position = |list: &[&str]| list.iter().position(|other| *other == kind);
    match (position(&LAST), position(&FIRST)) {
        (Some(at), _) => FIRST.len() + 1 + at,
        (None, Some(at)) => at,
        (None, None) => FIRST.len(),
    }
}

/// Puts resources in order.
pub(crate) fn sort(set: &mut ResourceSet, order: &Order) {
    let Order::ByKind(lists) = order else { return };
    let (first, last) = lists.clone().unwrap_or_else(|| {
        (
            FIRST.map(str::to_owned).to_vec(),
            LAST.map(str::to_owned).to_vec(),
        )
    });
    let rank = |kind: &str| {
        let position = |list: &[String]| list.iter().position(|other| other == kind);
        // Later lists overrule earlier ones.
        match (position(&last), position(&first)) {
            (Some(at), _) => (2, at),
            (None, Some(at)) => (0, at),
            (None, None) => (1, 0),
        }
    };
    set.items.sort_by_cached_key(|resource| {
        let id = resource.id();
        (rank(&id.gvk.kind), kind_text(&id), identity_text(&id))
    });
}

fn or<'t>(text: &'t str, other: &'t str) -> &'t str {
    if text.is_empty() { other } else { text }
}

/// Group, version and kind; what is absent comes late.
fn kind_text(id: &Id) -> String {
    let gvk = &id.gvk;
    format!(
        "{}_{}_{}",
        or(&gvk.group, "~G"),
        or(&gvk.version, "~V"),
        or(&gvk.kind, "~K")
    )
}

/// Kind, namespace and name; what is absent comes late.
fn identity_text(id: &Id) -> String {
    format!(
        "{}|{}|{}",
        id.gvk,
        or(&id.namespace, "~X"),
        or(&id.name, "~N")
    )
}

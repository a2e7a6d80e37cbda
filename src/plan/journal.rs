//! Where it is recorded which hooks ran: takes a service and a hook, gives the ConfigMap and the
//! key in it, never reads or writes them.

use crate::render::{Object, ObjectId, Phase};

/// Returns the ConfigMap that records a service's hooks. It lives in the service's namespace and
/// goes with it.
pub fn journal_id(service: &str, namespace: &str) -> ObjectId {
    ObjectId {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: Some(namespace.to_owned()),
        name: format!("firstlight-hooks-{service}"),
    }
}

/// Returns the key of a hook in it. One object may be a hook in several phases.
pub fn journal_key(hook: &Object) -> String {
    let phase = match hook.phase {
        Phase::PreSync => "presync",
        Phase::Sync => "sync",
        Phase::PostSync => "postsync",
    };
    // Keys take letters, digits, `-`, `_` and `.`; names of RBAC objects take more.
    let name: String = format!("{phase}.{}.{}", hook.id.kind, hook.id.name)
        .chars()
        .map(|it| {
            if it.is_ascii_alphanumeric() || "-_.".contains(it) {
                it
            } else {
                '_'
            }
        })
        .collect();
    name
}

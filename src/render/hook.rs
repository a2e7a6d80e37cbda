//! Which part of a synchronisation an object belongs to: takes its annotations, gives phases, wave
//! and delete policies as Argo CD reads them, never orders anything.
//!
//! Two facts that surprise: an object whose only hook types are unknown to Argo CD (a Helm test,
//! `pre-rollback`) is never applied; `helm.sh/hook: crd-install` is not a hook at all.

use serde_json::Value;

use super::object::{HookDeletePolicy, Phase};

const ARGO_HOOK: &str = "argocd.argoproj.io/hook";
const ARGO_DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
const ARGO_WAVE: &str = "argocd.argoproj.io/sync-wave";
const HELM_HOOK: &str = "helm.sh/hook";
const HELM_DELETE_POLICY: &str = "helm.sh/hook-delete-policy";
const HELM_WEIGHT: &str = "helm.sh/hook-weight";

/// Where one manifest stands in its Application's synchronisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placement {
    /// The phases that it takes part in; none where Argo CD never applies it.
    pub(super) phases: Vec<Phase>,
    /// True where it is a hook.
    pub(super) hook: bool,
    /// When the hook is deleted; empty for ordinary objects.
    pub(super) delete_policies: Vec<HookDeletePolicy>,
    /// The sync wave.
    pub(super) sync_wave: i32,
}

/// Returns where a manifest stands.
pub(super) fn place(manifest: &Value) -> Placement {
    let sync_wave = number(manifest, ARGO_WAVE).or_else(|| number(manifest, HELM_WEIGHT));
    let mut placement = Placement {
        phases: vec![Phase::Sync],
        hook: false,
        delete_policies: Vec::new(),
        sync_wave: sync_wave.unwrap_or(0),
    };
    let argo = annotation(manifest, ARGO_HOOK);
    let helm = annotation(manifest, HELM_HOOK).filter(|value| *value != "crd-install");
    if argo.is_none() && helm.is_none() {
        return placement;
    }
    let known: Vec<&str> = list(argo)
        .filter(|name| matches!(*name, "PreSync" | "Sync" | "PostSync" | "SyncFail" | "Skip"))
        .collect();
    if known.iter().all(|name| *name == "Skip") && !known.is_empty() {
        placement.phases.clear();
        return placement;
    }
    placement.hook = true;
    placement.delete_policies = delete_policies(manifest);
    placement.phases = if known.is_empty() {
        list(helm).filter_map(helm_phase).collect()
    } else {
        known.into_iter().filter_map(argo_phase).collect()
    };
    placement.phases.sort_unstable();
    placement.phases.dedup();
    placement
}

fn argo_phase(name: &str) -> Option<Phase> {
    match name {
        "PreSync" => Some(Phase::PreSync),
        "Sync" => Some(Phase::Sync),
        "PostSync" => Some(Phase::PostSync),
        _ => None,
    }
}

fn helm_phase(name: &str) -> Option<Phase> {
    match name {
        "pre-install" | "pre-upgrade" => Some(Phase::PreSync),
        "post-install" | "post-upgrade" => Some(Phase::PostSync),
        _ => None,
    }
}

fn delete_policies(manifest: &Value) -> Vec<HookDeletePolicy> {
    let argo = list(annotation(manifest, ARGO_DELETE_POLICY)).filter_map(|name| match name {
        "BeforeHookCreation" => Some(HookDeletePolicy::BeforeHookCreation),
        "HookSucceeded" => Some(HookDeletePolicy::HookSucceeded),
        "HookFailed" => Some(HookDeletePolicy::HookFailed),
        _ => None,
    });
    let helm = list(annotation(manifest, HELM_DELETE_POLICY)).filter_map(|name| match name {
        "before-hook-creation" => Some(HookDeletePolicy::BeforeHookCreation),
        "hook-succeeded" => Some(HookDeletePolicy::HookSucceeded),
        "hook-failed" => Some(HookDeletePolicy::HookFailed),
        _ => None,
    });
    let mut policies: Vec<HookDeletePolicy> = argo.chain(helm).collect();
    policies.sort_unstable();
    policies.dedup();
    if policies.is_empty() {
        policies.push(HookDeletePolicy::BeforeHookCreation);
    }
    policies
}

fn annotation<'a>(manifest: &'a Value, key: &str) -> Option<&'a str> {
    manifest
        .get("metadata")?
        .get("annotations")?
        .get(key)?
        .as_str()
}

fn number(manifest: &Value, key: &str) -> Option<i32> {
    annotation(manifest, key)?.parse().ok()
}

fn list(value: Option<&str>) -> impl Iterator<Item = &str> {
    value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn placed(annotations: &Value) -> Placement {
        place(&json!({"kind": "Job", "metadata": {"name": "job", "annotations": annotations}}))
    }

    #[test]
    fn an_ordinary_object_is_synced_in_its_wave() {
        let placement = placed(&json!({"argocd.argoproj.io/sync-wave": "-3"}));
        assert_eq!(placement.phases, [Phase::Sync]);
        assert!(!placement.hook && placement.delete_policies.is_empty());
        assert_eq!(placement.sync_wave, -3);
    }

    #[test]
    fn helm_hooks_are_mapped_with_weight_and_policies() {
        let placement = placed(&json!({
            "helm.sh/hook": "pre-install,pre-upgrade",
            "helm.sh/hook-weight": "5",
            "helm.sh/hook-delete-policy": "hook-succeeded, before-hook-creation",
        }));
        assert_eq!(placement.phases, [Phase::PreSync]);
        assert_eq!(placement.sync_wave, 5);
        assert_eq!(
            placement.delete_policies,
            [
                HookDeletePolicy::BeforeHookCreation,
                HookDeletePolicy::HookSucceeded
            ]
        );
    }

    #[test]
    fn argo_hooks_win_over_helm_hooks() {
        let placement = placed(&json!({
            "argocd.argoproj.io/hook": "PreSync,PostSync",
            "helm.sh/hook": "post-install",
        }));
        assert_eq!(placement.phases, [Phase::PreSync, Phase::PostSync]);
        assert_eq!(
            placement.delete_policies,
            [HookDeletePolicy::BeforeHookCreation]
        );
    }

    #[test]
    fn tests_skips_and_failure_hooks_are_never_applied() {
        assert!(placed(&json!({"helm.sh/hook": "test"})).phases.is_empty());
        assert!(
            placed(&json!({"helm.sh/hook": "pre-rollback"}))
                .phases
                .is_empty()
        );
        assert!(
            placed(&json!({"argocd.argoproj.io/hook": "Skip"}))
                .phases
                .is_empty()
        );
        assert!(
            placed(&json!({"argocd.argoproj.io/hook": "SyncFail"}))
                .phases
                .is_empty()
        );
    }

    #[test]
    fn crd_install_is_no_hook() {
        let placement = placed(&json!({"helm.sh/hook": "crd-install"}));
        assert!(!placement.hook);
        assert_eq!(placement.phases, [Phase::Sync]);
    }
}

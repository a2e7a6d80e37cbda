//! The deadlock of a first installation: a hook that needs something which the same service brings
//! only after the hook. It never shows on a cluster where an earlier version left the object behind.

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform};
use crate::graph::provided::{Provider, provider};
use crate::render::Phase;
use crate::render::pod::{PodTemplate, items, pod_template, text};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects().filter(|owned| owned.object.hook) {
        findings.extend(namespace(platform, owned));
        let Some(template) = pod_template(&owned.object.id.kind, &owned.object.manifest) else {
            continue;
        };
        for reference in template.references() {
            if let Provider::Object(provider) = provider(platform, owned, reference)
                && is_later(provider, owned)
            {
                let needed = Needed {
                    kind: reference.kind(),
                    name: reference.name(),
                    provider,
                };
                findings.push(deadlock(platform, owned, &needed));
            }
        }
        findings.extend(claims(platform, owned, template));
        findings.extend(permissions(platform, owned, template));
    }
    findings
}

/// What a hook needs, and who brings it.
struct Needed<'n, 'a> {
    kind: &'n str,
    name: &'n str,
    provider: Owned<'a>,
}

/// Returns when an object is written: a hook ends before the next wave begins.
fn step(owned: Owned<'_>) -> (Phase, i32) {
    (owned.object.phase, owned.object.sync_wave)
}

fn is_later(provider: Owned<'_>, hook: Owned<'_>) -> bool {
    provider.service == hook.service && step(provider) > step(hook)
}

fn claims(platform: &Platform<'_>, hook: Owned<'_>, template: PodTemplate<'_>) -> Vec<Finding> {
    let namespace = hook.object.id.namespace.as_deref().unwrap_or_default();
    let names = items(template.spec, "volumes")
        .filter_map(|volume| text(volume, "/persistentVolumeClaim/claimName"));
    names
        .filter_map(|name| {
            let kind = "PersistentVolumeClaim";
            let provider = *platform.find(("", kind, namespace, name)).first()?;
            let needed = Needed {
                kind,
                name,
                provider,
            };
            is_later(provider, hook).then(|| deadlock(platform, hook, &needed))
        })
        .collect()
}

/// Looks for the hook's own namespace: nothing can be written before it is there.
fn namespace(platform: &Platform<'_>, hook: Owned<'_>) -> Option<Finding> {
    let name = hook.object.id.namespace.as_deref()?;
    let creators = platform.namespace(name);
    // One that is not this service's, or is there before it, is no matter of hooks.
    let all_later = creators.iter().all(|creator| {
        let implied = &platform.services[creator.service].implied_namespace;
        let is_implied = implied
            .as_ref()
            .is_some_and(|one| std::ptr::eq(one, creator.object));
        !is_implied && is_later(*creator, hook)
    });
    let needed = Needed {
        kind: "Namespace",
        name,
        provider: *creators.first().filter(|_| all_later)?,
    };
    Some(deadlock(platform, hook, &needed))
}

/// Looks for bindings of the hook's ServiceAccount that come only after it, where none comes before:
/// a ServiceAccount that is made for the hook is there to have permissions.
fn permissions(
    platform: &Platform<'_>,
    hook: Owned<'_>,
    template: PodTemplate<'_>,
) -> Option<Finding> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let account = text(template.spec, "/serviceAccountName")?;
    let namespace = hook.object.id.namespace.as_deref().unwrap_or_default();
    let own = platform
        .find(("", "ServiceAccount", namespace, account))
        .first()?;
    if own.service != hook.service || is_later(*own, hook) {
        return None;
    }
    let is_bound = |binding: &Owned<'_>| {
        items(&binding.object.manifest, "subjects").any(|subject| {
            text(subject, "/kind") == Some("ServiceAccount")
                && text(subject, "/name") == Some(account)
                && text(subject, "/namespace").unwrap_or(namespace) == namespace
        })
    };
    let bindings: Vec<Owned<'_>> = ["RoleBinding", "ClusterRoleBinding"]
        .into_iter()
        .flat_map(|kind| platform.of_kind(GROUP, kind))
        .filter(is_bound)
        .collect();
    let first = *bindings.first()?;
    if !bindings.iter().all(|binding| is_later(*binding, hook)) {
        return lacks_role(platform, hook, &bindings);
    }
    let needed = Needed {
        kind: &first.object.id.kind,
        name: &first.object.id.name,
        provider: first,
    };
    Some(deadlock(platform, hook, &needed))
}

/// Looks for roles that come only after a hook whose binding comes before it.
fn lacks_role(platform: &Platform<'_>, hook: Owned<'_>, bindings: &[Owned<'_>]) -> Option<Finding> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    bindings.iter().find_map(|binding| {
        let manifest = &binding.object.manifest;
        let (kind, name) = (
            text(manifest, "/roleRef/kind")?,
            text(manifest, "/roleRef/name")?,
        );
        let namespace = match kind {
            "Role" => binding.object.id.namespace.as_deref()?,
            _ => "",
        };
        let provider = *platform.find((GROUP, kind, namespace, name)).first()?;
        let needed = Needed {
            kind,
            name,
            provider,
        };
        (!is_later(*binding, hook) && is_later(provider, hook))
            .then(|| deadlock(platform, hook, &needed))
    })
}

fn deadlock(platform: &Platform<'_>, hook: Owned<'_>, needed: &Needed<'_, '_>) -> Finding {
    let provider = needed.provider;
    let through = if provider.object.id.kind == needed.kind {
        String::new()
    } else {
        format!(" from {}", provider.object.id)
    };
    let message = format!(
        "{} runs in {} and needs the {} {}{through}, which comes only after it ({}): on an empty \
         cluster the hook can never end; make {} a hook of an earlier wave, or run the hook in Sync \
         with a later wave",
        hook.object.id,
        phase_name(hook.object.phase),
        needed.kind,
        needed.name,
        provider.object.source,
        provider.object.id,
    );
    about(
        platform,
        Severity::Error,
        codes::HOOK_NEEDS_LATER_OBJECT,
        hook,
        message,
    )
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::PreSync => "PreSync",
        Phase::Sync => "Sync",
        Phase::PostSync => "PostSync",
    }
}

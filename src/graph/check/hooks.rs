//! The deadlock of a first installation: a hook that needs a `ServiceAccount`, `ConfigMap` or Secret
//! which the same service brings only after the hook. It never shows on a cluster where an earlier
//! version left the object behind.

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform};
use crate::graph::provided::{Provider, provider};
use crate::render::Phase;
use crate::render::pod::{Reference, pod_template};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects().filter(|owned| owned.object.hook) {
        let Some(template) = pod_template(&owned.object.id.kind, &owned.object.manifest) else {
            continue;
        };
        for reference in template.references() {
            if let Provider::Object(provider) = provider(platform, owned, reference)
                && provider.service == owned.service
                && step(provider) > step(owned)
            {
                findings.push(deadlock(platform, owned, provider, reference));
            }
        }
    }
    findings
}

/// Returns when an object is written: a hook ends before the next wave begins.
fn step(owned: Owned<'_>) -> (Phase, i32) {
    (owned.object.phase, owned.object.sync_wave)
}

fn deadlock(
    platform: &Platform<'_>,
    hook: Owned<'_>,
    provider: Owned<'_>,
    reference: Reference<'_>,
) -> Finding {
    let through = if provider.object.id.kind == reference.kind() {
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
        reference.kind(),
        reference.name(),
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

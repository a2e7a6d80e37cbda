//! Admission webhooks that refuse what their own answer depends on, or that nobody answers.

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::{Webhook, about, webhooks};
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, text};

use super::workload::{Workloads, equality_selects};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let workloads = Workloads::new(platform);
    let mut findings = Vec::new();
    for webhook in webhooks(platform) {
        let owned = webhook.configuration;
        let Some(reference) = webhook.manifest.pointer("/clientConfig/service") else {
            continue;
        };
        let (Some(namespace), Some(name)) =
            (text(reference, "/namespace"), text(reference, "/name"))
        else {
            continue;
        };
        match platform.find(("", "Service", namespace, name)).first() {
            Some(service) => findings.extend(blocked(platform, &workloads, &webhook, *service)),
            None if !platform.namespace(namespace).is_empty() => {
                let message = format!(
                    "{} is answered by the Service {namespace}/{name}, which nobody brings: \
                     everything that {} matches is refused",
                    owned.object.id, webhook.name
                );
                let code = codes::SERVICE_NOT_FOUND;
                findings.push(about(platform, Severity::Error, code, owned, message));
            }
            None => {}
        }
    }
    findings
}

/// Looks for pods that answer a webhook, and that it must admit itself.
fn blocked(
    platform: &Platform<'_>,
    workloads: &Workloads<'_>,
    webhook: &Webhook<'_>,
    service: Owned<'_>,
) -> Option<Finding> {
    // What conditions in CEL decide is not known.
    if items(webhook.manifest, "matchConditions").next().is_some() {
        return None;
    }
    let selector = service
        .object
        .manifest
        .pointer("/spec/selector")
        .filter(|one| one.as_object().is_some_and(|selector| !selector.is_empty()))?;
    let namespace = service.object.id.namespace.as_deref().unwrap_or_default();
    let pods = workloads.of(namespace).iter().find(|pods| {
        equality_selects(selector, &pods.labels)
            && webhook.matches_pods(platform, pods.owned, &pods.labels)
    })?;
    let owned = webhook.configuration;
    let message = format!(
        "{} of {} must admit every pod of {} ({}), which is the one that answers it: once none is \
         left, none can be made",
        webhook.name, owned.object.id, pods.owned.object.id, pods.owned.object.source
    );
    let code = codes::WEBHOOK_BLOCKS_ITSELF;
    Some(about(platform, Severity::Error, code, owned, message))
}

//! Object in a namespace -> the service that creates the namespace, until it is applied.

use crate::finding::{Severity, codes};
use crate::graph::need::Observation;
use crate::graph::platform::Platform;
use crate::graph::{Milestone, Rule};

use super::{Inference, did_you_mean};

/// Namespaces that every cluster has.
const PRESENT: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    let all: Vec<&str> = platform
        .services
        .iter()
        .flat_map(|service| service.objects.iter().chain(&service.implied_namespace))
        .filter(|object| object.id.group_kind() == ("", "Namespace"))
        .map(|object| object.id.name.as_str())
        .chain(PRESENT.iter().copied())
        .collect();
    for owned in platform.objects() {
        let Some(namespace) = owned.object.id.namespace.as_deref() else {
            continue;
        };
        let creators = platform.namespace(namespace);
        if PRESENT.contains(&namespace)
            || creators
                .iter()
                .any(|creator| creator.service == owned.service)
        {
            continue;
        }
        if let Some(creator) = creators.first() {
            let found = Observation::new(Rule::Namespace, owned, *creator);
            let found = found.field("metadata.namespace").until(Milestone::Applied);
            inference.needs.add(found);
        } else {
            let message = format!(
                "the namespace {namespace} is created by no service of this environment{}",
                did_you_mean(namespace, all.iter().copied()),
            );
            inference.report(
                platform,
                Severity::Error,
                codes::MISSING_NAMESPACE,
                owned,
                message,
            );
        }
    }
}

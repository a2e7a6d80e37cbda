//! `HorizontalPodAutoscaler` -> the service that registers the metrics API which it asks, until it is
//! ready. It only scales when that answers, so such a need never closes a cycle.

use std::collections::BTreeMap;

use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::graph::{Milestone, Rule};
use crate::render::pod::{items, text};

use super::Inference;

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    let registered = registered(platform);
    if registered.is_empty() {
        return;
    }
    for owned in platform.of_kind("autoscaling", "HorizontalPodAutoscaler") {
        let spec = owned.object.manifest.get("spec");
        let metrics: Vec<_> = spec
            .into_iter()
            .flat_map(|spec| items(spec, "metrics"))
            .collect();
        // Without metrics the processor is meant.
        let mut asked = vec![("spec.metrics".to_owned(), "metrics.k8s.io")];
        if !metrics.is_empty() {
            let one = |(index, metric)| {
                let group = match text(metric, "/type")? {
                    "Pods" | "Object" => "custom.metrics.k8s.io",
                    "External" => "external.metrics.k8s.io",
                    _ => "metrics.k8s.io",
                };
                Some((format!("spec.metrics[{index}]"), group))
            };
            asked = metrics.into_iter().enumerate().filter_map(one).collect();
        }
        for (field, group) in asked {
            if let Some(service) = registered.get(group) {
                let found = Observation::new(Rule::ApiService, owned, *service).field(field);
                inference.needs.add(found.by(group).until(Milestone::Ready));
            }
        }
    }
}

/// Returns the registered API groups.
pub(super) fn registered<'a>(platform: &Platform<'a>) -> BTreeMap<&'a str, Owned<'a>> {
    let mut groups = BTreeMap::new();
    for service in platform.of_kind("apiregistration.k8s.io", "APIService") {
        let manifest = &service.object.manifest;
        // Without a service the API server itself answers.
        if let (Some(group), Some(_)) = (
            text(manifest, "/spec/group"),
            text(manifest, "/spec/service/name"),
        ) {
            groups.entry(group).or_insert(service);
        }
    }
    groups
}

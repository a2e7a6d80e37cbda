//! One object in two services, or twice in one: both would write it, and Argo CD would let the two
//! Applications take it from each other for ever.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::need::described;
use crate::graph::platform::{Owned, Platform};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut owners: BTreeMap<_, Vec<Owned<'_>>> = BTreeMap::new();
    for owned in platform.objects() {
        let id = &owned.object.id;
        // One hook can run in several phases: that is the same object on purpose.
        let phase = owned.object.hook.then_some(owned.object.phase);
        let key = (id.group(), &id.kind, &id.namespace, &id.name, phase);
        owners.entry(key).or_default().push(owned);
    }
    let mut findings = Vec::new();
    for owners in owners.values() {
        let first = owners[0];
        for again in &owners[1..] {
            let (severity, where_) = if again.service == first.service {
                (Severity::Warning, "the same service")
            } else {
                (
                    Severity::Error,
                    platform.services[first.service].name.as_str(),
                )
            };
            let message = format!(
                "{} is also in {where_} ({}): keep one of them",
                described(again.object),
                first.object.source
            );
            findings.push(about(
                platform,
                severity,
                codes::DUPLICATE_OBJECT,
                *again,
                message,
            ));
        }
    }
    findings
}

//! The sync waves of Applications against the order that the needs give: Argo CD knows no other order
//! when it synchronises the whole platform at once.

use std::collections::BTreeSet;

use crate::finding::{Finding, Severity, codes};
use crate::graph::need::Need;
use crate::graph::platform::Platform;

pub(in crate::graph) fn check(platform: &Platform<'_>, needs: &[Need]) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for need in needs.iter().filter(|need| !need.is_soft()) {
        let (from, to) = (&platform.services[need.from], &platform.services[need.to]);
        let (Some(own), Some(other)) = (from.sync_wave, to.sync_wave) else {
            continue;
        };
        if own > other || !told.insert((need.from, need.to)) {
            continue;
        }
        findings.push(Finding {
            severity: Severity::Warning,
            code: codes::WAVE_TOO_EARLY,
            service: Some(from.name.clone()),
            object: None,
            message: format!(
                "{} is in sync wave {own} and {} in {other}, but {}: give {} a wave after {other}, \
                 or Argo CD starts both at once when it synchronises the whole platform",
                from.name,
                to.name,
                need.sentence(platform.services),
                from.name,
            ),
            mend: None,
            source: Some(from.source.clone()),
        });
    }
    findings
}

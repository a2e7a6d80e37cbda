//! What would go wrong inside and between services: takes the indexed platform, gives findings,
//! never adds an edge. One check, one file.

mod budgets;
mod claims;
mod definitions;
mod duplicates;
mod fields;
mod hooks;
mod keys;
mod names;
mod pods;
mod rbac;
mod references;
mod routes;
mod schedules;
mod security;
mod services;
mod webhooks;
mod workload;

use crate::finding::Finding;
use crate::render::RenderedService;

use super::knowledge::Knowledge;
use super::platform::Platform;

/// What the platform is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The minor version of Kubernetes: 34 for 1.34.
    pub minor: u32,
}

/// Applies the checks of what services need of each other.
pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = duplicates::check(platform);
    findings.extend(references::check(platform));
    findings.extend(hooks::check(platform));
    findings
}

/// Returns what a Kubernetes of the target's version would refuse of the services of an environment,
/// and what refers to nothing.
pub fn check_objects(
    services: &[RenderedService],
    knowledge: &Knowledge<'_>,
    target: Target,
) -> Vec<Finding> {
    let platform = Platform::new(services, knowledge);
    let mut findings = fields::check(&platform, target);
    findings.extend(names::check(&platform, target));
    for check in [
        definitions::check,
        pods::check,
        schedules::check,
        security::check,
        services::check,
        routes::check,
        budgets::check,
        claims::check,
        keys::check,
        rbac::check,
        webhooks::check,
    ] {
        findings.extend(check(&platform));
    }
    findings
}

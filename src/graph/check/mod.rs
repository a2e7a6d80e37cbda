//! What would go wrong inside and between services: takes the indexed platform, gives findings,
//! never adds an edge. One check, one file.

mod duplicates;
mod hooks;
mod references;
mod waves;

use crate::finding::Finding;

use super::platform::Platform;

pub(super) use waves::check as check_waves;

/// Applies every check.
pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = duplicates::check(platform);
    findings.extend(references::check(platform));
    findings.extend(hooks::check(platform));
    findings
}

//! What would go wrong inside and between services: takes the indexed platform, gives findings,
//! never adds an edge. One check, one file.

mod duplicates;
mod hooks;
mod references;

use crate::finding::Finding;

use super::platform::Platform;

/// Applies every check.
pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = duplicates::check(platform);
    findings.extend(references::check(platform));
    findings.extend(hooks::check(platform));
    findings
}

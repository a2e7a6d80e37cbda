//! Services that cannot be planned, as findings: takes what is wrong with them, gives one finding for
//! each thing, never decides whether the rest goes on.

use std::collections::BTreeMap;

use crate::catalog::{Catalogue, INVALID_SERVICE, UNREACHABLE_SOURCE, Why};
use crate::finding::{Finding, Severity};
use crate::problem::Problem;

/// Returns what keeps services from being planned: Applications that are wrong, sources that cannot
/// be had, and those whose rendering failed.
pub(super) fn findings(
    catalogue: &Catalogue,
    unrendered: &BTreeMap<String, Vec<Problem>>,
) -> Vec<Finding> {
    let refused = catalogue.refused.iter().flat_map(|(name, refusal)| {
        let code = match refusal.why {
            Why::Application => INVALID_SERVICE,
            Why::Repository | Why::Chart => UNREACHABLE_SOURCE,
        };
        let of = move |problem| finding(code, name, problem);
        refusal.problems.iter().map(of)
    });
    let unrendered = unrendered.iter().flat_map(|(name, problems)| {
        let of = move |problem| finding(INVALID_SERVICE, name, problem);
        problems.iter().map(of)
    });
    refused.chain(unrendered).collect()
}

fn finding(code: &'static str, service: &str, problem: &Problem) -> Finding {
    let message = &problem.message;
    Finding {
        severity: Severity::Error,
        code,
        service: Some(service.to_owned()),
        object: None,
        message: match (&problem.label, &problem.help) {
            (Some(label), _) => format!("{message}: {label}"),
            (None, Some(help)) => format!("{message}; {help}"),
            (None, None) => message.clone(),
        },
        source: problem.source.clone(),
    }
}

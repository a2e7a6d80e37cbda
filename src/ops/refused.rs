//! Services that cannot be planned, as findings: takes what is wrong with them, gives one finding for
//! each thing, and lets no other finding accuse a service that may only lack them; never decides
//! whether the rest goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Catalogue, SETS, Why};
use crate::finding::{Code, Finding, Severity, codes};
use crate::problem::Problem;
use crate::render::RenderedService;

/// What is found where something is nowhere to be seen.
const ABSENCES: &[Code] = &[
    codes::MISSING_CRD,
    codes::MISSING_NAMESPACE,
    codes::MISSING_CLASS,
    codes::MISSING_ISSUER,
    codes::MISSING_SERVICE_ACCOUNT,
    codes::MISSING_PROJECT,
    codes::SECRET_NOT_PRODUCED,
    codes::CONFIG_MAP_NOT_PRODUCED,
    codes::CLAIM_NOT_PRODUCED,
    codes::ROLE_NOT_FOUND,
    codes::SERVICE_NOT_FOUND,
    codes::SUBJECT_NOT_FOUND,
];

/// Returns what keeps services from being planned: Applications that are wrong, sources that cannot
/// be had, and those whose rendering failed.
pub(super) fn findings(
    catalogue: &Catalogue,
    unrendered: &BTreeMap<String, Vec<Problem>>,
) -> Vec<Finding> {
    let refused = catalogue.refused.iter().flat_map(|(name, refusal)| {
        let code = match refusal.why {
            Why::Application => codes::INVALID_SERVICE,
            Why::Repository | Why::Chart => codes::UNREACHABLE_SOURCE,
        };
        let of = move |problem| finding(code, name, problem);
        refusal.problems.iter().map(of)
    });
    let unrendered = unrendered.iter().flat_map(|(name, problems)| {
        let of = move |problem| finding(codes::INVALID_SERVICE, name, problem);
        problems.iter().map(of)
    });
    refused.chain(unrendered).collect()
}

fn finding(code: Code, service: &str, problem: &Problem) -> Finding {
    let message = match &problem.label {
        Some(label) => format!("{}: {label}", problem.message),
        None => problem.message.clone(),
    };
    let service = (service != SETS).then(|| service.to_owned());
    Finding {
        service,
        mend: problem.help.clone(),
        source: problem.source.clone(),
        ..Finding::new(Severity::Error, code, message)
    }
}

/// Takes dependencies on services out that cannot be planned: that they are not here is told of them.
pub(super) fn without_dependencies_on(
    services: &mut [RenderedService],
    refused: &BTreeSet<String>,
) {
    for service in services {
        let depends_on = &mut service.depends_on;
        depends_on.retain(|dependency| !refused.contains(&dependency.service));
    }
}

/// Says of what is nowhere to be seen that a service which could not be rendered may bring it.
pub(super) fn soften(findings: &mut [Finding]) {
    const REMARK: &str = "; a service that could not be rendered may bring it";
    for finding in findings {
        if ABSENCES.contains(&finding.code) && !finding.message.ends_with(REMARK) {
            finding.severity = Severity::Info;
            finding.message.push_str(REMARK);
        }
    }
}

//! What is found out once an environment's graph is made: takes its services and what the repository
//! says of findings, adds the findings of the objects themselves, sets aside what is suppressed;
//! never renders.

use crate::catalog::Catalogue;
use crate::definition::Suppression;
use crate::finding::{Finding, Severity, Suppressed, codes};
use crate::graph::{self, Graph, Knowledge, Target};
use crate::render::RenderedService;

use super::plan::Request;

/// Completes the findings of an environment.
pub(super) fn complete(
    request: &Request<'_>,
    catalogue: &Catalogue,
    services: &[RenderedService],
    knowledge: &Knowledge<'_>,
    graph: &mut Graph,
) {
    let target = Target {
        minor: minor(request.kubernetes_version),
    };
    graph.add_findings(graph::check_objects(services, knowledge, target));
    let secrets =
        super::secrets::findings(request.repository, request.environment, catalogue, services);
    graph.add_findings(secrets);
    let rules = &catalogue.environment.supplement.suppressions;
    suppress(graph, rules, request.environment);
}

/// Sets aside what somebody lives with, and tells rules for this environment that match nothing.
fn suppress(graph: &mut Graph, rules: &[Suppression], environment: &str) {
    if rules.is_empty() {
        return;
    }
    let mut kept = Vec::new();
    for finding in std::mem::take(&mut graph.findings) {
        let found = rules
            .iter()
            .find(|rule| rule.is_for(environment) && is_meant(rule, &finding));
        match found {
            Some(rule) => graph.suppressed.push(Suppressed {
                finding,
                reason: rule.reason.clone(),
                rule: rule.source.clone(),
            }),
            None => kept.push(finding),
        }
    }
    let named = rules
        .iter()
        .filter(|rule| rule.environments.iter().any(|one| one == environment));
    for rule in named {
        if !graph.suppressed.iter().any(|one| one.rule == rule.source) {
            kept.push(unused(rule, &format!("in {environment}")));
        }
    }
    graph.findings = Vec::new();
    graph.add_findings(kept);
}

/// Returns the finding about a rule that matches nothing.
pub(super) fn unused(rule: &Suppression, where_: &str) -> Finding {
    let what = [
        rule.service
            .as_ref()
            .map(|service| format!(" of the service {service}")),
        rule.object
            .as_ref()
            .map(|object| format!(" about {object}")),
    ];
    let what: String = what.into_iter().flatten().collect();
    let message = format!(
        "nothing with the code {}{what} is found {where_}",
        rule.code
    );
    Finding::new(Severity::Warning, codes::UNUSED_SUPPRESSION, message).at(rule.source.clone())
}

fn is_meant(rule: &Suppression, finding: &Finding) -> bool {
    rule.code == finding.code
        && rule
            .service
            .as_ref()
            .is_none_or(|service| finding.service.as_ref() == Some(service))
        && rule.object.as_ref().is_none_or(|wanted| {
            finding.object.as_ref().is_some_and(|object| {
                *wanted == object.to_string()
                    || *wanted == format!("{} {}", object.kind, object.name)
            })
        })
}

/// Returns the minor version of a version of Kubernetes.
fn minor(version: &str) -> u32 {
    let mut parts = version.trim_start_matches('v').split('.');
    let _major = parts.next();
    let digits = parts.next().unwrap_or_default();
    let end = digits
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(34)
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn the_minor_version_is_read() {
        assert_eq!(minor("1.34.0"), 34);
        assert_eq!(minor("v1.28.3-gke.100"), 28);
        assert_eq!(minor("1.30+"), 30);
    }
}

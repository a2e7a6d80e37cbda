//! Findings of one or many environments: takes what each of them has, gives every finding once with
//! the environments that it holds for, never evaluates an environment.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::definition::Suppression;
use crate::finding::{Finding, Severity, Suppressed};

use super::findings::unused;
use super::plan::Evaluated;

/// What was found in one environment.
#[derive(Debug, Clone)]
pub struct EnvironmentFindings {
    /// Its name.
    pub environment: String,
    /// How many services were looked at.
    pub services: usize,
    /// How many objects they have.
    pub objects: usize,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was found and somebody lives with.
    pub suppressed: Vec<Suppressed>,
    /// The rules by which findings are suppressed.
    pub rules: Vec<Suppression>,
    /// Whether the environment could not be evaluated at all.
    pub has_failed: bool,
}

impl EnvironmentFindings {
    /// Takes what is needed of an evaluated environment.
    pub fn of(environment: &str, evaluated: Evaluated) -> Self {
        let objects = evaluated.services.iter().map(|service| {
            service.objects.len() + usize::from(service.implied_namespace.is_some())
        });
        Self {
            environment: environment.to_owned(),
            services: evaluated.services.len(),
            objects: objects.sum(),
            findings: evaluated.graph.findings,
            suppressed: evaluated.graph.suppressed,
            rules: evaluated.catalogue.environment.supplement.suppressions,
            has_failed: false,
        }
    }

    /// Returns an environment that could not be evaluated, with what keeps it from being.
    pub fn failed(environment: &str, findings: Vec<Finding>) -> Self {
        Self {
            environment: environment.to_owned(),
            services: 0,
            objects: 0,
            findings,
            suppressed: Vec::new(),
            rules: Vec::new(),
            has_failed: true,
        }
    }
}

/// One environment that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Looked {
    /// Its name.
    pub name: String,
    /// How many services were looked at.
    pub services: usize,
    /// How many objects they have.
    pub objects: usize,
    /// Whether it could not be evaluated at all.
    pub failed: bool,
}

/// Something found, with the environments that it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found<F> {
    /// What was found.
    #[serde(flatten)]
    pub finding: F,
    /// The environments, by name.
    pub environments: Vec<String>,
}

/// What was found in several environments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Linted {
    /// The environments.
    pub environments: Vec<Looked>,
    /// Every finding once, the worst first.
    pub findings: Vec<Found<Finding>>,
    /// Every finding that somebody lives with, once.
    pub suppressed: Vec<Found<Suppressed>>,
}

impl Linted {
    /// Returns whether an environment could not be evaluated.
    pub fn has_failed(&self) -> bool {
        self.environments
            .iter()
            .any(|environment| environment.failed)
    }

    /// Returns whether there is an error among the findings.
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|found| found.finding.severity == Severity::Error)
    }
}

/// Tells what holds for several environments once.
///
/// `is_all` is whether these are all environments of the repository: only then a suppression that
/// matches nothing in them matches nothing at all.
pub fn merged(environments: Vec<EnvironmentFindings>, is_all: bool) -> Linted {
    let mut looked = Vec::new();
    let mut findings: Vec<Found<Finding>> = Vec::new();
    let mut suppressed: Vec<Found<Suppressed>> = Vec::new();
    let mut seen = BTreeMap::new();
    let mut seen_suppressed = BTreeMap::new();
    let mut rules: Vec<Suppression> = Vec::new();
    for environment in environments {
        let name = environment.environment;
        for finding in environment.findings {
            add(&mut findings, &mut seen, key(&finding), finding, &name);
        }
        for one in environment.suppressed {
            let key = (key(&one.finding), one.rule.clone());
            add(&mut suppressed, &mut seen_suppressed, key, one, &name);
        }
        for rule in environment.rules {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        looked.push(Looked {
            name,
            services: environment.services,
            objects: environment.objects,
            failed: environment.has_failed,
        });
    }
    let is_known = |name: &String| looked.iter().any(|environment| environment.name == *name);
    for rule in rules.iter().filter(|_| is_all) {
        // Those of a known environment have been told by it.
        if rule.environments.iter().any(is_known)
            || suppressed.iter().any(|one| one.finding.rule == rule.source)
        {
            continue;
        }
        let where_ = if rule.environments.is_empty() {
            "in any environment".to_owned()
        } else {
            format!(
                "in {}, which is no environment of the repository",
                rule.environments.join(", ")
            )
        };
        findings.push(Found {
            finding: unused(rule, &where_),
            environments: Vec::new(),
        });
    }
    findings.sort_by(|left, right| order(&left.finding).cmp(&order(&right.finding)));
    Linted {
        environments: looked,
        findings,
        suppressed,
    }
}

/// Adds a finding, or the environment to an equal one.
fn add<F, K: Ord>(
    all: &mut Vec<Found<F>>,
    seen: &mut BTreeMap<K, usize>,
    key: K,
    finding: F,
    environment: &str,
) {
    let index = *seen.entry(key).or_insert(all.len());
    if index == all.len() {
        all.push(Found {
            finding,
            environments: Vec::new(),
        });
    }
    let names = &mut all[index].environments;
    if names.last().is_none_or(|last| last != environment) {
        names.push(environment.to_owned());
    }
}

/// Returns what makes two findings the same.
fn key(finding: &Finding) -> impl Ord + use<> {
    (
        finding.severity,
        finding.code,
        finding.service.clone(),
        finding.object.clone(),
        finding.message.clone(),
        finding.source.clone(),
    )
}

/// Returns by what findings are sorted: the worst first, then by service, code and place.
fn order(finding: &Finding) -> impl Ord + use<'_> {
    (
        finding.severity,
        &finding.service,
        finding.code,
        &finding.source,
        &finding.object,
        &finding.message,
    )
}

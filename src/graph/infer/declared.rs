//! `dependsOn`: the service that is named, until it is ready.

use std::collections::BTreeSet;

use crate::finding::{Finding, Severity, codes};
use crate::graph::Rule;
use crate::graph::need::Observation;
use crate::graph::platform::Platform;

use super::{Inference, did_you_mean};

pub(super) fn infer(platform: &Platform<'_>, known: &BTreeSet<String>, inference: &mut Inference) {
    for (from, service) in platform.services.iter().enumerate() {
        for dependency in &service.depends_on {
            let target = &dependency.service;
            let position = platform.index_of(target);
            if let Some(to) = position.filter(|to| *to != from) {
                let source = &dependency.source;
                let declared = Observation::written(Rule::Declared, from, to, source);
                inference.needs.add(declared);
                continue;
            }
            let (code, message) = if position.is_some() {
                (
                    codes::CYCLE,
                    format!("{} is declared to depend on itself", service.name),
                )
            } else if known.contains(target) {
                (
                    codes::DEPENDENCY_NOT_ENABLED,
                    format!(
                        "{} depends on {target}, which is not enabled in this environment: enable \
                         {target}, or drop the dependency",
                        service.name
                    ),
                )
            } else {
                (
                    codes::UNKNOWN_DEPENDENCY,
                    format!(
                        "{} depends on {target}, which is no service of this repository{}",
                        service.name,
                        did_you_mean(target, known.iter().map(String::as_str)),
                    ),
                )
            };
            inference.findings.push(
                Finding::new(Severity::Error, code, message)
                    .of(&service.name)
                    .at(dependency.source.clone()),
            );
        }
    }
}

//! `requires` in `firstlight.yaml`: what a service needs that no manifest shows, and the service that
//! brings it.

use crate::definition::Thing;
use crate::finding::{Finding, Severity, codes};
use crate::graph::evidence::Party;
use crate::graph::knowledge::Knowledge;
use crate::graph::need::Observation;
use crate::graph::platform::Platform;
use crate::graph::{Milestone, Rule};

use super::addresses::services_named_in;
use super::{Inference, did_you_mean};

pub(super) fn infer(platform: &Platform<'_>, knowledge: &Knowledge<'_>, inference: &mut Inference) {
    let all = platform
        .rules
        .provides
        .iter()
        .chain(&platform.rules.requires);
    for rule in all.filter(|rule| !knowledge.names.contains(&rule.service)) {
        let names = knowledge.names.iter().map(String::as_str);
        let hint = did_you_mean(&rule.service, names);
        // Without a name near it, it may be a service that only other environments know.
        if hint.is_empty() {
            continue;
        }
        let message = format!(
            "{} names {}, which is no service of this repository{hint}",
            crate::definition::SUPPLEMENT,
            rule.service,
        );
        let finding = Finding::new(Severity::Error, codes::UNKNOWN_DEPENDENCY, message);
        inference.findings.push(finding.at(rule.source.clone()));
    }
    for rule in &platform.rules.requires {
        let Some(from) = platform.index_of(&rule.service) else {
            continue;
        };
        let written = |to| Observation::written(Rule::Required, from, to, &rule.source);
        let written = |to| written(to).by(rule.what.to_string());
        let Some((to, party, until)) = provider(platform, &rule.what, from) else {
            let message = format!(
                "{} requires {}, which no service of this environment brings: it has to be there \
                 beforehand, or say under `provides` who brings it",
                rule.service, rule.what
            );
            let finding = Finding::new(Severity::Warning, codes::REQUIREMENT_NOT_PROVIDED, message);
            let finding = finding.of(&rule.service).at(rule.source.clone());
            inference.findings.push(finding);
            continue;
        };
        inference.needs.add(written(to).needed(party).until(until));
    }
}

/// Returns the service that brings a thing, what it is there, and how far the service must have come.
fn provider(
    platform: &Platform<'_>,
    what: &Thing,
    from: usize,
) -> Option<(usize, Party, Milestone)> {
    let told = |told: crate::graph::platform::Told<'_>| {
        (
            told.service,
            Party::line(told.source.clone()),
            Milestone::Ready,
        )
    };
    match what {
        Thing::Kind { api_group, kind } => {
            if let Some(found) = platform.told_kind(api_group, kind) {
                return Some(told(found));
            }
            let mut kinds = platform.defined_kinds();
            let (group, kind) = kinds.find(|(group, one)| {
                group == api_group && (one == kind || kind == crate::definition::EVERY_KIND)
            })?;
            let owner = platform.defined(group, kind)?.owner;
            Some((owner.service, owner.object.into(), Milestone::Established))
        }
        Thing::Object {
            api_group,
            kind,
            namespace,
            name,
        } => {
            let namespace = namespace.as_deref().unwrap_or_default();
            let key = (api_group.as_str(), kind.as_str(), namespace, name.as_str());
            if let Some(found) = platform.told_object(key) {
                return Some(told(found));
            }
            if let Some(found) = platform.find(key).first() {
                return Some((found.service, found.object.into(), Milestone::Applied));
            }
            let maker = platform.maker(key, from)?;
            Some((maker.service, maker.object.into(), Milestone::Ready))
        }
        Thing::Address(host) => {
            let found = platform.told(|thing| thing == what).map(told);
            found.or_else(|| {
                let found = services_named_in(platform, host).into_iter().next()?;
                Some((found.service, found.object.into(), Milestone::Ready))
            })
        }
    }
}

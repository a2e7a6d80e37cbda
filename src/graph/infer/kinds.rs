//! Custom resource -> the service that ships its CustomResourceDefinition, until it is established;
//! until that service is ready where a webhook converts the objects, where it answers for the kind
//! itself (`APIService`), or where it brings the kind only while it runs.

use crate::finding::{Severity, codes};
use crate::graph::evidence::Strength;
use crate::graph::need::{Observation, described};
use crate::graph::platform::{Owned, Platform};
use crate::graph::{Milestone, Rule};
use crate::render::{builtin_kind, is_builtin_group};
use crate::schema::kubernetes;

use super::metrics::registered;
use super::{Inference, did_you_mean};

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    let registered = registered(platform);
    for owned in platform.objects() {
        let (group, kind) = owned.object.id.group_kind();
        // Which versions of its own kinds a Kubernetes serves is a matter of `check::fields`.
        if builtin_kind(group, kind).is_some() || kubernetes::knows(group, kind) {
            continue;
        }
        if let Some(defined) = platform.defined(group, kind) {
            let (until, rule) = if defined.converted {
                (Milestone::Ready, Rule::ConvertedKind)
            } else {
                (Milestone::Established, Rule::Kind)
            };
            let found = Observation::new(rule, owned, defined.owner).field("kind");
            inference.needs.add(found.until(until));
            let version = version_of(owned);
            if !defined.served.contains(&version) {
                let message = format!(
                    "{} has the version {version}, but {} serves only {}",
                    owned.object.id,
                    described(defined.owner.object),
                    defined.served.join(", "),
                );
                not_served(platform, owned, message, inference);
            }
        } else if let Some(service) = registered.get(group) {
            // Behind an aggregated API there is a program, not a definition.
            let found = Observation::new(Rule::Kind, owned, *service).field("kind");
            inference.needs.add(found);
        } else if let Some(maker) = platform.maker_of_kind(group, kind) {
            let found = Observation::new(Rule::Product, owned, maker).field("kind");
            let found = found.by(format!("the kind {kind}"));
            inference.needs.add(found.strength(Strength::Admission));
        } else if let Some(told) = platform.told_kind(group, kind) {
            let found = Observation::provided(owned, told.service, told.source).field("kind");
            let found = found.by(format!("the kind {kind}"));
            inference.needs.add(found.strength(Strength::Admission));
        } else {
            report_missing(platform, owned, inference);
        }
    }
}

fn not_served(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    message: String,
    inference: &mut Inference,
) {
    let code = codes::VERSION_NOT_SERVED;
    inference.report(platform, Severity::Error, code, owned, message);
}

fn version_of(owned: Owned<'_>) -> &str {
    let api_version = &owned.object.id.api_version;
    api_version
        .split_once('/')
        .map_or(api_version.as_str(), |(_, version)| version)
}

fn report_missing(platform: &Platform<'_>, owned: Owned<'_>, inference: &mut Inference) {
    let (group, kind) = owned.object.id.group_kind();
    let kinds: Vec<&str> = crate::render::BUILTIN_KINDS
        .iter()
        .map(|builtin| (builtin.group, builtin.kind))
        .chain(platform.defined_kinds())
        .filter(|(other, _)| *other == group)
        .map(|(_, kind)| kind)
        .collect();
    let whose = if is_builtin_group(group) {
        format!(
            "Kubernetes has no kind {kind} in {}",
            owned.object.id.api_version
        )
    } else {
        format!(
            "no service of this environment ships a CustomResourceDefinition for {kind} in {group}"
        )
    };
    let message = format!("{whose}{}", did_you_mean(kind, kinds));
    inference.report(
        platform,
        Severity::Error,
        codes::MISSING_CRD,
        owned,
        message,
    );
}

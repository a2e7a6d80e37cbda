//! Kinds, versions and fields that the API server would not take: of Kubernetes' own kinds by its
//! version, of custom resources by the schemas of the definitions that the platform ships.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, text};
use crate::schema::kubernetes::{Served, metadata_violations, served, violations};
use crate::schema::structural::Checker;
use crate::schema::{Fault, Violation};

use super::Target;

pub(super) fn check(platform: &Platform<'_>, target: Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut checker = Checker::default();
    for owned in platform.objects() {
        let (group, kind) = owned.object.id.group_kind();
        let manifest = &owned.object.manifest;
        if let Some(defined) = platform.defined(group, kind) {
            let mut found = metadata_violations(manifest, target.minor);
            if let Some(schema) = schema_of(&defined.owner.object.manifest, version_of(owned)) {
                found.extend(checker.violations(schema, manifest));
            }
            findings.extend(told(platform, owned, &found));
            continue;
        }
        let api_version = &owned.object.id.api_version;
        match served(api_version, kind, target.minor) {
            Served::Never => {}
            Served::Yes => {
                let found = violations(api_version, kind, target.minor, manifest);
                findings.extend(told(platform, owned, &found));
            }
            answer => findings.push(not_served(platform, owned, &answer, target)),
        }
    }
    findings
}

fn version_of(owned: Owned<'_>) -> &str {
    let api_version = &owned.object.id.api_version;
    let version = api_version.split_once('/');
    version.map_or(api_version.as_str(), |(_, version)| version)
}

/// Returns the schema of one version of a definition.
fn schema_of<'a>(definition: &'a Value, version: &str) -> Option<&'a Value> {
    let spec = definition.get("spec")?;
    let found = items(spec, "versions").find(|one| text(one, "/name") == Some(version))?;
    found.pointer("/schema/openAPIV3Schema")
}

/// Returns a finding for each kind of fault: an object whose template is wrong has many at once.
fn told(platform: &Platform<'_>, owned: Owned<'_>, violations: &[Violation]) -> Vec<Finding> {
    let codes = [
        (Fault::Unknown, codes::UNKNOWN_OBJECT_FIELD),
        (Fault::Missing, codes::MISSING_OBJECT_FIELD),
        (Fault::Type, codes::WRONG_FIELD_TYPE),
        (Fault::Value, codes::INVALID_FIELD_VALUE),
    ];
    let mut findings = Vec::new();
    for (fault, code) in codes {
        let mut of = violations.iter().filter(|one| one.fault == fault);
        let Some(first) = of.next() else {
            continue;
        };
        let others: Vec<&str> = of.map(|one| one.field.as_str()).collect();
        let more = match others.as_slice() {
            [] => String::new(),
            others => format!("; likewise {}", others.join(", ")),
        };
        let message = format!(
            "{}: {} {}{more}",
            owned.object.id, first.field, first.message
        );
        findings.push(about(platform, Severity::Error, code, owned, message));
    }
    findings
}

fn not_served(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    answer: &Served,
    target: Target,
) -> Finding {
    let id = &owned.object.id;
    let minor = target.minor;
    let (severity, message, mend) = match answer {
        Served::No {
            from,
            until,
            instead,
        } => {
            let why = match (from, until) {
                (Some(from), _) => format!("; it comes with 1.{from}"),
                (_, Some(until)) => format!("; it went away with 1.{until}"),
                _ => String::new(),
            };
            (
                Severity::Error,
                format!(
                    "{id} is in {}, which Kubernetes 1.{minor} does not serve for {}{why}",
                    id.api_version, id.kind
                ),
                (!instead.is_empty()).then(|| format!("use {}", instead.join(" or "))),
            )
        }
        _ => (
            Severity::Warning,
            format!(
                "{id} is in {}, which Kubernetes 1.{minor} serves only where its API server is told to",
                id.api_version
            ),
            Some(
                "set --runtime-config of the API server, or use a version that is served by itself"
                    .to_owned(),
            ),
        ),
    };
    let finding = about(
        platform,
        severity,
        codes::VERSION_NOT_SERVED,
        owned,
        message,
    );
    Finding { mend, ..finding }
}

//! What pods cannot start without and nobody brings: a `ServiceAccount` (an error: the pod is never
//! made), a `ConfigMap` or a Secret (a warning: a program may make it while it runs).

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::Platform;
use crate::render::pod::{Reference, pod_template};

use super::super::provided::{Provider, provider};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects() {
        let Some(template) = pod_template(&owned.object.id.kind, &owned.object.manifest) else {
            continue;
        };
        for reference in template.references() {
            if provider(platform, owned, reference) != Provider::Nobody {
                continue;
            }
            let (severity, code) = match reference {
                Reference::ServiceAccount(_) => (Severity::Error, codes::MISSING_SERVICE_ACCOUNT),
                Reference::ConfigMap(_) => (Severity::Warning, codes::CONFIG_MAP_NOT_PRODUCED),
                Reference::Secret(_) => (Severity::Warning, codes::SECRET_NOT_PRODUCED),
            };
            let message = format!(
                "{} needs the {} {}, which nothing in this environment brings: it has to be there \
                 beforehand",
                owned.object.id,
                reference.kind(),
                reference.name(),
            );
            findings.push(about(platform, severity, code, owned, message));
        }
    }
    findings
}

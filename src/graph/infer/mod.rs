//! What services need of each other without saying so: takes the indexed platform, gives needs and
//! the findings about what nobody provides, never orders services. One rule, one file.

mod addresses;
mod classes;
mod declared;
mod issuers;
mod kinds;
mod metrics;
mod namespaces;
mod operators;
mod policies;
mod references;
mod required;
mod subjects;
mod vault;
mod webhooks;

pub(super) use webhooks::{Webhook, webhooks};

use crate::finding::{Code, Finding, Severity};

use super::knowledge::Knowledge;
use super::need::Needs;
use super::platform::{Owned, Platform};

/// What the rules found.
#[derive(Debug, Default)]
pub(super) struct Inference {
    pub(super) needs: Needs,
    pub(super) findings: Vec<Finding>,
}

/// Applies every rule.
pub(super) fn infer(platform: &Platform<'_>, knowledge: &Knowledge<'_>) -> Inference {
    let mut inference = Inference::default();
    declared::infer(platform, knowledge.names, &mut inference);
    required::infer(platform, knowledge, &mut inference);
    kinds::infer(platform, &mut inference);
    namespaces::infer(platform, &mut inference);
    classes::infer(platform, &mut inference);
    issuers::infer(platform, &mut inference);
    operators::infer(platform, &mut inference);
    vault::infer(platform, &mut inference);
    references::infer(platform, &mut inference);
    webhooks::infer(platform, &mut inference);
    policies::infer(platform, &mut inference);
    subjects::infer(platform, &mut inference);
    metrics::infer(platform, &mut inference);
    addresses::infer(platform, &mut inference);
    inference
}

impl Inference {
    /// Adds a finding about an object.
    fn report(
        &mut self,
        platform: &Platform<'_>,
        severity: Severity,
        code: Code,
        owned: Owned<'_>,
        message: String,
    ) {
        self.findings
            .push(about(platform, severity, code, owned, message));
    }
}

/// Returns a finding about an object.
pub(super) fn about(
    platform: &Platform<'_>,
    severity: Severity,
    code: Code,
    owned: Owned<'_>,
    message: String,
) -> Finding {
    Finding::new(severity, code, message)
        .of(&platform.services[owned.service].name)
        .about(&owned.object.id)
        .at(owned.object.source.clone())
}

/// Returns ", did you mean `x`?" where one of the names is near, else nothing.
pub(super) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    crate::suggest::nearest(name, known).map_or_else(String::new, |nearest| {
        format!("; did you mean `{nearest}`?")
    })
}

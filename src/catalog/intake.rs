//! Manifests of a root or of a service that yields Applications: takes them, sorts them into the
//! catalogue, and refuses what goes in circles; never renders and never fetches.

use crate::definition::{Clusters, Environment, Repository};
use crate::finding::{Finding, Severity, codes};
use crate::problem::Problem;

use super::application::Interpreter;
use super::applicationset::{Surroundings, expanded};
use super::checkouts::Checkouts;
use super::load::{Catalogue, SETS, Why};
use super::manifest::Manifest;
use super::project::IN_CLUSTER;
use super::root::{Role, role};

/// So many Applications may stand below each other.
const DEEPEST: usize = 8;

/// An Application or an `ApplicationSet` that waits for files of other repositories.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pending {
    pub(super) manifest: Manifest,
    /// The service that renders it; nothing for the root.
    pub(super) parent: Option<String>,
    /// Objects of that service that an `ApplicationSet` may ask for.
    pub(super) beside: Vec<Manifest>,
}

/// Where manifests come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intake<'i> {
    pub(super) repository: &'i Repository,
    pub(super) checkouts: &'i Checkouts,
    /// The service that renders them; nothing for the root.
    pub(super) parent: Option<&'i str>,
}

impl Intake<'_> {
    /// Sorts manifests into a catalogue. `beside` are objects of the parent that stay its own.
    pub(super) fn take_in(
        self,
        catalogue: &mut Catalogue,
        manifests: Vec<Manifest>,
        beside: &[Manifest],
    ) {
        let (mut applications, mut sets) = (Vec::new(), Vec::new());
        for manifest in manifests {
            match role(&manifest) {
                Role::Application => applications.push(manifest),
                Role::ApplicationSet => sets.push(manifest),
                Role::Project => catalogue.projects.push(manifest),
                Role::Other => catalogue.others.push(manifest),
            }
        }
        for set in &sets {
            self.expand(catalogue, set, beside);
        }
        // Argo CD gets the sets themselves, too.
        catalogue.others.append(&mut sets);
        for manifest in applications {
            self.interpret(catalogue, manifest);
        }
        catalogue
            .services
            .sort_by(|left, right| left.name.cmp(&right.name));
    }

    /// Adds the services that an `ApplicationSet` makes. One whose generators read files of other
    /// repositories waits for these.
    pub(super) fn expand(self, catalogue: &mut Catalogue, set: &Manifest, beside: &[Manifest]) {
        let around: Vec<Manifest> = catalogue.others.iter().chain(beside).cloned().collect();
        let made = expanded(
            std::slice::from_ref(set),
            &Surroundings {
                repository: self.repository,
                environment: &catalogue.environment,
                checkouts: self.checkouts,
                projects: &catalogue.projects,
                others: &around,
            },
        );
        if !made.git_needs.is_empty() {
            for (request, source) in made.git_needs {
                catalogue.git_needs.entry(request).or_insert(source);
            }
            catalogue.pending.push(Pending {
                manifest: set.clone(),
                parent: self.parent.map(str::to_owned),
                beside: beside.to_vec(),
            });
            return;
        }
        catalogue.findings.extend(made.findings);
        if !made.problems.is_empty() {
            catalogue.refuse(SETS.to_owned(), Why::Application, made.problems);
        }
        for manifest in made.applications {
            self.interpret(catalogue, manifest);
        }
    }

    /// Adds the service of an Application to a catalogue, or says why there is none.
    pub(super) fn interpret(self, catalogue: &mut Catalogue, manifest: Manifest) {
        let name = manifest.name().to_owned();
        // One that keeps itself is there already.
        if self.parent == Some(name.as_str()) {
            return;
        }
        if let Some(problem) = self.circle(catalogue, &manifest) {
            let holder = self.parent.map_or(name, str::to_owned);
            catalogue.refuse(holder, Why::Application, vec![problem]);
            return;
        }
        if let Some(finding) = elsewhere(&catalogue.environment, &manifest) {
            catalogue.findings.push(finding);
            return;
        }
        let environment = catalogue.environment.clone();
        let mut interpreter = Interpreter::new(self.repository, &environment, self.checkouts);
        let service = interpreter.service(&manifest);
        catalogue.findings.append(&mut interpreter.findings);
        let is_waiting = service.is_none() && interpreter.problems.is_empty();
        let why = if interpreter.is_unreachable {
            Why::Repository
        } else {
            Why::Application
        };
        for (request, source) in interpreter.git_needs {
            catalogue.git_needs.entry(request).or_insert(source);
        }
        if !interpreter.problems.is_empty() {
            catalogue.refuse(name, why, interpreter.problems);
            return;
        }
        if is_waiting {
            self.note(catalogue, &manifest);
            let parent = self.parent.map(str::to_owned);
            let beside = Vec::new();
            catalogue.pending.push(Pending {
                manifest,
                parent,
                beside,
            });
            return;
        }
        let Some(service) = service else { return };
        if catalogue.services.iter().any(|one| one.name == name) {
            let message = format!("there are two Applications {name}");
            let problem = Problem::new(message).at(service.source);
            catalogue.refuse(name, Why::Application, vec![problem]);
        } else if !catalogue.refused.contains_key(&name) {
            self.note(catalogue, &manifest);
            catalogue.services.push(service);
        }
    }

    fn note(self, catalogue: &mut Catalogue, manifest: &Manifest) {
        if let Some(parent) = self.parent {
            catalogue.note_parent(manifest, parent);
        }
    }

    /// Returns what is wrong where an Application renders one that it is rendered by, or too many
    /// stand below each other.
    fn circle(self, catalogue: &Catalogue, manifest: &Manifest) -> Option<Problem> {
        let name = manifest.name();
        let mut way = vec![name.to_owned()];
        let mut above = self.parent.map(str::to_owned);
        while let Some(one) = above {
            let is_again = one == name;
            way.push(one);
            if is_again || way.len() > DEEPEST {
                let ways = way.join(" is rendered by ");
                let message = if is_again {
                    format!("Applications go in a circle: {ways}")
                } else {
                    format!("more than {DEEPEST} Applications below each other: {ways}")
                };
                return Some(Problem::new(message).at(manifest.source.clone()));
            }
            let key = format!("Application/{}", way[way.len() - 1]);
            above = catalogue.parents.get(&key).cloned();
        }
        None
    }
}

/// Returns what there is to say of an Application that goes to a cluster of somebody else.
fn elsewhere(environment: &Environment, manifest: &Manifest) -> Option<Finding> {
    let text = |key: &str| {
        let text = manifest.value.pointer(&format!("/spec/destination/{key}"));
        text.and_then(serde_json::Value::as_str).unwrap_or_default()
    };
    let (server, name) = (text("server").trim_end_matches('/'), text("name"));
    let is_own = match server {
        "" => name == IN_CLUSTER.1,
        server => server == IN_CLUSTER.0,
    };
    let is_meant = match &environment.clusters {
        Clusters::Own => is_own,
        Clusters::All => true,
        Clusters::Named(names) => {
            let is_called = |one: &String| {
                let one = one.trim_end_matches('/');
                one == server || one == name
            };
            is_own || names.iter().any(is_called)
        }
    };
    if is_meant {
        return None;
    }
    let whose = match (server, name) {
        ("", "") => "no cluster at all".to_owned(),
        ("", name) => format!("the cluster {name}"),
        (server, _) => format!("the cluster at {}", super::fetch::git::shown(server)),
    };
    let name = manifest.name();
    let message =
        format!("{name} goes to {whose}, and not to that of this environment: it is left out");
    let finding = Finding::new(Severity::Info, codes::OTHER_CLUSTER, message);
    Some(finding.of(name).at(manifest.source.clone()))
}

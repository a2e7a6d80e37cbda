//! definition -> catalogue: takes an environment and a way to render its roots, gives the services with
//! their sources and what the handover needs, never renders by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{Definition, Environment, LayoutKind, Repository};
use crate::finding::{Finding, Severity, codes};
use crate::problem::Problem;

use super::application::Interpreter;
use super::bases::{BaseNeeds, Bases};
use super::charts::{Charts, Needs};
use super::checkouts::{Checkouts, GitNeeds, logins};
use super::error::CatalogError;
use super::fetch::ChartRequest;
use super::fetch::git::{RepositoryLogins, same_repository, shown};
use super::intake::{Intake, Pending};
use super::manifest::Manifest;
use super::root::{
    Role, RootApplication, UNKNOWN_URL, asks_for_its_repository, own_repository, role, roots,
};
use super::service::{HelmOptions, Renderer, Service};
use super::standing;

/// What an environment runs, and how Argo CD will be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The environment.
    pub environment: Environment,
    /// Its services, sorted by name.
    pub services: Vec<Service>,
    /// The Applications that are no services because of what is wrong with them, by name.
    pub refused: BTreeMap<String, Refusal>,
    /// The parent of all Applications, as it renders itself.
    pub root: Manifest,
    /// The AppProjects.
    pub projects: Vec<Manifest>,
    /// Other objects of the root.
    pub others: Vec<Manifest>,
    /// Which service renders an Application, an `ApplicationSet` or a project, by `KIND/NAME`;
    /// those that are not here are the root's.
    pub parents: BTreeMap<String, String>,
    /// The charts that services have from elsewhere, as far as they were fetched.
    pub charts: Charts,
    /// What kustomizations have from elsewhere, as far as it was fetched.
    pub bases: Bases,
    /// The revisions that Applications name and that were not among those given. The services of
    /// these Applications are missing until [`Self::resume`] is called with them.
    pub git_needs: GitNeeds,
    /// What was found out about `ApplicationSet`s, destinations and the repository itself.
    pub findings: Vec<Finding>,
    /// The Applications that wait for files of other repositories.
    pub(super) pending: Vec<Pending>,
}

/// What stands for the `ApplicationSet`s among the refused: they are no Applications.
pub const SETS: &str = "ApplicationSets";

/// Why an Application is no service.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What kind of thing is wrong.
    pub why: Why,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// What kind of thing is wrong with an Application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The repository that it is rendered from cannot be had.
    Repository,
    /// It cannot be meant as it is written.
    Application,
    /// A chart that it is rendered from cannot be had.
    Chart,
}

/// Renders a root: the manifests of a service that is not one of the catalogue.
pub type RenderRoot<'r> = dyn Fn(&Service) -> Result<Vec<Manifest>, Problem> + 'r;

/// What a catalogue is read from.
#[derive(Clone, Copy)]
pub struct Loading<'l> {
    /// The repository.
    pub repository: &'l Repository,
    /// The environment.
    pub definition: &'l Definition,
    /// The files of other repositories and revisions.
    pub checkouts: &'l Checkouts,
    /// How a root is rendered.
    pub render: &'l RenderRoot<'l>,
}

impl std::fmt::Debug for Loading<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Loading")
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}

impl Catalogue {
    /// Returns what has to be fetched before all services can be rendered. Services that need what
    /// cannot be had become refusals.
    pub fn needs(&mut self, repository: &Repository) -> Needs {
        let (mut needs, refused) = self.charts.needs(repository, &self.services);
        for (name, why, problem) in refused {
            self.refuse(name, why, vec![problem]);
        }
        // A kustomization may name charts, which bring all that they depend on.
        let mut wrong: Vec<(String, Vec<Problem>)> = Vec::new();
        for service in &self.services {
            let of_it = self.base_needs_of(repository, service);
            let missing = |request: &ChartRequest| !self.charts.knows(request);
            needs.extend((of_it.charts.into_iter()).filter(|(request, _)| missing(request)));
            if !of_it.failed.is_empty() {
                wrong.push((service.name.clone(), of_it.failed));
            }
        }
        for (name, problems) in wrong {
            self.refuse(name, Why::Repository, problems);
        }
        needs
    }

    /// Returns what kustomizations lack.
    pub fn base_needs(&self, repository: &Repository) -> BaseNeeds {
        let mut needs = BaseNeeds::default();
        for service in &self.services {
            needs.extend(self.base_needs_of(repository, service), |place| place);
        }
        needs
    }

    fn base_needs_of(&self, repository: &Repository, service: &Service) -> BaseNeeds {
        let mut needs = BaseNeeds::default();
        for source in &service.sources {
            let Renderer::Kustomize(options) = &source.renderer else {
                continue;
            };
            let own = source.repository(repository);
            // What cannot be read is told when it is rendered.
            if let Ok(files) = kustomize::DiskFiles::new(own.root()) {
                let of_it = self.bases.needs(&files, &source.path, &options.build);
                needs.extend(of_it, |place| source.place(place));
            }
        }
        needs
    }

    /// Leaves a service out because of what is wrong with it.
    pub(super) fn refuse(&mut self, name: String, why: Why, problems: Vec<Problem>) {
        self.services.retain(|service| service.name != name);
        let nothing = || Refusal {
            why,
            problems: Vec::new(),
        };
        let refusal = self.refused.entry(name).or_insert_with(nothing);
        refusal.why = refusal.why.min(why);
        for problem in problems {
            if !refusal.problems.contains(&problem) {
                refusal.problems.push(problem);
            }
        }
    }

    /// Returns what is wrong with Applications, each thing once: all of a kind, or where some are
    /// wanted by name, that of these.
    pub fn problems(&self, why: Why, wanted: &BTreeSet<&str>) -> Vec<Problem> {
        let is_wanted = |name: &str| wanted.is_empty() || wanted.contains(name);
        let mut problems: Vec<Problem> = Vec::new();
        for (_, refusal) in self.refused.iter().filter(|(name, _)| is_wanted(name)) {
            for problem in &refusal.problems {
                if refusal.why == why && !problems.contains(problem) {
                    problems.push(problem.clone());
                }
            }
        }
        problems
    }

    /// Returns Argo CD's Secrets about repositories, as far as the root has them.
    pub fn logins(&self) -> RepositoryLogins {
        logins(&self.others)
    }

    /// Returns the namespace of Argo CD's Applications.
    pub fn applications_namespace(&self) -> &str {
        self.root.namespace().unwrap_or("argocd")
    }

    /// Takes up what a service yields besides its own objects: Applications, `ApplicationSet`s,
    /// projects. `beside` are its other objects, among them perhaps Secrets about clusters.
    pub fn nest(
        &mut self,
        repository: &Repository,
        checkouts: &Checkouts,
        parent: &str,
        (yielded, beside): (Vec<Manifest>, &[Manifest]),
    ) {
        let kept = yielded.iter().filter(|one| role(one) != Role::Application);
        for manifest in kept {
            self.note_parent(manifest, parent);
        }
        let intake = Intake {
            repository,
            checkouts,
            parent: Some(parent),
        };
        intake.take_in(self, yielded, beside);
    }

    /// Notes which service renders one of the objects of the handover.
    pub(super) fn note_parent(&mut self, manifest: &Manifest, parent: &str) {
        let key = format!("{}/{}", manifest.kind(), manifest.name());
        self.parents.entry(key).or_insert_with(|| parent.to_owned());
    }

    /// Goes on with the Applications that waited for files of other repositories.
    pub fn resume(&mut self, repository: &Repository, checkouts: &Checkouts) {
        self.git_needs.clear();
        for Pending {
            manifest,
            parent,
            beside,
        } in std::mem::take(&mut self.pending)
        {
            let intake = Intake {
                repository,
                checkouts,
                parent: parent.as_deref(),
            };
            match role(&manifest) {
                Role::ApplicationSet => intake.expand(self, &manifest, &beside),
                _ => intake.interpret(self, manifest),
            }
        }
        self.services
            .sort_by(|left, right| left.name.cmp(&right.name));
    }
}

/// Returns what has to be fetched before the roots can be rendered.
pub fn root_needs(
    repository: &Repository,
    environment: &Environment,
    charts: &Charts,
) -> Result<Needs, CatalogError> {
    let mut needs = Needs::new();
    for root in &environment.roots {
        charts
            .needs_of(repository, &root.path, &mut needs)
            .map_err(|problem| root_problem(&root.path, problem))?;
    }
    Ok(needs)
}

/// Reads the catalogue of an environment. What the root's chart needs must be at hand. Applications
/// that are wrong are among the refused.
pub fn load(loading: &Loading<'_>) -> Result<Catalogue, CatalogError> {
    /// A root says which repository it is of, then how it is rendered; more rounds are a mistake.
    const ROUNDS: usize = 4;
    let mut environment = loading.definition.environment.clone();
    if environment.repository.url.is_empty() {
        UNKNOWN_URL.clone_into(&mut environment.repository.url);
    }
    // The root says itself how it is rendered; what it says is only known once it is rendered.
    let mut said: Option<RootApplication> = None;
    for _ in 0..ROUNDS {
        match round(loading, &mut environment, said.take())? {
            Round::Again(root) => said = root,
            Round::Done(mut catalogue) => {
                let found =
                    standing::findings(loading.repository, &catalogue.environment.repository);
                catalogue.findings.extend(found);
                return Ok(*catalogue);
            }
        }
    }
    let path = path_of_roots(&environment);
    let what = "the root Application changes how it is rendered each time it is rendered";
    Err(root_problem(&path, Problem::new(what)))
}

/// What comes of rendering the root once.
enum Round {
    /// It has to be rendered again, as it says itself where it says so.
    Again(Option<RootApplication>),
    /// The catalogue.
    Done(Box<Catalogue>),
}

fn round(
    loading: &Loading<'_>,
    environment: &mut Environment,
    said: Option<RootApplication>,
) -> Result<Round, CatalogError> {
    let repository = loading.repository;
    let given = &loading.definition.environment.repository;
    let path = path_of_roots(environment);
    let wrong = |problem: Problem| root_problem(&path, problem);
    let mut all = roots(repository, environment).map_err(wrong)?.into_iter();
    let first = all.next();
    let rest: Vec<RootApplication> = all.collect();
    let Some(first) = said.or(first) else {
        return Err(wrong(Problem::new("the layout has no root")));
    };
    let is_own = environment.layout == LayoutKind::Own;
    let is_found_out = |manifests: &[Manifest], environment: &mut Environment| {
        let written = std::iter::once(&first).chain(&rest);
        let written = written.filter(|root| root.is_written);
        let written = written.map(|root| &root.manifest).chain(manifests);
        let own = own_repository(repository, written, given);
        let own = match own.url.as_str() {
            "" => crate::definition::GitReference {
                url: UNKNOWN_URL.to_owned(),
                ..own
            },
            _ => own,
        };
        let changes = own != environment.repository;
        environment.repository = own;
        changes
    };
    // A root that stands in the repository says which repository that is.
    if !is_own && first.is_written && is_found_out(&[], environment) {
        return Ok(Round::Again(None));
    }
    let service = interpreted_root(loading, environment, &first.manifest)?;
    let mut manifests = (loading.render)(&service).map_err(wrong)?;
    if !is_own
        && is_found_out(&manifests, environment)
        && (!first.is_written || asks_for_its_repository(environment))
    {
        return Ok(Round::Again(None));
    }
    let is_itself = |manifest: &Manifest| {
        role(manifest) == Role::Application
            && (manifest.name() == first.manifest.name() && !is_own
                || is_of_root(environment, &service, manifest))
    };
    let (mut itself, others): (Vec<Manifest>, Vec<Manifest>) = manifests
        .drain(..)
        .partition(|manifest| is_itself(manifest));
    manifests = others;
    if is_own && itself.len() != 1 {
        return Err(wrong(not_one_root(&path, &itself)));
    }
    let mut root = first;
    if !itself.is_empty() {
        let manifest = itself.swap_remove(0);
        let own = interpreted_root(loading, environment, &manifest)?;
        root = RootApplication {
            manifest,
            is_written: true,
        };
        if run_of(&own) != run_of(&service) {
            return Ok(Round::Again(Some(root)));
        }
    }
    if !root.is_written {
        give_a_name_of_its_own(&mut root.manifest, &manifests);
    }
    let mut catalogue = Catalogue {
        environment: environment.clone(),
        services: Vec::new(),
        refused: BTreeMap::new(),
        root: root.manifest,
        projects: Vec::new(),
        others: Vec::new(),
        parents: BTreeMap::new(),
        charts: Charts::default(),
        bases: Bases::default(),
        git_needs: GitNeeds::new(),
        findings: about_the_repository(loading, environment),
        pending: Vec::new(),
    };
    manifests.extend(rest.into_iter().map(|root| root.manifest));
    let intake = Intake {
        repository,
        checkouts: loading.checkouts,
        parent: None,
    };
    intake.take_in(&mut catalogue, manifests, &[]);
    Ok(Round::Done(Box::new(catalogue)))
}

/// Says which repository is taken for this one, where nobody has said it.
fn about_the_repository(loading: &Loading<'_>, environment: &Environment) -> Vec<Finding> {
    let own = &environment.repository;
    let given = &loading.definition.environment.repository;
    let message = if own.url == UNKNOWN_URL {
        "which URL this repository has is not known: `layout.url` in firstlight.yaml says it; \
         sources of the Applications are taken for those of other repositories"
            .to_owned()
    } else if same_repository(&own.url, &given.url) {
        return Vec::new();
    } else {
        format!(
            "{} is taken for this repository, because Applications find their directories here; \
             `layout.url` in firstlight.yaml says it for certain",
            shown(&own.url)
        )
    };
    vec![Finding::new(Severity::Info, codes::OWN_REPOSITORY, message)]
}

fn interpreted_root(
    loading: &Loading<'_>,
    environment: &Environment,
    manifest: &Manifest,
) -> Result<Service, CatalogError> {
    let mut interpreter = Interpreter::new(loading.repository, environment, loading.checkouts);
    let service = interpreter.root(manifest);
    service.ok_or_else(|| {
        let mut problems = interpreter.problems;
        if problems.is_empty() {
            let what = format!(
                "the root Application {} is rendered from another repository",
                manifest.name()
            );
            let help = "`layout.url` in firstlight.yaml says by which URL this one is called";
            let problem = Problem::new(what).at(manifest.source.clone()).help(help);
            problems.push(problem);
        }
        CatalogError::Applications(problems)
    })
}

/// Tells whether an Application is rendered from what the root is rendered from.
fn is_of_root(environment: &Environment, root: &Service, manifest: &Manifest) -> bool {
    let text = |key: &str| {
        let text = manifest.value.pointer(&format!("/spec/source/{key}"));
        text.and_then(serde_json::Value::as_str)
    };
    let path = text("path").and_then(|path| Repository::resolve("", path));
    let mut paths = root.sources.iter().map(|source| &source.path);
    let is_here = environment.layout == LayoutKind::Own
        || text("repoURL").is_some_and(|url| same_repository(url, &environment.repository.url));
    // A directory of files is several things at once; a chart or a kustomization is one.
    let is_one =
        (root.sources.iter()).all(|source| !matches!(source.renderer, Renderer::Directory(_)));
    is_here && is_one && path.is_some_and(|path| paths.any(|one| *one == path))
}

/// Returns what decides on how a root is rendered.
fn run_of(root: &Service) -> Vec<(String, Renderer)> {
    let sources = root.sources.iter().map(|source| {
        let renderer = match &source.renderer {
            Renderer::Helm(options) => Renderer::Helm(HelmOptions {
                release_name: Some(options.release_name.clone().unwrap_or(root.name.clone())),
                namespace: Some(options.namespace.clone().unwrap_or(root.namespace.clone())),
                ..options.clone()
            }),
            other => other.clone(),
        };
        (source.path.clone(), renderer)
    });
    sources.collect()
}

/// Renames a root of our own making that is called as one of its Applications.
fn give_a_name_of_its_own(root: &mut Manifest, manifests: &[Manifest]) {
    let taken = |name: &str| {
        let mut applications = manifests
            .iter()
            .filter(|one| role(one) == Role::Application);
        applications.any(|one| one.name() == name)
    };
    if taken(root.name()) {
        let name = format!("{}-root", root.name());
        root.value["metadata"]["name"] = serde_json::Value::String(name);
    }
}

fn path_of_roots(environment: &Environment) -> String {
    let paths: Vec<&str> = (environment.roots.iter())
        .map(|root| root.path.as_str())
        .collect();
    paths.join(", ")
}

fn root_problem(path: &str, problem: Problem) -> CatalogError {
    CatalogError::Root {
        path: path.to_owned(),
        problem: Box::new(problem),
    }
}

fn not_one_root(path: &str, roots: &[Manifest]) -> Problem {
    match roots {
        [_, second, ..] => Problem::new("the root chart renders several Applications of itself")
            .at(second.source.clone()),
        _ => Problem::new(format!(
            "the root chart renders no Application of itself (spec.source.path: {path})"
        ))
        .help("without it Argo CD would not keep the projects and Applications as Git has them"),
    }
}

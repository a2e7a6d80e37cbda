//! definition -> catalogue: takes an environment, renders the root chart with its values, gives the
//! services with their sources and what the handover needs, never renders a service.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::definition::{Definition, Environment, Repository};
use crate::finding::Finding;
use crate::problem::Problem;

use super::application::Interpreter;
use super::applicationset::{Surroundings, expanded};
use super::bases::{BaseNeeds, Bases};
use super::charts::{Charts, Needs};
use super::checkouts::{Checkouts, GitNeeds, logins};
use super::error::CatalogError;
use super::fetch::ChartRequest;
use super::fetch::git::RepositoryLogins;
use super::helm::{Capabilities, ChartRun, run};
use super::manifest::Manifest;
use super::service::{HelmOptions, Renderer, Service, ValueFile};

/// The root chart's directory.
pub(super) const ROOT_CHART: &str = "bootstrap";

const ARGO_GROUP: &str = "argoproj.io";

/// What an environment runs, and how Argo CD will be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The environment.
    pub environment: Environment,
    /// Its services, sorted by name.
    pub services: Vec<Service>,
    /// The Applications that are no services because of what is wrong with them, by name.
    pub refused: BTreeMap<String, Vec<Problem>>,
    /// The parent of all Applications, as it renders itself.
    pub root: Manifest,
    /// The AppProjects.
    pub projects: Vec<Manifest>,
    /// Other objects of the root.
    pub others: Vec<Manifest>,
    /// The charts that services have from elsewhere, as far as they were fetched.
    pub charts: Charts,
    /// What kustomizations have from elsewhere, as far as it was fetched.
    pub bases: Bases,
    /// The revisions that Applications name and that were not among those given. The services of
    /// these Applications are missing.
    pub git_needs: GitNeeds,
    /// What was found out about `ApplicationSet`s.
    pub findings: Vec<Finding>,
}

impl Catalogue {
    /// Returns what has to be fetched before all services can be rendered.
    pub fn needs(&self, repository: &Repository) -> Result<Needs, CatalogError> {
        let mut needs = (self.charts)
            .needs(repository, &self.services)
            .map_err(CatalogError::Applications)?;
        // A kustomization may name charts, which bring all that they depend on.
        let BaseNeeds {
            charts, problems, ..
        } = self.base_needs(repository);
        if !problems.is_empty() {
            return Err(CatalogError::Applications(problems));
        }
        let missing = |request: &ChartRequest| self.charts.get(request).is_none();
        needs.extend(charts.into_iter().filter(|(request, _)| missing(request)));
        Ok(needs)
    }

    /// Returns what kustomizations lack.
    pub fn base_needs(&self, repository: &Repository) -> BaseNeeds {
        let mut needs = BaseNeeds::default();
        for source in self.services.iter().flat_map(|service| &service.sources) {
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

    /// Fails where Applications are wrong: any of them, or where some are wanted by name, one of these.
    pub fn check(&self, wanted: &BTreeSet<&str>) -> Result<(), CatalogError> {
        let is_wanted = |name: &str| wanted.is_empty() || wanted.contains(name);
        let problems: Vec<Problem> = (self.refused.iter())
            .filter(|(name, _)| is_wanted(name))
            .flat_map(|(_, problems)| problems.clone())
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(CatalogError::Applications(problems))
        }
    }

    /// Returns Argo CD's Secrets about repositories, as far as the root has them.
    pub fn logins(&self) -> RepositoryLogins {
        logins(&self.others)
    }

    /// Returns the namespace of Argo CD's Applications.
    pub fn applications_namespace(&self) -> &str {
        self.root.namespace().unwrap_or("argocd")
    }
}

/// Returns what has to be fetched before the root can be rendered.
pub fn root_needs(repository: &Repository) -> Result<Needs, CatalogError> {
    let mut needs = Needs::new();
    Charts::default()
        .needs_of(repository, ROOT_CHART, &mut needs)
        .map_err(root_problem)?;
    Ok(needs)
}

/// Reads the catalogue of an environment. What the root chart needs must be among the charts.
/// Applications that are wrong are told by [`Catalogue::check`].
pub fn load(
    repository: &Repository,
    definition: &Definition,
    capabilities: &Capabilities,
    charts: &Charts,
    checkouts: &Checkouts,
) -> Result<Catalogue, CatalogError> {
    let environment = &definition.environment;
    let mut options = HelmOptions {
        release_name: Some("platform".to_owned()),
        namespace: Some("argocd".to_owned()),
        value_files: definition
            .files
            .iter()
            .map(|file| ValueFile::Repository(file.path.clone()))
            .collect(),
        ..HelmOptions::default()
    };
    // The root says itself how it is rendered; what it says is only known once it is rendered.
    for _ in 0..3 {
        let manifests = render_root(repository, &options, capabilities, charts)?;
        let (mut catalogue, root) = interpret(repository, environment, checkouts, manifests)?;
        let renderer = root
            .sources
            .into_iter()
            .next()
            .map(|source| source.renderer);
        let Some(Renderer::Helm(own)) = renderer else {
            return Err(root_problem(Problem::new(
                "the root Application is no Helm chart",
            )));
        };
        let own = HelmOptions {
            release_name: Some(own.release_name.unwrap_or(root.name)),
            namespace: Some(own.namespace.unwrap_or(root.namespace)),
            ..own
        };
        if own == options {
            catalogue.charts.clone_from(charts);
            return Ok(catalogue);
        }
        options = own;
    }
    Err(root_problem(Problem::new(
        "the root Application changes how it is rendered each time it is rendered",
    )))
}

fn root_problem(problem: Problem) -> CatalogError {
    CatalogError::Root {
        path: ROOT_CHART.to_owned(),
        problem: Box::new(problem),
    }
}

fn render_root(
    repository: &Repository,
    options: &HelmOptions,
    capabilities: &Capabilities,
    charts: &Charts,
) -> Result<Vec<Manifest>, CatalogError> {
    if !repository
        .root()
        .join(ROOT_CHART)
        .join("Chart.yaml")
        .is_file()
    {
        let problem = Problem::new(format!(
            "there is no root chart: {ROOT_CHART}/Chart.yaml is missing"
        ))
        .help("the root chart turns an environment into Argo CD's projects and Applications");
        return Err(root_problem(problem));
    }
    let run_of_root = ChartRun {
        repository,
        path: ROOT_CHART,
        name: "platform",
        namespace: "argocd",
        options,
        capabilities,
        charts,
        chart: None,
    };
    run(&run_of_root)
        .map(|output| output.manifests)
        .map_err(root_problem)
}

fn interpret(
    repository: &Repository,
    environment: &Environment,
    checkouts: &Checkouts,
    manifests: Vec<Manifest>,
) -> Result<(Catalogue, Service), CatalogError> {
    let (mut applications, mut projects_of_root, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut sets = Vec::new();
    for manifest in manifests {
        match (manifest.group(), manifest.kind()) {
            (ARGO_GROUP, "Application") => applications.push(manifest),
            (ARGO_GROUP, "AppProject") => projects_of_root.push(manifest),
            (ARGO_GROUP, "ApplicationSet") => sets.push(manifest),
            _ => others.push(manifest),
        }
    }
    let mut made = expanded(
        &sets,
        &Surroundings {
            repository,
            environment,
            checkouts,
            projects: &projects_of_root,
            others: &others,
        },
    );
    applications.append(&mut made.applications);
    // Argo CD gets the sets themselves, too.
    others.append(&mut sets);
    let path_of = |manifest: &Manifest| {
        let path = manifest
            .value
            .pointer("/spec/source/path")
            .and_then(Value::as_str);
        path.and_then(|path| Repository::resolve("", path))
    };
    let (roots, applications): (Vec<Manifest>, Vec<Manifest>) = applications
        .into_iter()
        .partition(|manifest| path_of(manifest).as_deref() == Some(ROOT_CHART));
    let root = match <[Manifest; 1]>::try_from(roots) {
        Ok([root]) => root,
        Err(roots) => return Err(root_problem(not_one_root(&roots))),
    };
    let mut interpreter = Interpreter {
        repository,
        environment,
        commit: repository.checked_out_commit(),
        checkouts,
        git_needs: made.git_needs,
        problems: Vec::new(),
    };
    let Some(root_service) = interpreter.service(&root) else {
        return Err(CatalogError::Applications(interpreter.problems));
    };
    let mut refused: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    if !made.problems.is_empty() {
        refused.insert("ApplicationSets".to_owned(), made.problems);
    }
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for manifest in &applications {
        let service = interpreter.service(manifest);
        let problems = std::mem::take(&mut interpreter.problems);
        if !problems.is_empty() {
            let of_it = refused.entry(manifest.name().to_owned()).or_default();
            of_it.extend(problems);
        }
        if let Some(service) = service
            && let Some(before) = services.insert(service.name.clone(), service)
        {
            let message = format!("there are two Applications {}", before.name);
            let problem = Problem::new(message).at(manifest.source.clone());
            refused.entry(before.name).or_default().push(problem);
        }
    }
    services.retain(|name, _| !refused.contains_key(name));
    let catalogue = Catalogue {
        environment: environment.clone(),
        services: services.into_values().collect(),
        refused,
        root,
        projects: projects_of_root,
        others,
        charts: Charts::default(),
        bases: Bases::default(),
        git_needs: interpreter.git_needs,
        findings: made.findings,
    };
    Ok((catalogue, root_service))
}

fn not_one_root(roots: &[Manifest]) -> Problem {
    match roots {
        [] => Problem::new(format!(
            "the root chart renders no Application of itself (spec.source.path: {ROOT_CHART})"
        ))
        .help("without it Argo CD would not keep the projects and Applications as Git has them"),
        [_, second, ..] => Problem::new("the root chart renders several Applications of itself")
            .at(second.source.clone()),
        [_] => Problem::new("the root is not the root"),
    }
}

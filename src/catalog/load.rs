//! definition -> catalogue: takes an environment, renders the root chart with its values, gives the
//! services with their sources and what the handover needs, never renders a service.

use serde_json::Value;

use crate::definition::{Definition, Environment, Repository};
use crate::finding::Finding;
use crate::problem::Problem;

use super::application::Interpreter;
use super::applicationset::{Surroundings, expanded};
use super::charts::{Charts, Needs};
use super::error::CatalogError;
use super::helm::{Capabilities, ChartRun, run};
use super::manifest::Manifest;
use super::service::{HelmOptions, Renderer, Service};

/// The root chart's directory.
const ROOT_CHART: &str = "bootstrap";

const ARGO_GROUP: &str = "argoproj.io";

/// What an environment runs, and how Argo CD will be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The environment.
    pub environment: Environment,
    /// Its services, sorted by name.
    pub services: Vec<Service>,
    /// The parent of all Applications, as it renders itself.
    pub root: Manifest,
    /// The AppProjects.
    pub projects: Vec<Manifest>,
    /// Other objects of the root.
    pub others: Vec<Manifest>,
    /// The charts that services have from elsewhere, as far as they were fetched.
    pub charts: Charts,
    /// What was found out about `ApplicationSet`s.
    pub findings: Vec<Finding>,
}

impl Catalogue {
    /// Returns what has to be fetched before all services can be rendered.
    pub fn needs(&self, repository: &Repository) -> Result<Needs, CatalogError> {
        self.charts
            .needs(repository, &self.services)
            .map_err(CatalogError::Applications)
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
pub fn load(
    repository: &Repository,
    definition: &Definition,
    capabilities: &Capabilities,
    charts: &Charts,
) -> Result<Catalogue, CatalogError> {
    let environment = &definition.environment;
    let mut options = HelmOptions {
        release_name: Some("platform".to_owned()),
        namespace: Some("argocd".to_owned()),
        value_files: definition
            .files
            .iter()
            .map(|file| file.path.clone())
            .collect(),
        ..HelmOptions::default()
    };
    // The root says itself how it is rendered; what it says is only known once it is rendered.
    for _ in 0..3 {
        let manifests = render_root(repository, &options, capabilities, charts)?;
        let (mut catalogue, root) = interpret(repository, environment, manifests)?;
        let Renderer::Helm(own) = root.renderer else {
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
    manifests: Vec<Manifest>,
) -> Result<(Catalogue, Service), CatalogError> {
    let (mut applications, mut projects, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut sets = Vec::new();
    for manifest in manifests {
        match (manifest.group(), manifest.kind()) {
            (ARGO_GROUP, "Application") => applications.push(manifest),
            (ARGO_GROUP, "AppProject") => projects.push(manifest),
            (ARGO_GROUP, "ApplicationSet") => sets.push(manifest),
            _ => others.push(manifest),
        }
    }
    let mut made = expanded(
        &sets,
        &Surroundings {
            repository,
            environment,
            projects: &projects,
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
        problems: made.problems,
    };
    let root_service = interpreter.service(&root);
    let mut services: Vec<Service> = applications
        .iter()
        .filter_map(|manifest| interpreter.service(manifest))
        .collect();
    services.sort_by(|left, right| left.name.cmp(&right.name));
    let mut problems = interpreter.problems;
    for pair in services
        .windows(2)
        .filter(|pair| pair[0].name == pair[1].name)
    {
        let message = format!("there are two Applications {}", pair[1].name);
        problems.push(Problem::new(message).at(pair[1].source.clone()));
    }
    match root_service {
        Some(root_service) if problems.is_empty() => {
            let environment = environment.clone();
            Ok((
                Catalogue {
                    environment,
                    services,
                    root,
                    projects,
                    others,
                    charts: Charts::default(),
                    findings: made.findings,
                },
                root_service,
            ))
        }
        _ => Err(CatalogError::Applications(problems)),
    }
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

//! From Git to the plan: takes a repository and an environment's name, gives the plan for an empty
//! cluster, never asks a cluster.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::supply::{Fetching, Mode, Supply, SupplyError};
use super::{findings, plugin, refused};
use crate::catalog::{CatalogError, Catalogue, Checkouts, Loading, PluginOutputs, Service, Why};
use crate::definition::{DefinitionError, Repository};
use crate::finding::{Finding, Severity};
use crate::graph::{Graph, Knowledge};
use crate::plan::{Handover, Plan};
use crate::render::{ArgoSettings, Expansion, Object, RenderError, RenderedService, Rendering};
use crate::{catalog, definition, graph, images, plan, render};

/// The version of Kubernetes that charts are told where nothing else is said.
pub const DEFAULT_KUBERNETES_VERSION: &str = "1.34.0";

/// Reads a version of Kubernetes; the error says what is wrong with it.
pub fn kubernetes_version(text: &str) -> Result<String, String> {
    catalog::check_kubernetes_version(text)
        .map(|()| text.to_owned())
        .map_err(|_| "expected a version such as 1.34.0".to_owned())
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The repository.
    pub repository: &'r Repository,
    /// The environment's name.
    pub environment: &'r str,
    /// The version of Kubernetes that charts are told.
    pub kubernetes_version: &'r str,
    /// How charts are had that do not stand in the repository.
    pub fetching: &'r Fetching,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The environment's files are wrong.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The root or its Applications are wrong.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Services cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Charts that do not stand in the repository cannot be had.
    #[error(transparent)]
    Supply(#[from] SupplyError),
}

/// What was read and rendered of an environment so far.
pub(super) struct Read {
    pub(super) catalogue: Catalogue,
    expansion: Expansion,
    plugins: PluginOutputs,
}

impl Read {
    /// Returns why Applications are no services: all of it, or where some are wanted by name, that of
    /// these.
    pub(super) fn errors(&self, wanted: &BTreeSet<&str>) -> Vec<OpsError> {
        let of = |why| Some(self.catalogue.problems(why, wanted)).filter(|all| !all.is_empty());
        let repositories = of(Why::Repository).map(|all| SupplyError::Repositories(all).into());
        let applications = of(Why::Application).map(|all| CatalogError::Applications(all).into());
        let charts = of(Why::Chart).map(|all| SupplyError::Charts(all).into());
        [repositories, applications, charts]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Returns the first reason why an Application is no service.
    pub(super) fn first_error(&self) -> Option<OpsError> {
        self.errors(&BTreeSet::new()).into_iter().next()
    }

    /// Makes objects of it.
    pub(super) fn rendered(self, request: &Request<'_>) -> (Catalogue, Rendering) {
        let capabilities = render::empty_cluster(request.kubernetes_version);
        let rendering = render::render(
            request.repository,
            &self.catalogue,
            &self.plugins,
            &capabilities,
            self.expansion,
        );
        (self.catalogue, rendering)
    }
}

/// Reads the catalogue of an environment, with the charts that it has from elsewhere.
pub fn catalogue(request: &Request<'_>) -> Result<Catalogue, OpsError> {
    catalogue_for(request, &BTreeSet::new())
}

/// Reads the catalogue of an environment for the sake of some services: others may be wrong.
pub(super) fn catalogue_for(
    request: &Request<'_>,
    wanted: &BTreeSet<&str>,
) -> Result<Catalogue, OpsError> {
    let read = read(request)?;
    strict(read.errors(wanted))?;
    Ok(read.catalogue)
}

/// Fails with the first of errors.
fn strict(errors: Vec<OpsError>) -> Result<(), OpsError> {
    errors.into_iter().next().map_or(Ok(()), Err)
}

fn read(request: &Request<'_>) -> Result<Read, OpsError> {
    let supply = Supply::new(request.repository, request.fetching, Mode::Obey);
    let supply = Mutex::new(supply);
    let read = read_with(request, &supply)?;
    locked(&supply).keep()?;
    Ok(read)
}

/// Returns a supply for one step. Where a thread ended while it had it, what was had is there still.
pub(super) fn locked<'m, 's>(supply: &'m Mutex<Supply<'s>>) -> MutexGuard<'m, Supply<'s>> {
    supply.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the catalogue of an environment, with charts of a supply that may be shared with others. An
/// Application that cannot be read, or whose chart cannot be had, is among those refused.
pub(super) fn read_with(
    request: &Request<'_>,
    supply: &Mutex<Supply<'_>>,
) -> Result<Read, OpsError> {
    let repository = request.repository;
    let capabilities = render::empty_cluster(request.kubernetes_version);
    let (mut catalogue, mut checkouts) = read_root(request, supply)?;
    let mut expansion = Expansion::default();
    let mut plugins = PluginOutputs::new();
    // A service may yield further Applications, which may; the catalogue bounds how deep.
    loop {
        supplied(request, supply, &mut catalogue, &mut checkouts)?;
        let new: Vec<String> = (catalogue.services.iter())
            .filter(|service| !expansion.knows(&service.name))
            .map(|service| service.name.clone())
            .collect();
        if new.is_empty() {
            break;
        }
        plugin::add_outputs(request, &catalogue, &new, &mut plugins);
        expansion.add(repository, &catalogue, &plugins, &capabilities);
        for name in new {
            if let Some(yielded) = expansion.yielded(&name) {
                catalogue.nest(repository, &checkouts, &name, yielded);
            }
        }
    }
    Ok(Read {
        catalogue,
        expansion,
        plugins,
    })
}

/// Reads what the roots of an environment yield, with the files of other repositories: not yet what
/// services yield, and without their charts.
pub(super) fn read_root(
    request: &Request<'_>,
    supply: &Mutex<Supply<'_>>,
) -> Result<(Catalogue, Checkouts), OpsError> {
    let repository = request.repository;
    let definition = definition::load(repository, request.environment)?;
    let capabilities = render::empty_cluster(request.kubernetes_version);
    let mut charts = locked(supply).charts();
    let needs = catalog::root_needs(repository, &definition.environment, &charts)?;
    locked(supply).add(&needs, &mut charts)?;
    let mut checkouts = Checkouts::default();
    let render_root =
        |service: &Service| render::of_root(repository, service, &charts, &capabilities);
    let mut catalogue = catalog::load(&Loading {
        repository,
        definition: &definition,
        checkouts: &checkouts,
        render: &render_root,
    })?;
    catalogue.charts = charts;
    located(request, supply, &mut catalogue, &mut checkouts)?;
    Ok((catalogue, checkouts))
}

/// Has the files of other repositories that Applications name.
fn located(
    request: &Request<'_>,
    supply: &Mutex<Supply<'_>>,
    catalogue: &mut Catalogue,
    checkouts: &mut Checkouts,
) -> Result<(), OpsError> {
    // What Applications are is only known once their files are here; an Application of several
    // sources names one after the other.
    while !catalogue.git_needs.is_empty() {
        let mut supply = locked(supply);
        let failed = supply.add_checkouts(catalogue, checkouts)?;
        if !failed.is_empty() && *supply.mode() != Mode::Obey {
            return Err(SupplyError::Repositories(failed).into());
        }
        catalogue.resume(request.repository, checkouts);
    }
    Ok(())
}

/// Has what a catalogue needs of other repositories, and the charts of its services.
fn supplied(
    request: &Request<'_>,
    supply: &Mutex<Supply<'_>>,
    catalogue: &mut Catalogue,
    checkouts: &mut Checkouts,
) -> Result<(), OpsError> {
    /// A chart from elsewhere may itself lack charts; more rounds than this are a mistake.
    const ROUNDS: usize = 5;
    located(request, supply, catalogue, checkouts)?;
    {
        let mut supply = locked(supply);
        let failed = supply.add_bases(request.repository, catalogue)?;
        if !failed.is_empty() && *supply.mode() != Mode::Obey {
            return Err(SupplyError::Repositories(failed).into());
        }
    }
    for _ in 0..ROUNDS {
        let needs = catalogue.needs(request.repository);
        if needs.is_empty() {
            break;
        }
        let mut charts = std::mem::take(&mut catalogue.charts);
        let had = locked(supply).add(&needs, &mut charts);
        catalogue.charts = charts;
        had?;
    }
    Ok(())
}

/// Returns where images stand in the custom resources of a catalogue.
pub(super) fn image_rules(catalogue: &Catalogue) -> images::Rules {
    images::Rules::new(catalogue.environment.supplement.images.clone())
}

/// Renders an environment.
pub fn rendering(request: &Request<'_>) -> Result<(Catalogue, Rendering), OpsError> {
    let (catalogue, rendering, errors) = rendered(request, &BTreeSet::new())?;
    strict(errors)?;
    Ok((catalogue, rendering))
}

/// Renders one service of an environment, and whatever else can be: others may be wrong.
pub fn rendering_for(request: &Request<'_>, service: &str) -> Result<Rendering, OpsError> {
    let (_, rendering, errors) = rendered(request, &BTreeSet::from([service]))?;
    strict(errors)?;
    Ok(rendering)
}

/// Renders what can be rendered of an environment, and returns why the rest cannot.
pub fn rendering_of_the_good(
    request: &Request<'_>,
) -> Result<(Rendering, Vec<OpsError>), OpsError> {
    let (_, rendering, errors) = rendered(request, &BTreeSet::new())?;
    Ok((rendering, errors))
}

/// Renders what can be rendered of an environment; with what is wrong with the rest, or where some
/// services are wanted by name, with these.
pub(super) fn rendered(
    request: &Request<'_>,
    wanted: &BTreeSet<&str>,
) -> Result<(Catalogue, Rendering, Vec<OpsError>), OpsError> {
    let read = read(request)?;
    let mut errors = read.errors(wanted);
    let (catalogue, rendering) = read.rendered(request);
    errors.extend(rendering.error(wanted).map(OpsError::Render));
    Ok((catalogue, rendering, errors))
}

/// Renders an environment and works out what must come before what.
pub fn graph(request: &Request<'_>) -> Result<(Catalogue, Vec<RenderedService>, Graph), OpsError> {
    let (ordered, errors) = graph_of_the_good(request)?;
    strict(errors)?;
    Ok((ordered.catalogue, ordered.services, ordered.graph))
}

/// Works out what must come before what, of the services that can be rendered. Those that cannot are
/// findings of the graph, and are told at length beside.
pub fn graph_of_the_good(request: &Request<'_>) -> Result<(Evaluated, Vec<OpsError>), OpsError> {
    let read = read(request)?;
    let mut errors = read.errors(&BTreeSet::new());
    let (ordered, error) = ordered(request, read);
    errors.extend(error.map(OpsError::Render));
    Ok((ordered, errors))
}

/// An environment whose services are rendered and ordered.
#[derive(Debug)]
pub struct Evaluated {
    /// Its services with their sources, and what the root brings besides.
    pub catalogue: Catalogue,
    /// The objects of the services that could be rendered.
    pub services: Vec<RenderedService>,
    /// What each service waits for, with all findings.
    pub graph: Graph,
    settings: ArgoSettings,
}

pub(super) fn ordered(request: &Request<'_>, read: Read) -> (Evaluated, Option<RenderError>) {
    let (catalogue, rendering) = read.rendered(request);
    let error = rendering.error(&BTreeSet::new());
    let rules = image_rules(&catalogue);
    let Rendering {
        mut services,
        mut findings,
        settings,
        refused,
    } = rendering;
    let unplanned: BTreeSet<String> = (catalogue.refused.keys().chain(refused.keys()))
        .cloned()
        .collect();
    refused::without_dependencies_on(&mut services, &unplanned);
    let known: BTreeSet<String> = (catalogue.environment.services.keys())
        .chain(catalogue.services.iter().map(|service| &service.name))
        .chain(catalogue.refused.keys())
        .cloned()
        .collect();
    let knowledge = Knowledge {
        environment: request.environment,
        names: &known,
        runtime: &catalogue.environment.supplement.runtime,
    };
    let mut graph = graph::build(&services, &knowledge);
    if !unplanned.is_empty() {
        refused::soften(&mut graph.findings);
        refused::soften(&mut findings);
    }
    graph.add_findings(findings);
    graph.add_findings(catalogue.findings.clone());
    graph.add_findings(wrong_images(&services, &rules));
    graph.add_findings(refused::findings(&catalogue, &refused));
    findings::complete(request, &catalogue, &services, &knowledge, &mut graph);
    if !unplanned.is_empty() {
        refused::soften(&mut graph.findings);
    }
    let ordered = Evaluated {
        catalogue,
        services,
        graph,
        settings,
    };
    (ordered, error)
}

/// Returns what is wrong with images; what cannot be known of them is for those who ask.
pub(super) fn wrong_images(services: &[RenderedService], rules: &images::Rules) -> Vec<Finding> {
    let mut findings = images::inventory(objects(services), rules).findings;
    findings.retain(|finding| finding.severity != Severity::Info);
    findings
}

/// Returns all objects with the names of their services.
pub(super) fn objects(services: &[RenderedService]) -> impl Iterator<Item = (&str, &Object)> {
    services
        .iter()
        .flat_map(|service| (service.objects.iter()).map(|object| (service.name.as_str(), object)))
}

/// Plans an environment for an empty cluster.
pub fn plan(request: &Request<'_>) -> Result<Plan, OpsError> {
    let (plan, errors) = plan_of_the_good(request)?;
    strict(errors)?;
    Ok(plan)
}

/// Plans what can be planned of an environment. What cannot is among the plan's findings, as an error,
/// and told at length beside.
pub fn plan_of_the_good(request: &Request<'_>) -> Result<(Plan, Vec<OpsError>), OpsError> {
    let (ordered, errors) = graph_of_the_good(request)?;
    let Evaluated {
        catalogue,
        services,
        graph,
        settings,
    } = ordered;
    let handover = Handover {
        namespace: catalogue.applications_namespace().to_owned(),
        others: render::others(&catalogue, &settings)?,
        tracking: settings.tracking,
        projects: catalogue
            .projects
            .into_iter()
            .map(|project| project.value)
            .collect(),
        applications: catalogue
            .services
            .into_iter()
            .map(|service| service.application)
            .collect(),
        root: catalogue.root.value,
        parents: catalogue.parents,
    };
    let plan = plan::offline(request.environment, services, graph, handover);
    Ok((plan, errors))
}

//! From Git to the plan: takes a repository and an environment's name, gives the plan for an empty
//! cluster, never asks a cluster.

use std::collections::BTreeSet;

use super::plugin;
use super::supply::{Fetching, Mode, Supply, SupplyError};
use crate::catalog::{CatalogError, Catalogue, Charts, Checkouts, PluginOutputs};
use crate::definition::{DefinitionError, Repository};
use crate::finding::{Finding, Severity};
use crate::graph::{Graph, Knowledge};
use crate::plan::{Handover, Plan};
use crate::render::{ArgoSettings, Object, RenderError, RenderedService, Rendering};
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

/// Reads the catalogue of an environment, with the charts that it has from elsewhere.
pub fn catalogue(request: &Request<'_>) -> Result<Catalogue, OpsError> {
    catalogue_for(request, &BTreeSet::new())
}

/// Reads the catalogue of an environment for the sake of some services: others may be wrong.
pub(super) fn catalogue_for(
    request: &Request<'_>,
    wanted: &BTreeSet<&str>,
) -> Result<Catalogue, OpsError> {
    let mut supply = Supply::new(request.repository, request.fetching, Mode::Obey);
    let catalogue = catalogue_with(request, &mut supply, Some(wanted))?;
    supply.keep()?;
    Ok(catalogue)
}

/// Reads the catalogue of an environment, with charts of a supply. Where some services are wanted by
/// name, others may be wrong; where nobody says what is wanted, all may.
pub(super) fn catalogue_with(
    request: &Request<'_>,
    supply: &mut Supply<'_>,
    wanted: Option<&BTreeSet<&str>>,
) -> Result<Catalogue, OpsError> {
    /// A chart from elsewhere may itself lack charts; more rounds than this are a mistake.
    const ROUNDS: usize = 4;
    let repository = request.repository;
    let definition = definition::load(repository, request.environment)?;
    let capabilities = render::empty_cluster(request.kubernetes_version);
    let mut charts = Charts::default();
    supply.add(&catalog::root_needs(repository)?, &mut charts)?;
    let mut checkouts = Checkouts::default();
    let load = |charts: &Charts, checkouts: &Checkouts| {
        catalog::load(repository, &definition, &capabilities, charts, checkouts)
    };
    let mut catalogue = load(&charts, &checkouts)?;
    // What Applications are is only known once their files are here; an Application of several
    // sources names one after the other.
    while !catalogue.git_needs.is_empty() {
        let failed = supply.add_checkouts(&catalogue, &mut checkouts)?;
        if !failed.is_empty() && wanted.is_some_and(BTreeSet::is_empty) {
            return Err(SupplyError::Repositories(failed).into());
        }
        catalogue = load(&charts, &checkouts)?;
    }
    if let Some(wanted) = wanted {
        catalogue.check(wanted)?;
    }
    let failed = supply.add_bases(repository, &mut catalogue)?;
    if !failed.is_empty() && wanted.is_some_and(BTreeSet::is_empty) {
        return Err(SupplyError::Repositories(failed).into());
    }
    for _ in 0..ROUNDS {
        let needs = catalogue.needs(repository)?;
        if needs.is_empty() {
            break;
        }
        supply.add(&needs, &mut catalogue.charts)?;
    }
    Ok(catalogue)
}

/// Returns where images stand in the custom resources of a catalogue.
pub(super) fn image_rules(catalogue: &Catalogue) -> images::Rules {
    images::Rules::new(catalogue.environment.supplement.images.clone())
}

/// Renders an environment.
pub fn rendering(request: &Request<'_>) -> Result<(Catalogue, Rendering), OpsError> {
    let catalogue = catalogue(request)?;
    let rendering = rendered(request, &catalogue, &plugin::outputs(request, &catalogue))?;
    Ok((catalogue, rendering))
}

fn rendered(
    request: &Request<'_>,
    catalogue: &Catalogue,
    plugins: &PluginOutputs,
) -> Result<Rendering, OpsError> {
    let capabilities = render::empty_cluster(request.kubernetes_version);
    let rendering = render::render(request.repository, catalogue, plugins, &capabilities);
    Ok(rendering?)
}

/// Leaves services out of a catalogue that cannot be rendered.
fn without(catalogue: &mut Catalogue, failed: &BTreeSet<String>) {
    catalogue
        .services
        .retain(|service| !failed.contains(&service.name));
}

/// Renders an environment for the sake of one service: others may fail, as long as it does not.
///
/// The kinds of those that fail are then unknown to it.
pub fn rendering_for(request: &Request<'_>, service: &str) -> Result<Rendering, OpsError> {
    let wanted = BTreeSet::from([service]);
    render_what_is_wanted(request, catalogue_for(request, &wanted)?, &wanted)
}

/// Renders what can be rendered of an environment, and returns why the rest cannot.
pub fn rendering_of_the_good(
    request: &Request<'_>,
) -> Result<(Rendering, Vec<OpsError>), OpsError> {
    let mut supply = Supply::new(request.repository, request.fetching, Mode::Obey);
    let mut catalogue = catalogue_with(request, &mut supply, None)?;
    supply.keep()?;
    let mut errors = Vec::new();
    if let Err(error) = catalogue.check(&BTreeSet::new()) {
        errors.push(error.into());
    }
    // Plugins are run once, however often the rest is rendered.
    let plugins = plugin::outputs(request, &catalogue);
    loop {
        match rendered(request, &catalogue, &plugins) {
            Err(OpsError::Render(error)) if !error.failed.is_empty() => {
                without(&mut catalogue, &error.failed);
                errors.push(error.into());
            }
            result => return result.map(|rendering| (rendering, errors)),
        }
    }
}

/// Renders a catalogue: all of it where nothing is wanted by name, else others may fail.
pub(super) fn render_what_is_wanted(
    request: &Request<'_>,
    mut catalogue: Catalogue,
    wanted: &BTreeSet<&str>,
) -> Result<Rendering, OpsError> {
    let plugins = plugin::outputs(request, &catalogue);
    loop {
        match rendered(request, &catalogue, &plugins) {
            Err(OpsError::Render(error))
                if !wanted.is_empty()
                    && !error.failed.is_empty()
                    && (error.failed.iter()).all(|failed| !wanted.contains(failed.as_str())) =>
            {
                without(&mut catalogue, &error.failed);
            }
            result => return result,
        }
    }
}

/// Renders an environment and works out what must come before what.
pub fn graph(request: &Request<'_>) -> Result<(Catalogue, Vec<RenderedService>, Graph), OpsError> {
    let (catalogue, services, graph, _) = graph_with_settings(request)?;
    Ok((catalogue, services, graph))
}

type Platform = (Catalogue, Vec<RenderedService>, Graph, ArgoSettings);

fn graph_with_settings(request: &Request<'_>) -> Result<Platform, OpsError> {
    let catalogue = catalogue(request)?;
    let rules = image_rules(&catalogue);
    let Rendering {
        services,
        findings,
        settings,
    } = rendered(request, &catalogue, &plugin::outputs(request, &catalogue))?;
    let known: BTreeSet<String> = catalogue
        .environment
        .services
        .keys()
        .chain(catalogue.services.iter().map(|service| &service.name))
        .cloned()
        .collect();
    let knowledge = Knowledge {
        environment: request.environment,
        names: &known,
        runtime: &catalogue.environment.supplement.runtime,
    };
    let mut graph = graph::build(&services, &knowledge);
    graph.add_findings(findings);
    graph.add_findings(catalogue.findings.clone());
    graph.add_findings(wrong_images(&services, &rules));
    Ok((catalogue, services, graph, settings))
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
    let (catalogue, services, graph, settings) = graph_with_settings(request)?;
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
    };
    Ok(plan::offline(
        request.environment,
        services,
        graph,
        handover,
    ))
}

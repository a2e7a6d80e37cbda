//! From Git to the plan: takes a repository and an environment's name, gives the plan for an empty
//! cluster, never asks a cluster.

use std::collections::BTreeSet;

use super::supply::{Fetching, Mode, Supply, SupplyError};
use crate::catalog::{CatalogError, Catalogue, Charts};
use crate::definition::{DefinitionError, Repository};
use crate::finding::{Finding, Severity};
use crate::graph::Graph;
use crate::plan::{Handover, Plan};
use crate::render::{Object, RenderError, RenderedService, Rendering};
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
    let mut supply = Supply::new(request.repository, request.fetching, Mode::Obey);
    let catalogue = catalogue_with(request, &mut supply)?;
    supply.keep()?;
    Ok(catalogue)
}

/// Reads the catalogue of an environment, with charts of a supply.
pub(super) fn catalogue_with(
    request: &Request<'_>,
    supply: &mut Supply<'_>,
) -> Result<Catalogue, OpsError> {
    /// A chart from elsewhere may itself lack charts; more rounds than this are a mistake.
    const ROUNDS: usize = 4;
    let repository = request.repository;
    let definition = definition::load(repository, request.environment)?;
    let capabilities = render::empty_cluster(request.kubernetes_version);
    let mut charts = Charts::default();
    supply.add(&catalog::root_needs(repository)?, &mut charts)?;
    let mut catalogue = catalog::load(repository, &definition, &capabilities, &charts)?;
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
    let rendering = rendered(request, &catalogue)?;
    Ok((catalogue, rendering))
}

fn rendered(request: &Request<'_>, catalogue: &Catalogue) -> Result<Rendering, OpsError> {
    let capabilities = render::empty_cluster(request.kubernetes_version);
    Ok(render::render(
        request.repository,
        catalogue,
        &capabilities,
    )?)
}

/// Renders an environment for the sake of one service: others may fail, as long as it does not.
///
/// The kinds of those that fail are then unknown to it.
pub fn rendering_for(request: &Request<'_>, service: &str) -> Result<Rendering, OpsError> {
    render_what_is_wanted(request, catalogue(request)?, &BTreeSet::from([service]))
}

/// Renders a catalogue: all of it where nothing is wanted by name, else others may fail.
pub(super) fn render_what_is_wanted(
    request: &Request<'_>,
    mut catalogue: Catalogue,
    wanted: &BTreeSet<&str>,
) -> Result<Rendering, OpsError> {
    let capabilities = render::empty_cluster(request.kubernetes_version);
    match render::render(request.repository, &catalogue, &capabilities) {
        Err(error)
            if !wanted.is_empty()
                && !error
                    .failed
                    .iter()
                    .any(|failed| wanted.contains(failed.as_str())) =>
        {
            catalogue
                .services
                .retain(|one| !error.failed.contains(&one.name));
            Ok(render::render(
                request.repository,
                &catalogue,
                &capabilities,
            )?)
        }
        result => Ok(result?),
    }
}

/// Renders an environment and works out what must come before what.
pub fn graph(request: &Request<'_>) -> Result<(Catalogue, Vec<RenderedService>, Graph), OpsError> {
    let catalogue = catalogue(request)?;
    let rules = image_rules(&catalogue);
    let Rendering { services, findings } = rendered(request, &catalogue)?;
    let known: BTreeSet<String> = catalogue
        .environment
        .services
        .keys()
        .chain(catalogue.services.iter().map(|service| &service.name))
        .cloned()
        .collect();
    let mut graph = graph::build(&services, &known);
    graph.add_findings(findings);
    graph.add_findings(catalogue.findings.clone());
    graph.add_findings(wrong_images(&services, &rules));
    Ok((catalogue, services, graph))
}

/// Returns what is wrong with images; what cannot be known of them is for those who ask.
fn wrong_images(services: &[RenderedService], rules: &images::Rules) -> Vec<Finding> {
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
    let (catalogue, services, graph) = graph(request)?;
    let handover = Handover {
        namespace: catalogue.applications_namespace().to_owned(),
        others: render::others(&catalogue)?,
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

//! From Git to the plan: takes a repository and an environment's name, gives the plan for an empty
//! cluster, never asks a cluster.

use std::collections::BTreeSet;

use crate::catalog::{CatalogError, Catalogue};
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
}

/// Reads the catalogue of an environment.
pub fn catalogue(request: &Request<'_>) -> Result<Catalogue, OpsError> {
    Ok(catalogue_and_rules(request)?.0)
}

/// Reads the catalogue of an environment, and where images stand in its custom resources.
pub(super) fn catalogue_and_rules(
    request: &Request<'_>,
) -> Result<(Catalogue, images::Rules), OpsError> {
    let definition = definition::load(request.repository, request.environment)?;
    let capabilities = render::empty_cluster(request.kubernetes_version);
    let catalogue = catalog::load(request.repository, &definition, &capabilities)?;
    Ok((catalogue, images::Rules::new(definition.supplement.images)))
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
    let (catalogue, rules) = catalogue_and_rules(request)?;
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

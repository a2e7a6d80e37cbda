//! The images of an environment: takes a repository and an environment's name, gives every image that
//! will be pulled, never asks a registry or a cluster.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::images::{Inventory, inventory};
use crate::render;
use crate::render::{Object, RenderedService};

use super::plan::{OpsError, Request, image_rules, objects, rendered};
use super::refused;

/// The images of an environment, and of which services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// The images.
    pub inventory: Inventory,
    /// The services that were looked at.
    pub services: Vec<String>,
    /// The services that the environment has.
    pub known: Vec<String>,
}

/// Gathers the images of an environment, or of some of its services alone.
///
/// Other services may then fail to render. What the root brings besides Applications belongs to all.
///
/// What cannot be rendered of what is wanted is among the findings, and told at length beside.
pub fn images(
    request: &Request<'_>,
    wanted: &[String],
) -> Result<(Images, Vec<OpsError>), OpsError> {
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let (catalogue, rendering, errors) = rendered(request, &wanted)?;
    let rules = image_rules(&catalogue);
    let known: Vec<String> = (catalogue.services.iter())
        .map(|service| service.name.clone())
        .collect();
    let refused = refused::findings(&catalogue, &rendering.refused);
    let is_wanted = |finding: &Finding| {
        let service = finding.service.as_deref().unwrap_or_default();
        wanted.is_empty() || wanted.contains(service)
    };
    let root = catalogue.root.name().to_owned();
    let others: Vec<Object> = if wanted.is_empty() {
        render::others(&catalogue, &render::ArgoSettings::default())?
    } else {
        Vec::new()
    };
    let services: Vec<RenderedService> = rendering
        .services
        .into_iter()
        .filter(|service| wanted.is_empty() || wanted.contains(service.name.as_str()))
        .collect();
    let objects = objects(&services).chain(others.iter().map(|object| (root.as_str(), object)));
    let mut inventory = inventory(objects, &rules);
    let refused = refused.into_iter().filter(is_wanted);
    inventory.findings.splice(0..0, refused);
    let images = Images {
        inventory,
        services: services.into_iter().map(|service| service.name).collect(),
        known,
    };
    Ok((images, errors))
}

//! The images of an environment: takes a repository and an environment's name, gives every image that
//! will be pulled, never asks a registry or a cluster.

use std::collections::BTreeSet;

use crate::images::{Inventory, inventory};
use crate::render;
use crate::render::{Object, RenderedService};

use super::plan::{OpsError, Request, catalogue_for, image_rules, objects, render_what_is_wanted};

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
pub fn images(request: &Request<'_>, wanted: &[String]) -> Result<Images, OpsError> {
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let catalogue = catalogue_for(request, &wanted)?;
    let rules = image_rules(&catalogue);
    let known: Vec<String> = (catalogue.services.iter())
        .map(|service| service.name.clone())
        .collect();
    let root = catalogue.root.name().to_owned();
    let others: Vec<Object> = if wanted.is_empty() {
        render::others(&catalogue, &render::ArgoSettings::default())?
    } else {
        Vec::new()
    };
    let services: Vec<RenderedService> = render_what_is_wanted(request, catalogue, &wanted)?
        .services
        .into_iter()
        .filter(|service| wanted.is_empty() || wanted.contains(service.name.as_str()))
        .collect();
    let objects = objects(&services).chain(others.iter().map(|object| (root.as_str(), object)));
    Ok(Images {
        inventory: inventory(objects, &rules),
        services: services.into_iter().map(|service| service.name).collect(),
        known,
    })
}

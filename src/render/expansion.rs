//! What services yield before it is made objects: takes services as they become known, renders each
//! once, gives what of it are Applications, `ApplicationSet`s and projects; never renders one twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    Capabilities, Catalogue, ChartOutput, Charts, Manifest, PluginOutputs, Service,
};
use crate::definition::Repository;
use crate::problem::Problem;

use super::load::{Given, all, expand};

/// The group of what makes a service a parent of others.
const GROUP: &str = "argoproj.io";

/// What was rendered of services, for a cluster in which nothing is yet.
#[derive(Debug, Default)]
pub struct Expansion {
    outputs: BTreeMap<String, Result<ChartOutput, Problem>>,
    /// The services that yield Applications.
    parents: BTreeSet<String>,
}

impl Expansion {
    /// Renders the services of a catalogue that were not rendered yet, on all cores.
    pub fn add(
        &mut self,
        repository: &Repository,
        catalogue: &Catalogue,
        plugins: &PluginOutputs,
        capabilities: &Capabilities,
    ) {
        let given = Given {
            repository,
            charts: &catalogue.charts,
            plugins,
        };
        let services = catalogue.services.iter();
        let new: Vec<&Service> = services.filter(|one| !self.knows(&one.name)).collect();
        let outputs = all(&new, |_, service| expand(&given, service, capabilities));
        let names = new.iter().map(|service| service.name.clone());
        self.outputs.extend(names.zip(outputs));
    }

    /// Tells whether a service was rendered, or tried.
    pub fn knows(&self, service: &str) -> bool {
        self.outputs.contains_key(service)
    }

    /// Takes out of a service what makes it a parent of others; nothing where it renders no
    /// Application. The rest of its manifests are given beside.
    pub fn yielded(&mut self, service: &str) -> Option<(Vec<Manifest>, &[Manifest])> {
        let Some(Ok(output)) = self.outputs.get_mut(service) else {
            return None;
        };
        let is_parent = |one: &Manifest| {
            one.group() == GROUP && matches!(one.kind(), "Application" | "ApplicationSet")
        };
        if !output.manifests.iter().any(is_parent) {
            return None;
        }
        self.parents.insert(service.to_owned());
        Some((lifted(output), &output.manifests))
    }

    /// Tells whether a service is a parent of others.
    pub(super) fn yields(&self, service: &str) -> bool {
        self.parents.contains(service)
    }

    /// Takes what was rendered of services, in their order.
    pub(super) fn take<'s>(
        &mut self,
        services: &'s [Service],
    ) -> Vec<(&'s Service, Result<ChartOutput, Problem>)> {
        let of = |service: &'s Service| Some((service, self.outputs.remove(&service.name)?));
        services.iter().filter_map(of).collect()
    }
}

/// Takes Applications, `ApplicationSet`s and projects out of what a service yields.
pub(super) fn lifted(output: &mut ChartOutput) -> Vec<Manifest> {
    let is_lifted = |manifest: &Manifest| {
        let kind = manifest.kind();
        manifest.group() == GROUP && matches!(kind, "Application" | "ApplicationSet" | "AppProject")
    };
    let (lifted, kept) = (std::mem::take(&mut output.manifests).into_iter()).partition(is_lifted);
    output.manifests = kept;
    lifted
}

/// Renders a root: the manifests of a service that is none of a catalogue.
pub fn of_root(
    repository: &Repository,
    service: &Service,
    charts: &Charts,
    capabilities: &Capabilities,
) -> Result<Vec<Manifest>, Problem> {
    let given = Given {
        repository,
        charts,
        plugins: &PluginOutputs::new(),
    };
    expand(&given, service, capabilities).map(|output| output.manifests)
}

//! What services yield before it is made objects: takes services as they become known, renders each
//! once, gives what of it are Applications, `ApplicationSet`s and projects; never renders one twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    Bases, Capabilities, Catalogue, ChartOutput, Charts, Manifest, PluginOutputs, Service,
};
use crate::definition::Repository;
use crate::problem::Problem;

use super::load::{Given, MAXIMUM_ROUNDS, all, expand};
use super::settings::ArgoSettings;
use super::tools::ToolSettings;

/// The group of what makes a service a parent of others.
const GROUP: &str = "argoproj.io";

/// What was rendered of services, for a cluster in which nothing is yet.
#[derive(Debug, Default)]
pub struct Expansion {
    outputs: BTreeMap<String, Result<ChartOutput, Problem>>,
    /// The services that yield Applications.
    parents: BTreeSet<String>,
    /// How the tools are set.
    tools: ToolSettings,
}

impl Expansion {
    /// Renders the services of a catalogue that were not rendered yet, on all cores; and again those
    /// to which settings matter that came to light: some service may bring `argocd-cm`, which says how
    /// others, and perhaps it itself, are rendered.
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
            bases: &catalogue.bases,
            plugins,
        };
        let services = catalogue.services.iter();
        let new: Vec<&Service> = services.filter(|one| !self.knows(&one.name)).collect();
        if new.is_empty() {
            return;
        }
        let tools = self.tools.clone();
        self.expand(&given, &new, (capabilities, &tools));
        for round in 0..MAXIMUM_ROUNDS {
            let mut now = self.found(catalogue);
            if now == self.tools && round == 0 {
                // What says so may itself be a kustomization with charts: then it is built as it will
                // say.
                now = self.found_with_charts(&given, catalogue, capabilities);
            }
            if now == self.tools {
                return;
            }
            let differs = |service: &&Service| {
                let mut sources = service.sources.iter();
                sources.any(|source| self.tools.differs_for(&now, &source.renderer))
            };
            let again: Vec<&Service> = catalogue.services.iter().filter(differs).collect();
            self.tools = now.clone();
            self.expand(&given, &again, (capabilities, &now));
        }
    }

    fn expand(
        &mut self,
        given: &Given<'_>,
        services: &[&Service],
        (capabilities, tools): (&Capabilities, &ToolSettings),
    ) {
        let outputs = all(services, |_, service| {
            expand(given, service, capabilities, tools)
        });
        for (service, mut output) in services.iter().zip(outputs) {
            if let Ok(output) = &mut output
                && self.yields(&service.name)
            {
                drop(lifted(output));
            }
            self.outputs.insert(service.name.clone(), output);
        }
    }

    /// Finds the settings among what was rendered.
    fn found(&self, catalogue: &Catalogue) -> ToolSettings {
        let good = self.outputs.values().filter_map(|one| one.as_ref().ok());
        let manifests = good.flat_map(|output| &output.manifests);
        ArgoSettings::find(manifests.chain(&catalogue.others)).tools
    }

    /// Finds the settings among what failed, if charts in kustomizations are what it lacks.
    fn found_with_charts(
        &self,
        given: &Given<'_>,
        catalogue: &Catalogue,
        capabilities: &Capabilities,
    ) -> ToolSettings {
        let mut with_charts = self.tools.clone();
        with_charts.kustomize.enable_helm = true;
        let is_concerned = |service: &&Service| {
            let mut sources = service.sources.iter();
            matches!(self.outputs.get(&service.name), Some(Err(_)))
                && sources.any(|source| self.tools.differs_for(&with_charts, &source.renderer))
        };
        let failed: Vec<&Service> = catalogue.services.iter().filter(is_concerned).collect();
        let outputs = all(&failed, |_, service| {
            expand(given, service, capabilities, &with_charts)
        });
        let manifests = outputs.iter().filter_map(|one| one.as_ref().ok());
        let found = ArgoSettings::find(manifests.flat_map(|output| &output.manifests)).tools;
        if found == ToolSettings::default() {
            self.tools.clone()
        } else {
            found
        }
    }

    /// Returns the settings of the tools, as far as they are known.
    pub(super) fn tools(&self) -> &ToolSettings {
        &self.tools
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
        bases: &Bases::default(),
        plugins: &PluginOutputs::new(),
    };
    let output = expand(&given, service, capabilities, &ToolSettings::default());
    output.map(|output| output.manifests)
}

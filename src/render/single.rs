//! Services one by one: takes a catalogue and the names of some services, renders these and no
//! other, gives each service's objects or what is wrong with it alone, never settles what charts are
//! told of the kinds that others bring.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Capabilities, Catalogue, ChartOutput, Manifest, PluginOutputs, Service};
use crate::definition::Repository;
use crate::problem::Problem;

use super::assemble::{Assembly, assemble};
use super::builtin::builtin_kind;
use super::expansion::Expansion;
use super::load::{Given, Refused, RenderError, assembled, expand, served_by};
use super::object::Object;
use super::scope::Scopes;
use super::service::RenderedService;
use super::settings::ArgoSettings;
use super::tools::ToolSettings;
use super::tracking::TrackingSettings;

/// What one service is rendered to.
#[derive(Debug, Clone)]
pub struct Alone {
    output: ChartOutput,
}

/// What services are rendered to, or why not, by their names.
pub type Rendered = BTreeMap<String, Result<Alone, Problem>>;

/// How the tools are called, as the platform tells Argo CD.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools(ToolSettings);

/// Finds out how the tools are called: all services are rendered for it, since any of them may bring
/// the settings. Those that cannot be rendered say nothing.
pub fn tools(
    repository: &Repository,
    catalogue: &Catalogue,
    plugins: &PluginOutputs,
    capabilities: &Capabilities,
) -> Tools {
    let mut expansion = Expansion::default();
    expansion.add(repository, catalogue, plugins, capabilities);
    Tools(expansion.tools().clone())
}

/// What services are rendered from.
#[derive(Debug, Clone, Copy)]
pub struct Singles<'s> {
    /// The repository.
    pub repository: &'s Repository,
    /// The services.
    pub catalogue: &'s Catalogue,
    /// What their plugins wrote.
    pub plugins: &'s PluginOutputs,
    /// What charts are told.
    pub capabilities: &'s Capabilities,
    /// How the tools are called.
    pub tools: &'s Tools,
}

impl Singles<'_> {
    /// Renders the services that are named, side by side.
    pub fn render(&self, names: &BTreeSet<&str>) -> Rendered {
        let given = Given {
            repository: self.repository,
            charts: &self.catalogue.charts,
            bases: &self.catalogue.bases,
            plugins: self.plugins,
        };
        let wanted: Vec<&Service> = (self.catalogue.services.iter())
            .filter(|service| names.contains(service.name.as_str()))
            .collect();
        let rendered = chart::in_order(&wanted, usize::MAX, |service| {
            let output = expand(&given, service, self.capabilities, &self.tools.0);
            (service.name.clone(), output.map(|output| Alone { output }))
        });
        rendered.into_iter().collect()
    }
}

impl Alone {
    /// Tells whether a template asks which API versions there are.
    pub fn asks_capabilities(&self) -> bool {
        self.output.asks_capabilities
    }

    /// Tells whether it uses functions that give something else each time.
    pub fn is_reproducible(&self) -> bool {
        self.output.nondeterministic.is_empty()
    }

    /// Returns the API versions and kinds that its definitions make the cluster serve.
    pub fn serves(&self) -> BTreeSet<String> {
        let manifests = self.output.manifests.iter();
        manifests
            .filter(|manifest| manifest.kind() == "CustomResourceDefinition")
            .flat_map(served_by)
            .collect()
    }

    /// Returns its objects in the order of their writing. An object of a kind that neither it nor
    /// Kubernetes defines keeps the namespace that its manifest says: who can tell whether it lives in
    /// one at all?
    pub fn objects(&self, service: &Service) -> Result<Vec<Object>, Vec<Problem>> {
        let mut scopes = Scopes::default();
        scopes.add(&self.output.manifests);
        let said: BTreeSet<(&str, &str, &str)> = (self.output.manifests.iter())
            .filter(|manifest| manifest.namespace().is_some())
            .map(key)
            .collect();
        let assembly = Assembly {
            scopes: &scopes,
            tracking: &TrackingSettings::default(),
        };
        let mut objects = assemble(service, self.output.manifests.clone(), &assembly)?.objects;
        for object in &mut objects {
            let group = object.id.group();
            let is_known = builtin_kind(group, &object.id.kind).is_some()
                || scopes.defines(group, &object.id.kind);
            if is_known || said.contains(&(group, object.id.kind.as_str(), object.id.name.as_str()))
            {
                continue;
            }
            object.id.namespace = None;
            if let Some(metadata) = object.manifest["metadata"].as_object_mut() {
                metadata.remove("namespace");
            }
        }
        Ok(objects)
    }
}

fn key(manifest: &Manifest) -> (&str, &str, &str) {
    (manifest.group(), manifest.kind(), manifest.name())
}

/// Returns services as the graph takes them; each must have been rendered.
pub fn together(
    catalogue: &Catalogue,
    rendered: &Rendered,
) -> Result<(Vec<Service>, Vec<RenderedService>), RenderError> {
    let (mut services, mut outputs) = (Vec::new(), Vec::new());
    for service in &catalogue.services {
        if let Some(Ok(one)) = rendered.get(&service.name) {
            services.push(service.clone());
            outputs.push(one.output.clone());
        }
    }
    let manifests = outputs.iter().flat_map(|output| &output.manifests);
    let settings = ArgoSettings::find(manifests.chain(&catalogue.others));
    let mut refused = Refused::default();
    let all: Vec<&Service> = services.iter().collect();
    let together = assembled(all, outputs, (&settings, &mut refused), &mut Vec::new());
    let together: Vec<RenderedService> = together.into_iter().map(|(_, made)| made).collect();
    if refused.0.is_empty() {
        return Ok((services, together));
    }
    Err(RenderError {
        total: services.len(),
        failed: refused.0.keys().cloned().collect(),
        problems: refused.0.into_values().flatten().collect(),
    })
}

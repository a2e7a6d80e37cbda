//! catalogue -> objects of every service: takes sources and values, renders all services side by
//! side until their capabilities are settled, gives objects in Argo CD's order, never asks a
//! cluster, a clock or the network.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    Bases, Capabilities, Catalogue, ChartOutput, ChartRun, Charts, Manifest, PluginOutputs,
    Renderer, Service, projects, render_chart,
};
use crate::definition::Repository;
use crate::finding::{Finding, Severity, codes};
use crate::problem::Problem;
use crate::source::Source;

use super::assemble::{Assembly, assemble, flatten, implied_namespace};
use super::builtin::builtin_api_versions;
use super::directory;
use super::expansion::{Expansion, lifted};
use super::object::ObjectId;
use super::permit;
use super::scope::Scopes;
use super::service::RenderedService;
use super::settings::ArgoSettings;
use super::tools::{Tool, ToolSettings};

/// CRDs that appear because of other CRDs: more rounds than this are a mistake.
pub(super) const MAXIMUM_ROUNDS: usize = 5;

/// Why services could not be rendered; all of them.
#[derive(Debug, thiserror::Error)]
#[error("{} of {total} services cannot be rendered", .failed.len())]
pub struct RenderError {
    /// The services that failed.
    pub failed: BTreeSet<String>,
    /// How many there are.
    pub total: usize,
    /// What is wrong with each.
    pub problems: Vec<Problem>,
}

/// The objects of an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendering {
    /// The services that could be rendered, in the order of the catalogue.
    pub services: Vec<RenderedService>,
    /// What was found out on the way.
    pub findings: Vec<Finding>,
    /// What the platform tells Argo CD.
    pub settings: ArgoSettings,
    /// The services that could not be rendered, with what is wrong with each.
    pub refused: BTreeMap<String, Vec<Problem>>,
}

impl Rendering {
    /// Returns why services could not be rendered, where there are such: any of them, or where some
    /// are wanted by name, these.
    pub fn error(&self, wanted: &BTreeSet<&str>) -> Option<RenderError> {
        let is_wanted = |name: &str| wanted.is_empty() || wanted.contains(name);
        let refused = self.refused.iter().filter(|(name, _)| is_wanted(name));
        let mut error = RenderError {
            failed: BTreeSet::new(),
            total: self.services.len() + self.refused.len(),
            problems: Vec::new(),
        };
        for (name, problems) in refused {
            error.failed.insert(name.clone());
            error.problems.extend(problems.iter().cloned());
        }
        (!error.failed.is_empty()).then_some(error)
    }
}

/// Returns what charts are told about an empty cluster.
pub fn empty_cluster(kubernetes_version: &str) -> Capabilities {
    Capabilities {
        kubernetes_version: kubernetes_version.to_owned(),
        api_versions: builtin_api_versions(),
    }
}

/// Renders what is still missing of an expansion, and makes objects of all of it. Services that
/// cannot be rendered are left out, and told.
pub fn render(
    repository: &Repository,
    catalogue: &Catalogue,
    plugins: &PluginOutputs,
    capabilities: &Capabilities,
    mut expansion: Expansion,
) -> Rendering {
    expansion.add(repository, catalogue, plugins, capabilities);
    let given = Given {
        repository,
        charts: &catalogue.charts,
        bases: &catalogue.bases,
        plugins,
    };
    let tools = expansion.tools().clone();
    let mut refused = Refused::default();
    let first = expansion.take(&catalogue.services);
    let (mut services, mut outputs) = refused.kept(first);
    let mut told = capabilities.clone();
    let mut differing: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MAXIMUM_ROUNDS {
        let promised = promised(capabilities, &outputs);
        if promised.api_versions == told.api_versions {
            break;
        }
        told = promised;
        let again = all(&services, |index, service| {
            if !outputs[index].asks_capabilities {
                return None;
            }
            Some(expand(&given, service, &told, &tools).map(|mut output| {
                if expansion.yields(&service.name) {
                    drop(lifted(&mut output));
                }
                output
            }))
        });
        let mut results = Vec::with_capacity(services.len());
        for ((service, output), again) in services.into_iter().zip(outputs).zip(again) {
            let is_other = |again: &ChartOutput| {
                let values = again.manifests.iter().map(|manifest| &manifest.value);
                values.ne(output.manifests.iter().map(|manifest| &manifest.value))
            };
            if matches!(&again, Some(Ok(again)) if is_other(again)) {
                differing.insert(service.name.clone());
            }
            results.push((service, again.unwrap_or(Ok(output))));
        }
        (services, outputs) = refused.kept(results);
    }
    let mut findings = findings(&services, &outputs, &differing);
    let settings = ArgoSettings::find(
        (outputs.iter().flat_map(|output| &output.manifests)).chain(&catalogue.others),
    );
    let (services, outputs) =
        kustomize_versions(services, outputs, (&settings, &mut refused), &mut findings);
    findings.extend(settings.without_effect.iter().map(|key| Finding {
        severity: Severity::Warning,
        code: codes::SETTING_NOT_OBEYED,
        service: None,
        object: None,
        message: format!(
            "argocd-cm sets {key}, which Argo CD v3.2 reads and does not obey: only \
             kustomize.buildOptions counts, for all versions"
        ),
        mend: None,
        source: None,
    }));
    let everywhere = outputs.iter().flat_map(|output| &output.manifests);
    let projects = projects(catalogue.projects.iter().chain(everywhere));
    let made = assembled(services, outputs, (&settings, &mut refused), &mut findings);
    let mut rendered = Vec::with_capacity(made.len());
    for (service, made) in made {
        findings.extend(permit::check(service, &made, &projects));
        rendered.push(made);
    }
    Rendering {
        services: rendered,
        findings,
        settings,
        refused: refused.0,
    }
}

/// Checks the versions of Kustomize that Applications name: Argo CD refuses those that its settings
/// do not know, and here all are built by one.
fn kustomize_versions<'s>(
    services: Vec<&'s Service>,
    outputs: Vec<ChartOutput>,
    (settings, refused): (&ArgoSettings, &mut Refused),
    findings: &mut Vec<Finding>,
) -> (Vec<&'s Service>, Vec<ChartOutput>) {
    let checked = services.into_iter().zip(outputs).map(|(service, output)| {
        let named = service.sources.iter().find_map(|one| match &one.renderer {
            Renderer::Kustomize(options) => options.version.clone(),
            _ => None,
        });
        let Some(version) = named else {
            return (service, Ok(output));
        };
        if !settings.kustomize_versions.contains(&version) {
            let message = format!("the version {version} of Kustomize is not known to Argo CD");
            let problem = Problem::new(message)
                .at(service.source.clone())
                .help(format!("argocd-cm names it in `kustomize.path.{version}`"));
            return (service, Err(problem));
        }
        findings.push(Finding {
            severity: Severity::Warning,
            code: codes::KUSTOMIZE_VERSION,
            service: Some(service.name.clone()),
            object: None,
            message: format!(
                "{} is to be built by Kustomize {version}: firstlight builds as v5.8 does, and \
                 Argo CD may see differences",
                service.name
            ),
            mend: None,
            source: Some(service.source.clone()),
        });
        (service, Ok(output))
    });
    let checked: Vec<_> = checked.collect();
    refused.kept(checked)
}

/// What services are rendered from.
pub(super) struct Given<'g> {
    pub(super) repository: &'g Repository,
    pub(super) charts: &'g Charts,
    pub(super) bases: &'g Bases,
    pub(super) plugins: &'g PluginOutputs,
}

/// Renders all sources of a service, in their order.
pub(super) fn expand(
    given: &Given<'_>,
    service: &Service,
    capabilities: &Capabilities,
    tools: &ToolSettings,
) -> Result<ChartOutput, Problem> {
    let mut all = ChartOutput::default();
    for index in 0..service.sources.len() {
        let output = expand_source(given, service, index, (capabilities, tools));
        let output = output.map_err(|problem| match service.sources.len() {
            1 => problem,
            count => Problem {
                message: format!("source {} of {count}: {}", index + 1, problem.message),
                ..problem
            },
        })?;
        all.manifests.extend(flatten(output.manifests));
        all.nondeterministic.extend(output.nondeterministic);
        all.asks_capabilities |= output.asks_capabilities;
    }
    Ok(all)
}

fn expand_source(
    given: &Given<'_>,
    service: &Service,
    index: usize,
    (capabilities, tools): (&Capabilities, &ToolSettings),
) -> Result<ChartOutput, Problem> {
    let source = &service.sources[index];
    let own = source.repository(given.repository);
    let repository = &own;
    let output = match &tools.renderer(source, repository) {
        Renderer::Helm(options) => render_chart(&ChartRun {
            repository,
            path: &source.path,
            name: &service.name,
            namespace: &service.namespace,
            options,
            capabilities,
            charts: given.charts,
            chart: source.chart.as_ref(),
        }),
        Renderer::Kustomize(options) => {
            let build = super::kustomize::Build {
                repository,
                path: &source.path,
                options,
                settings: &tools.kustomize,
                capabilities,
                bases: given.bases,
                charts: given.charts,
            };
            build.run()
        }
        Renderer::Directory(options) => {
            let jsonnet_is_off = tools.disabled.contains(&Tool::Jsonnet);
            let read = directory::read(repository, &source.path, options, jsonnet_is_off);
            read.map(of_manifests)
        }
        Renderer::Plugin(options) => {
            match given.plugins.get(&(service.name.clone(), index)) {
                Some(Ok(text)) => super::plugin::read(options, text).map(of_manifests),
                // The place is one of the platform's own.
                Some(Err(problem)) => return Err(problem.clone()),
                None => {
                    return Err(Problem::new(format!(
                        "it is rendered by the plugin {}, which firstlight does not have",
                        options.name
                    ))
                    .at(service.source.clone())
                    .help("firstlight.yaml can name a command for it under `plugins`"));
                }
            }
        }
    };
    let mut output = output.map_err(|mut problem| {
        problem.source = problem.source.map(|place| source.place(place));
        problem
    })?;
    if source.checkout.is_some() {
        let places = output
            .manifests
            .iter_mut()
            .map(|manifest| &mut manifest.source);
        let calls = output.nondeterministic.iter_mut().map(|(_, place)| place);
        for place in places.chain(calls) {
            *place = source.place(place.clone());
        }
    }
    Ok(output)
}

fn of_manifests(manifests: Vec<Manifest>) -> ChartOutput {
    ChartOutput {
        manifests,
        ..ChartOutput::default()
    }
}

/// Applies a function to every service, on all cores; the results keep the services' order.
pub(super) fn all<R: Send>(
    services: &[&Service],
    apply: impl Fn(usize, &Service) -> R + Sync,
) -> Vec<R> {
    let numbered: Vec<_> = services.iter().enumerate().collect();
    chart::in_order(&numbered, usize::MAX, |&(index, service)| {
        apply(index, service)
    })
}

/// The services that cannot be rendered, with what is wrong with each.
#[derive(Debug, Default)]
pub(super) struct Refused(pub(super) BTreeMap<String, Vec<Problem>>);

impl Refused {
    /// Takes out what went wrong, and returns the rest.
    fn kept<'s, R>(
        &mut self,
        results: Vec<(&'s Service, Result<R, Problem>)>,
    ) -> (Vec<&'s Service>, Vec<R>) {
        let (mut services, mut good) = (Vec::new(), Vec::new());
        for (service, result) in results {
            match result {
                Ok(result) => {
                    services.push(service);
                    good.push(result);
                }
                Err(problem) => self.add(service, vec![problem]),
            }
        }
        (services, good)
    }

    fn add(&mut self, service: &Service, problems: Vec<Problem>) {
        let name = &service.name;
        let told = problems.into_iter().map(|problem| {
            let message = format!("the service {name} cannot be rendered: {}", problem.message);
            // What has no place of its own stands in the Application.
            let source = problem.source.or_else(|| Some(service.source.clone()));
            Problem {
                message,
                source,
                ..problem
            }
        });
        self.0.entry(name.clone()).or_default().extend(told);
    }
}

/// Returns what a cluster can do once all services are there.
fn promised(capabilities: &Capabilities, outputs: &[ChartOutput]) -> Capabilities {
    let mut versions: BTreeSet<String> = capabilities.api_versions.iter().cloned().collect();
    let manifests = outputs.iter().flat_map(|output| &output.manifests);
    for manifest in manifests.filter(|manifest| manifest.kind() == "CustomResourceDefinition") {
        versions.extend(served_by(manifest));
    }
    Capabilities {
        kubernetes_version: capabilities.kubernetes_version.clone(),
        api_versions: versions.into_iter().collect(),
    }
}

pub(super) fn served_by(definition: &Manifest) -> Vec<String> {
    let text = |pointer: &str| {
        definition
            .value
            .pointer(pointer)
            .and_then(|text| text.as_str())
    };
    let (Some(group), Some(kind)) = (text("/spec/group"), text("/spec/names/kind")) else {
        return Vec::new();
    };
    let versions = definition
        .value
        .pointer("/spec/versions")
        .and_then(|list| list.as_array());
    versions
        .into_iter()
        .flatten()
        .filter(|version| version.get("served").and_then(serde_json::Value::as_bool) != Some(false))
        .filter_map(|version| version.get("name")?.as_str())
        .flat_map(|version| {
            [
                format!("{group}/{version}"),
                format!("{group}/{version}/{kind}"),
            ]
        })
        .collect()
}

fn findings(
    services: &[&Service],
    outputs: &[ChartOutput],
    differing: &BTreeSet<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (service, output) in services.iter().zip(outputs) {
        let finding = |severity, code, message| Finding {
            severity,
            code,
            service: Some(service.name.clone()),
            object: None,
            message,
            mend: None,
            source: None,
        };
        for (function, source) in &output.nondeterministic {
            let message = format!(
                "{} uses `{function}`, which gives something else each time: Argo CD will see a \
                 difference after every rendering",
                service.name
            );
            findings.push(Finding {
                source: Some(source.clone()),
                ..finding(Severity::Warning, codes::NOT_REPRODUCIBLE, message)
            });
        }
        if differing.contains(&service.name) {
            let message = format!(
                "{} renders differently once the kinds of other services are there; the plan has \
                 what it renders then",
                service.name
            );
            findings.push(finding(
                Severity::Info,
                codes::DEPENDS_ON_CAPABILITIES,
                message,
            ));
        }
    }
    findings
}

pub(super) fn assembled<'s>(
    services: Vec<&'s Service>,
    outputs: Vec<ChartOutput>,
    (settings, refused): (&ArgoSettings, &mut Refused),
    findings: &mut Vec<Finding>,
) -> Vec<(&'s Service, RenderedService)> {
    let mut scopes = Scopes::default();
    for output in &outputs {
        scopes.add(&output.manifests);
    }
    let mut rendered = Vec::with_capacity(services.len());
    for (service, output) in services.into_iter().zip(outputs) {
        let assembly = Assembly {
            scopes: &scopes,
            tracking: &settings.tracking,
        };
        let assembled = assemble(service, output.manifests, &assembly).map(|assembled| {
            findings.extend(repeated(service, &assembled.repeated));
            assembled.objects
        });
        match assembled {
            Ok(objects) => {
                let made = RenderedService {
                    name: service.name.clone(),
                    namespace: service.namespace.clone(),
                    project: service.project.clone(),
                    implied_namespace: implied_namespace(service, &objects),
                    objects,
                    depends_on: service.depends_on.clone(),
                    stall_timeout: service.stall_timeout,
                    sync_wave: service.sync_wave,
                    source: service.source.clone(),
                };
                rendered.push((service, made));
            }
            Err(problems) => {
                refused
                    .0
                    .entry(service.name.clone())
                    .or_default()
                    .extend(problems);
            }
        }
    }
    rendered
}

/// Returns what there is to say of objects that appear several times in a service.
fn repeated(service: &Service, repeated: &[(ObjectId, Source, Source)]) -> Vec<Finding> {
    let finding = |(id, before, after): &(ObjectId, Source, Source)| Finding {
        severity: Severity::Warning,
        code: codes::DUPLICATE_OBJECT,
        service: Some(service.name.clone()),
        object: Some(id.clone()),
        message: format!(
            "{id} is also in the same service ({before}): Argo CD takes the last one; keep one of \
             them"
        ),
        mend: None,
        source: Some(after.clone()),
    };
    repeated.iter().map(finding).collect()
}

/// Turns the other objects of the root, and of services that yield Applications, into objects of the
/// handover.
pub fn others(
    catalogue: &Catalogue,
    settings: &ArgoSettings,
) -> Result<Vec<super::Object>, RenderError> {
    let Some(service) = catalogue.services.first() else {
        return Ok(Vec::new());
    };
    let root = catalogue.root.name();
    let mut by_owner: BTreeMap<&str, Vec<Manifest>> = BTreeMap::new();
    for manifest in &catalogue.others {
        let key = format!("{}/{}", manifest.kind(), manifest.name());
        let owner = catalogue.parents.get(&key).map_or(root, String::as_str);
        by_owner.entry(owner).or_default().push(manifest.clone());
    }
    let assembly = Assembly {
        scopes: &Scopes::default(),
        tracking: &settings.tracking,
    };
    let mut objects = Vec::new();
    for (owner, manifests) in by_owner {
        let owner = Service {
            name: owner.to_owned(),
            namespace: catalogue.applications_namespace().to_owned(),
            ..service.clone()
        };
        match assemble(&owner, flatten(manifests), &assembly) {
            Ok(assembled) => objects.extend(assembled.objects),
            Err(problems) => {
                return Err(RenderError {
                    failed: BTreeSet::from([owner.name.clone()]),
                    total: 1,
                    problems,
                });
            }
        }
    }
    Ok(objects)
}

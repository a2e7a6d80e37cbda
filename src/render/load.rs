//! catalogue -> objects of every service: takes sources and values, renders all services side by
//! side until their capabilities are settled, gives objects in Argo CD's order, never asks a
//! cluster, a clock or the network.

use std::collections::BTreeSet;

use crate::catalog::{
    Capabilities, Catalogue, ChartOutput, ChartRun, Manifest, PluginOutputs, Renderer, Service,
    projects, render_chart,
};
use crate::definition::Repository;
use crate::finding::{Finding, Severity, codes};
use crate::problem::Problem;
use crate::source::Source;

use super::assemble::{Assembly, assemble, flatten, implied_namespace};
use super::builtin::builtin_api_versions;
use super::directory;
use super::object::ObjectId;
use super::permit;
use super::scope::Scopes;
use super::service::RenderedService;
use super::settings::ArgoSettings;
use super::tools::{Tool, ToolSettings};

/// CRDs that appear because of other CRDs: more rounds than this are a mistake.
const MAXIMUM_ROUNDS: usize = 5;

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
    /// The services, in the order of the catalogue.
    pub services: Vec<RenderedService>,
    /// What was found out on the way.
    pub findings: Vec<Finding>,
    /// What the platform tells Argo CD.
    pub settings: ArgoSettings,
}

/// Returns what charts are told about an empty cluster.
pub fn empty_cluster(kubernetes_version: &str) -> Capabilities {
    Capabilities {
        kubernetes_version: kubernetes_version.to_owned(),
        api_versions: builtin_api_versions(),
    }
}

/// Renders all services of a catalogue, with what their plugins wrote.
pub fn render(
    repository: &Repository,
    catalogue: &Catalogue,
    plugins: &PluginOutputs,
    capabilities: &Capabilities,
) -> Result<Rendering, RenderError> {
    let given = Given {
        repository,
        catalogue,
        plugins,
    };
    let services = &catalogue.services;
    let (mut outputs, tools) = with_settings(&given, capabilities)?;
    let mut told = capabilities.clone();
    let mut differing: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..MAXIMUM_ROUNDS {
        let promised = promised(capabilities, &outputs);
        if promised.api_versions == told.api_versions {
            break;
        }
        told = promised;
        let again = all(services, |index, service| {
            if outputs[index].asks_capabilities {
                expand(&given, service, &told, &tools)
            } else {
                Ok(outputs[index].clone())
            }
        });
        let again = settled(services, again)?;
        differing.extend((0..services.len()).filter(|index| {
            again[*index]
                .manifests
                .iter()
                .map(|manifest| &manifest.value)
                .ne(outputs[*index]
                    .manifests
                    .iter()
                    .map(|manifest| &manifest.value))
        }));
        outputs = again;
    }
    let mut findings = findings(services, &outputs, &differing);
    let settings = ArgoSettings::find(
        (outputs.iter().flat_map(|output| &output.manifests)).chain(&catalogue.others),
    );
    findings.extend(kustomize_versions(services, &settings)?);
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
    let rendered = assembled(services, outputs, &settings, &mut findings)?;
    for (service, rendered) in services.iter().zip(&rendered) {
        findings.extend(permit::check(service, rendered, &projects));
    }
    Ok(Rendering {
        services: rendered,
        findings,
        settings,
    })
}

/// Renders all services, and with them the settings by which they are rendered: some service may bring
/// `argocd-cm`, which says how others, and perhaps it itself, are rendered.
pub(super) fn with_settings(
    given: &Given<'_>,
    capabilities: &Capabilities,
) -> Result<(Vec<ChartOutput>, ToolSettings), RenderError> {
    let services = &given.catalogue.services;
    let expanded = |told: &ToolSettings| {
        all(services, |_, service| {
            expand(given, service, capabilities, told)
        })
    };
    let found = |results: &[(usize, Result<ChartOutput, Problem>)]| {
        let good = results
            .iter()
            .filter_map(|(_, result)| result.as_ref().ok());
        let manifests = good.flat_map(|output| &output.manifests);
        ArgoSettings::find(manifests.chain(&given.catalogue.others)).tools
    };
    let mut told = ToolSettings::default();
    let mut results = expanded(&told);
    for round in 0..MAXIMUM_ROUNDS {
        let mut now = found(&results);
        let failed = results.iter().any(|(_, result)| result.is_err());
        if now == told && failed && round == 0 {
            // What says so may itself be a kustomization with charts: then it is built as it will say.
            let mut with_charts = told.clone();
            with_charts.kustomize.enable_helm = true;
            now = found(&expanded(&with_charts));
        }
        if now == told {
            return settled(services, results).map(|outputs| (outputs, told));
        }
        let differs = |service: &Service| {
            let mut sources = service.sources.iter();
            sources.any(|source| told.differs_for(&now, &source.renderer))
        };
        let again = all(services, |index, service| {
            if differs(service) {
                expand(given, service, capabilities, &now)
            } else {
                results[index].1.clone()
            }
        });
        results = again;
        told = now;
    }
    settled(services, results).map(|outputs| (outputs, told))
}

/// Checks the versions of Kustomize that Applications name: Argo CD refuses those that its settings
/// do not know, and here all are built by one.
fn kustomize_versions(
    services: &[Service],
    settings: &ArgoSettings,
) -> Result<Vec<Finding>, RenderError> {
    let mut findings = Vec::new();
    let checked = all(services, |_, service| {
        let named = service.sources.iter().find_map(|one| match &one.renderer {
            Renderer::Kustomize(options) => options.version.clone(),
            _ => None,
        });
        match named {
            Some(version) if !settings.kustomize_versions.contains(&version) => {
                let message = format!("the version {version} of Kustomize is not known to Argo CD");
                Err(Problem::new(message)
                    .at(service.source.clone())
                    .help(format!("argocd-cm names it in `kustomize.path.{version}`")))
            }
            named => Ok(named),
        }
    });
    for (service, named) in services.iter().zip(settled(services, checked)?) {
        if let Some(version) = named {
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
        }
    }
    Ok(findings)
}

/// What services are rendered from.
pub(super) struct Given<'g> {
    pub(super) repository: &'g Repository,
    pub(super) catalogue: &'g Catalogue,
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
            charts: &given.catalogue.charts,
            chart: source.chart.as_ref(),
        }),
        Renderer::Kustomize(options) => {
            let build = super::kustomize::Build {
                repository,
                path: &source.path,
                options,
                settings: &tools.kustomize,
                capabilities,
                bases: &given.catalogue.bases,
                charts: &given.catalogue.charts,
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
fn all<R: Send>(
    services: &[Service],
    apply: impl Fn(usize, &Service) -> R + Sync,
) -> Vec<(usize, R)> {
    let numbered: Vec<_> = services.iter().enumerate().collect();
    chart::in_order(&numbered, usize::MAX, |&(index, service)| {
        (index, apply(index, service))
    })
}

fn settled<R>(
    services: &[Service],
    results: Vec<(usize, Result<R, Problem>)>,
) -> Result<Vec<R>, RenderError> {
    let mut good = Vec::with_capacity(results.len());
    let mut error = RenderError {
        failed: BTreeSet::new(),
        total: services.len(),
        problems: Vec::new(),
    };
    for (index, result) in results {
        match result {
            Ok(result) => good.push(result),
            Err(problem) => {
                error.failed.insert(services[index].name.clone());
                error.problems.push(Problem {
                    message: format!(
                        "the service {} cannot be rendered: {}",
                        services[index].name, problem.message
                    ),
                    ..problem
                });
            }
        }
    }
    if error.failed.is_empty() {
        Ok(good)
    } else {
        Err(error)
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
    services: &[Service],
    outputs: &[ChartOutput],
    differing: &BTreeSet<usize>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, (service, output)) in services.iter().zip(outputs).enumerate() {
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
        if differing.contains(&index) {
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

pub(super) fn assembled(
    services: &[Service],
    outputs: Vec<ChartOutput>,
    settings: &ArgoSettings,
    findings: &mut Vec<Finding>,
) -> Result<Vec<RenderedService>, RenderError> {
    let mut scopes = Scopes::default();
    for output in &outputs {
        scopes.add(&output.manifests);
    }
    let mut rendered = Vec::with_capacity(services.len());
    let mut error = RenderError {
        failed: BTreeSet::new(),
        total: services.len(),
        problems: Vec::new(),
    };
    for (service, output) in services.iter().zip(outputs) {
        let assembly = Assembly {
            scopes: &scopes,
            tracking: &settings.tracking,
        };
        let assembled = assemble(service, output.manifests, &assembly).map(|assembled| {
            findings.extend(repeated(service, &assembled.repeated));
            assembled.objects
        });
        match assembled {
            Ok(objects) => rendered.push(RenderedService {
                name: service.name.clone(),
                namespace: service.namespace.clone(),
                project: service.project.clone(),
                implied_namespace: implied_namespace(service, &objects),
                objects,
                depends_on: service.depends_on.clone(),
                stall_timeout: service.stall_timeout,
                sync_wave: service.sync_wave,
                source: service.source.clone(),
            }),
            Err(problems) => {
                error.failed.insert(service.name.clone());
                error.problems.extend(problems);
            }
        }
    }
    if error.failed.is_empty() {
        Ok(rendered)
    } else {
        Err(error)
    }
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

/// Turns the root's other objects into objects of the handover.
pub fn others(
    catalogue: &Catalogue,
    settings: &ArgoSettings,
) -> Result<Vec<super::Object>, RenderError> {
    let Some(service) = catalogue.services.first() else {
        return Ok(Vec::new());
    };
    let root = Service {
        name: catalogue.root.name().to_owned(),
        namespace: catalogue.applications_namespace().to_owned(),
        ..service.clone()
    };
    let assembly = Assembly {
        scopes: &Scopes::default(),
        tracking: &settings.tracking,
    };
    match assemble(&root, flatten(catalogue.others.clone()), &assembly) {
        Ok(assembled) => Ok(assembled.objects),
        Err(problems) => Err(RenderError {
            failed: BTreeSet::from([root.name.clone()]),
            total: 1,
            problems,
        }),
    }
}

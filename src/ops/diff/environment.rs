//! One environment on two sides: takes both states of the repository, works out which services can
//! differ, renders these, gives what does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::catalog::{self, Capabilities, Catalogue, PluginOutputs};
use crate::definition::{self, Repository};
use crate::ops::plan::{OpsError, Request, read_root, read_with};
use crate::ops::plugin;
use crate::ops::supply::{Mode, Supply};
use crate::problem::Problem;
use crate::render::{self, Rendered};

use super::DiffRequest;
use super::compare::{self, matters, told};
use super::graphs::{edge_changes, finding_changes, graph_of};
use super::inputs::Known;
use super::review::{
    Change, EdgeChange, EnvironmentChange, FindingChange, ObjectChange, ServiceChange, SideProblem,
    Touched,
};
use super::sides::Sides;

/// More rounds than this until all know of the kinds of all are a mistake.
const MAXIMUM_ROUNDS: usize = 5;

/// What came of one environment. The lists of environments are empty.
pub(super) struct Outcome {
    pub(super) environment: EnvironmentChange,
    pub(super) services: Vec<ServiceChange>,
    pub(super) objects: Vec<ObjectChange>,
    pub(super) edges: Vec<EdgeChange>,
    pub(super) findings: Vec<FindingChange>,
    pub(super) problems: Vec<SideProblem>,
}

impl Outcome {
    /// Returns that nothing changes.
    pub(super) fn same(name: &str) -> Self {
        Self {
            environment: EnvironmentChange {
                name: name.to_owned(),
                change: Touched::Same,
                compared: Vec::new(),
            },
            services: Vec::new(),
            objects: Vec::new(),
            edges: Vec::new(),
            findings: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Forgets what was said of some services, so that it can be said anew.
    fn forget(&mut self, services: &BTreeSet<String>) {
        self.objects
            .retain(|change| !services.contains(&change.service));
        self.services.clear();
        let of_others = |one: &SideProblem| {
            (one.service.as_ref()).is_none_or(|service| !services.contains(service))
        };
        self.problems.retain(of_others);
    }

    fn failed(name: &str, side: &'static str, error: &OpsError) -> Self {
        let mut outcome = Self::same(name);
        outcome.environment.change = Touched::Unknown;
        outcome.problems.push(SideProblem {
            service: None,
            side,
            message: words(error),
            environments: Vec::new(),
        });
        outcome
    }
}

/// Returns what is wrong in one line: the first of several.
fn words(error: &OpsError) -> String {
    let first = match error {
        OpsError::Definition(definition::DefinitionError::Problems(problems))
        | OpsError::Catalog(catalog::CatalogError::Applications(problems)) => problems.first(),
        OpsError::Catalog(catalog::CatalogError::Root { problem, .. }) => Some(&**problem),
        OpsError::Render(error) => error.problems.first(),
        _ => None,
    };
    match first {
        Some(problem) => format!("{error}: {}", told(problem)),
        None => error.to_string(),
    }
}

/// One side of an environment.
struct Half<'h> {
    repository: &'h Repository,
    catalogue: Catalogue,
    supply: Supply<'h>,
    /// The services of which it is known whether their charts can be had.
    supplied: BTreeMap<String, Option<Problem>>,
    plugins: PluginOutputs,
    /// Whether kustomizations have what they take from elsewhere.
    has_bases: bool,
    /// How the tools are called, once it had to be found out.
    tools: Option<render::Tools>,
    request: Request<'h>,
}

impl<'h> Half<'h> {
    fn read(
        request: &DiffRequest<'h>,
        (repository, known): (&'h Repository, &Known),
        environment: &'h str,
    ) -> Result<Self, OpsError> {
        let request = Request {
            repository,
            environment,
            kubernetes_version: request.kubernetes_version,
            fetching: request.fetching,
        };
        let supply = Mutex::new(Supply::new(repository, request.fetching, Mode::Obey));
        let (catalogue, _) = read_root(&request, &supply)?;
        let mut services = catalogue.services.iter();
        let catalogue = if services.any(|service| known.may_nest(repository, service)) {
            read_with(&request, &supply)?.catalogue
        } else {
            catalogue
        };
        let supply = supply.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Self {
            repository,
            catalogue,
            supply,
            supplied: BTreeMap::new(),
            plugins: PluginOutputs::new(),
            has_bases: false,
            tools: None,
            request,
        })
    }

    /// Renders services; what cannot be had for one keeps no other from it.
    fn render(&mut self, names: &BTreeSet<String>, told_of: &Capabilities) -> Rendered {
        let mut rendered = Rendered::new();
        let mut good: BTreeSet<&str> = BTreeSet::new();
        for name in names {
            if !self.supplied.contains_key(name) {
                let lack = self.supply(name);
                self.supplied.insert(name.clone(), lack);
            }
            match self.supplied.get(name) {
                Some(Some(problem)) => {
                    rendered.insert(name.clone(), Err(problem.clone()));
                }
                _ => {
                    good.insert(name);
                }
            }
        }
        if !self.has_bases && good.iter().any(|name| self.asks_tools(name)) {
            self.has_bases = true;
            // What cannot be had is told by the services that need it.
            let _ = self.supply.add_bases(self.repository, &mut self.catalogue);
        }
        if self.tools.is_none() && good.iter().any(|name| self.asks_tools(name)) {
            self.tools = Some(render::tools(
                self.repository,
                &self.catalogue,
                &self.plugins,
                told_of,
            ));
        }
        let singles = render::Singles {
            repository: self.repository,
            catalogue: &self.catalogue,
            plugins: &self.plugins,
            capabilities: told_of,
            tools: &self.tools.clone().unwrap_or_default(),
        };
        rendered.extend(singles.render(&good));
        rendered
    }

    /// Tells whether a service depends on how the platform has Argo CD call its tools.
    fn asks_tools(&self, name: &str) -> bool {
        let service = self.catalogue.services.iter().find(|one| one.name == name);
        let mut sources = service.into_iter().flat_map(|service| &service.sources);
        sources.any(|one| matches!(one.renderer, catalog::Renderer::Kustomize(_)))
    }

    /// Gets the charts that a service has from elsewhere, and runs its plugins; returns what keeps
    /// it from being rendered.
    fn supply(&mut self, name: &str) -> Option<Problem> {
        /// A chart from elsewhere may itself lack charts; more rounds than this are a mistake.
        const ROUNDS: usize = 4;
        let service = (self.catalogue.services.iter()).find(|service| service.name == name)?;
        let service = std::slice::from_ref(service);
        for _ in 0..ROUNDS {
            let (needs, refused) = self.catalogue.charts.needs(self.repository, service);
            if let Some((_, _, problem)) = refused.into_iter().next() {
                return Some(problem);
            }
            if needs.is_empty() {
                break;
            }
            if let Err(error) = self.supply.add(&needs, &mut self.catalogue.charts) {
                return Some(match error {
                    crate::ops::SupplyError::Charts(mut problems) if !problems.is_empty() => {
                        problems.remove(0)
                    }
                    error => Problem::new(error.to_string()),
                });
            }
        }
        let has_plugin = (service[0].sources.iter())
            .any(|source| matches!(source.renderer, catalog::Renderer::Plugin(_)));
        if has_plugin {
            let names = [name.to_owned()];
            plugin::add_outputs(&self.request, &self.catalogue, &names, &mut self.plugins);
        }
        None
    }

    fn names(&self) -> BTreeSet<String> {
        let services = self.catalogue.services.iter();
        services.map(|service| service.name.clone()).collect()
    }

    /// Renders those again that ask which kinds there are, until all know of the kinds of all.
    fn settle(&mut self, rendered: &mut Rendered, base: &Capabilities) {
        let mut told = base.clone();
        for _ in 0..MAXIMUM_ROUNDS {
            let promised = promised(base, rendered);
            if promised.api_versions == told.api_versions {
                break;
            }
            told = promised;
            let asking = asking(rendered);
            rendered.extend(self.render(&asking, &told));
        }
    }
}

fn asking(rendered: &Rendered) -> BTreeSet<String> {
    let asking = rendered
        .iter()
        .filter(|(_, result)| (result.as_ref()).is_ok_and(render::Alone::asks_capabilities));
    asking.map(|(name, _)| name.clone()).collect()
}

fn serves(rendered: &Rendered) -> BTreeSet<String> {
    let good = rendered.values().filter_map(|result| result.as_ref().ok());
    good.flat_map(render::Alone::serves).collect()
}

fn promised(base: &Capabilities, rendered: &Rendered) -> Capabilities {
    let mut versions: BTreeSet<String> = base.api_versions.iter().cloned().collect();
    versions.extend(serves(rendered));
    Capabilities {
        kubernetes_version: base.kubernetes_version.clone(),
        api_versions: versions.into_iter().collect(),
    }
}

/// Compares one environment.
pub(super) fn environment(request: &DiffRequest<'_>, sides: &Sides, name: &str) -> Outcome {
    let has = |repository: &Repository| {
        (repository.environments()).is_ok_and(|all| all.iter().any(|one| one == name))
    };
    match (has(&sides.from), has(&sides.to)) {
        (true, true) => both(request, sides, name),
        (before, _) => {
            let (repository, side, change, touched) = if before {
                let from = (&sides.from, &sides.from_known);
                (from, "from", Change::Removed, Touched::Removed)
            } else {
                let to = (&sides.to, &sides.to_known);
                (to, "to", Change::Added, Touched::Added)
            };
            let half = match Half::read(request, repository, name) {
                Ok(half) => half,
                Err(error) => return Outcome::failed(name, side, &error),
            };
            let mut outcome = Outcome::same(name);
            outcome.environment.change = touched;
            let names = half.names().into_iter();
            outcome.services = names.map(|service| of_service(service, change)).collect();
            outcome
        }
    }
}

fn of_service(service: String, change: Change) -> ServiceChange {
    ServiceChange {
        service,
        change,
        environments: Vec::new(),
    }
}

fn both(request: &DiffRequest<'_>, sides: &Sides, name: &str) -> Outcome {
    let mut to = match Half::read(request, (&sides.to, &sides.to_known), name) {
        Ok(half) => half,
        Err(error) => return Outcome::failed(name, "to", &error),
    };
    let of_root = sides.to_known.of_root(&sides.to, &to.catalogue);
    let root_touched = of_root.touched(sides);
    let mut open: BTreeSet<String> = touched(sides, &sides.to_known, &sides.to, &to.catalogue);
    if !root_touched && open.is_empty() {
        return Outcome::same(name);
    }
    let mut from = match Half::read(request, (&sides.from, &sides.from_known), name) {
        Ok(half) => half,
        Err(error) => return Outcome::failed(name, "from", &error),
    };
    let mut outcome = Outcome::same(name);
    open.extend(touched(
        sides,
        &sides.from_known,
        &sides.from,
        &from.catalogue,
    ));
    if root_touched {
        open.extend(differing(&from.catalogue, &to.catalogue));
        outcome.objects = compare::roots(&from.catalogue, &to.catalogue);
    }
    refused(&from.catalogue, &to.catalogue, &mut outcome);
    let mut pair = Pair {
        base: render::empty_cluster(request.kubernetes_version),
        from: &mut from,
        to: &mut to,
        open,
    };
    pair.compare(sides, &mut outcome);
    outcome.environment.compared = pair.open.into_iter().collect();
    let nothing = outcome.services.is_empty()
        && outcome.objects.is_empty()
        && outcome.edges.is_empty()
        && outcome.findings.is_empty();
    outcome.environment.change = match (nothing, outcome.problems.is_empty()) {
        (false, _) => Touched::Changed,
        (true, false) => Touched::Unknown,
        (true, true) => Touched::Same,
    };
    outcome
}

/// Returns the services to which a changed path may matter.
fn touched(
    sides: &Sides,
    known: &Known,
    repository: &Repository,
    catalogue: &Catalogue,
) -> BTreeSet<String> {
    let commit = sides.to_state.commit.as_deref().unwrap_or_default();
    let short = commit.get(..7).unwrap_or("\0");
    let of_interest = catalogue.services.iter().filter(|service| {
        known.of_service(repository, service).touched(sides)
            // What an Application is told of the commit is another at each.
            || service.application.to_string().contains("$ARGOCD_APP_REVISION")
            || service.application.to_string().contains(short)
    });
    of_interest.map(|service| service.name.clone()).collect()
}

/// Returns the services of which the Applications, or what was read for them, differ.
fn differing(from: &Catalogue, to: &Catalogue) -> BTreeSet<String> {
    let by_name = |catalogue: &'_ Catalogue| -> BTreeMap<String, usize> {
        let all = catalogue.services.iter().enumerate();
        all.map(|(index, service)| (service.name.clone(), index))
            .collect()
    };
    let (old, new) = (by_name(from), by_name(to));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differs = |name: &String| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => {
            let (old, new) = (&from.services[*old], &to.services[*new]);
            (&old.namespace, &old.sources) != (&new.namespace, &new.sources)
        }
        _ => true,
    };
    let found = names.into_iter().filter(|name| differs(name));
    found.cloned().collect()
}

/// Tells of Applications that cannot be read, unless both sides have the same mistake.
fn refused(from: &Catalogue, to: &Catalogue, outcome: &mut Outcome) {
    for (side, own, other) in [("from", from, to), ("to", to, from)] {
        for (name, problems) in &own.refused {
            let words = |problems: &[Problem]| -> Vec<String> {
                problems.iter().map(|one| one.message.clone()).collect()
            };
            let same = (other.refused.get(name))
                .is_some_and(|it| words(&it.problems) == words(&problems.problems));
            if let Some(problem) = problems.problems.first().filter(|_| !same) {
                outcome.problems.push(SideProblem {
                    service: Some(name.clone()),
                    side,
                    message: told(problem),
                    environments: Vec::new(),
                });
            }
        }
    }
}

/// Both sides, and the services that may differ.
struct Pair<'p, 'h> {
    base: Capabilities,
    from: &'p mut Half<'h>,
    to: &'p mut Half<'h>,
    open: BTreeSet<String>,
}

impl Pair<'_, '_> {
    fn compare(&mut self, sides: &Sides, outcome: &mut Outcome) {
        self.once(sides, outcome);
        // How tools are called is said by an object of the platform: where it changes, all that are
        // built by them may.
        let settings = outcome.objects.iter();
        let mut settings = settings.map(|one| &one.object);
        if settings.any(|id| id.kind == "ConfigMap" && id.name == "argocd-cm") {
            let of = |half: &Half<'_>| {
                let names = half.names().into_iter();
                names
                    .filter(|name| half.asks_tools(name))
                    .collect::<Vec<_>>()
            };
            let before = self.open.len();
            let more: Vec<String> = of(self.from).into_iter().chain(of(self.to)).collect();
            self.open.extend(more);
            if self.open.len() > before {
                outcome.forget(&self.open);
                self.once(sides, outcome);
            }
        }
    }

    fn once(&mut self, sides: &Sides, outcome: &mut Outcome) {
        let open = self.open.clone();
        let mut old = self
            .from
            .render(&only(&open, &self.from.names()), &self.base);
        let mut new = self.to.render(&only(&open, &self.to.names()), &self.base);
        let asks = !asking(&old).is_empty() || !asking(&new).is_empty();
        let serves_other = serves(&old) != serves(&new);
        if !asks && !serves_other {
            self.objects(&old, &new, outcome);
            let quiet = outcome.services.is_empty()
                && !outcome.objects.iter().any(matters)
                && !sides
                    .changed
                    .paths
                    .iter()
                    .any(|path| is_about_secrets(path));
            if quiet {
                return;
            }
            outcome.forget(&open);
        }
        // The others are the same on both sides: they are rendered once.
        let others: BTreeSet<String> = (self.to.names().into_iter())
            .filter(|name| !open.contains(name))
            .collect();
        let rest = self.to.render(&others, &self.base);
        old.extend(rest.clone());
        new.extend(rest);
        self.from.settle(&mut old, &self.base);
        self.to.settle(&mut new, &self.base);
        if serves_other {
            self.open.extend(asking(&old));
            self.open.extend(asking(&new));
        }
        self.objects(&old, &new, outcome);
        let graphs = (
            graph_of(&self.from.catalogue, &old),
            graph_of(&self.to.catalogue, &new),
        );
        if let (Some(before), Some(after)) = graphs {
            outcome.edges = edge_changes(&before, &after);
            outcome.findings = finding_changes(&before.findings, &after.findings);
        }
    }

    /// Compares the objects of the services that may differ.
    fn objects(&self, old: &Rendered, new: &Rendered, outcome: &mut Outcome) {
        for name in &self.open {
            let before = side(&self.from.catalogue, old, name);
            let after = side(&self.to.catalogue, new, name);
            let is_refused = |catalogue: &Catalogue| catalogue.refused.contains_key(name);
            if is_refused(&self.from.catalogue) || is_refused(&self.to.catalogue) {
                continue;
            }
            let change = match (&before, &after) {
                (None, Some(_)) => Some(Change::Added),
                (Some(_), None) => Some(Change::Removed),
                _ => None,
            };
            let change = change.map(|change| of_service(name.clone(), change));
            outcome.services.extend(change);
            match compare::service(name, before.as_ref(), after.as_ref()) {
                Ok(objects) => outcome.objects.extend(objects),
                Err(problem) => outcome.problems.push(problem),
            }
        }
    }
}

fn side<'s>(
    catalogue: &'s Catalogue,
    rendered: &'s Rendered,
    name: &str,
) -> Option<compare::Side<'s>> {
    let service = catalogue.services.iter().find(|one| one.name == name)?;
    Some(compare::Side {
        service,
        rendered: rendered.get(name)?,
    })
}

fn only(wanted: &BTreeSet<String>, there: &BTreeSet<String>) -> BTreeSet<String> {
    wanted.intersection(there).cloned().collect()
}

/// Tells whether a path is read for findings alone.
fn is_about_secrets(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with("secrets") || name == definition::SUPPLEMENT
}

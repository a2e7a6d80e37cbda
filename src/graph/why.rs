//! Why one service or object waits for another, or why it does not: takes the graph and the objects,
//! gives chains of edges with their evidence and what was looked at, never words an answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use crate::render::{Object, ObjectId, Phase, RenderedService};

use super::build::{GivenUp, Graph};
use super::edge::{Edge, Holds, Milestone};
use super::evidence::{Party, Reason};
use super::need::is_foundation;

/// One end of the question: a service, or an object with its service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct End {
    /// The service.
    pub service: String,
    /// The object, where one is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Party>,
}

/// Why a name is no end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfound {
    /// There is no such thing; perhaps another is meant.
    Unknown(Option<String>),
    /// Several objects are called so.
    Several(Vec<String>),
}

/// One step of a chain: a service and the one that it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The service that waits.
    pub service: String,
    /// The service that is waited for.
    pub needs: String,
    /// How far that one must come.
    pub until: Milestone,
    /// Why: those of the objects that are asked about first, then the strongest milestone.
    pub edges: Vec<Edge>,
}

/// Where two objects of one service stand in the order of their writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Within {
    /// The phase and the wave of the one that is asked about.
    pub from: (Phase, i32),
    /// The phase and the wave of the other.
    pub to: (Phase, i32),
    /// How far the other must have come.
    pub until: Milestone,
}

/// What was looked at where nothing was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LookedAt {
    /// How many objects of the one were looked at.
    pub objects: usize,
    /// What the other brings that somebody could need, by kind with the names.
    pub brings: BTreeMap<String, Vec<String>>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The one that is asked about.
    pub from: End,
    /// The other.
    pub to: End,
    /// Whether it waits.
    pub waits: bool,
    /// True where the object itself has the need, not only its service.
    pub needs_itself: bool,
    /// The shortest chain; empty where it does not wait, or both are of one service.
    pub chain: Vec<Step>,
    /// Further chains, so many as are worth telling.
    pub more_chains: Vec<Vec<Step>>,
    /// True where there are still more.
    pub has_more: bool,
    /// Where both are objects of one service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// The shortest chain the other way round.
    pub back: Vec<Step>,
    /// Reasons that were given up because they would have closed a cycle.
    pub given_up: Vec<GivenUp>,
    /// What was looked at.
    pub looked_at: LookedAt,
}

/// More chains than this help nobody.
const CHAINS: usize = 20;
/// More steps than this are not gone to find them.
const STEPS: usize = 20_000;

impl End {
    /// Finds a service by its name, or an object by `Kind/name` or `namespace/Kind/name`.
    pub fn find(services: &[RenderedService], text: &str) -> Result<Self, Unfound> {
        if services.iter().any(|service| service.name == text) {
            return Ok(Self {
                service: text.to_owned(),
                object: None,
            });
        }
        let (namespace, kind, name) = match *text.split('/').collect::<Vec<_>>() {
            [kind, name] => (None, kind, name),
            [namespace, kind, name] => (Some(namespace), kind, name),
            _ => {
                let names = services.iter().map(|service| service.name.as_str());
                let nearest = crate::suggest::nearest(text, names);
                return Err(Unfound::Unknown(nearest.map(str::to_owned)));
            }
        };
        let found: Vec<(&RenderedService, &Object)> = objects(services)
            .filter(|(_, object)| {
                object.id.name == name
                    && object.id.kind.eq_ignore_ascii_case(kind)
                    && namespace.is_none_or(|namespace| is_in(&object.id, namespace))
            })
            .collect();
        let different: BTreeSet<String> =
            found.iter().map(|(_, object)| path(&object.id)).collect();
        match (found.first(), different.len()) {
            (Some((service, object)), 1) => Ok(Self {
                service: service.name.clone(),
                object: Some((*object).into()),
            }),
            (Some(_), _) => Err(Unfound::Several(different.into_iter().collect())),
            (None, _) => {
                let all = objects(services);
                let all: BTreeSet<String> = all
                    .map(|(_, object)| match namespace {
                        Some(_) => path(&object.id),
                        None => format!("{}/{}", object.id.kind, object.id.name),
                    })
                    .collect();
                let nearest = crate::suggest::nearest(text, all.iter().map(String::as_str));
                Err(Unfound::Unknown(nearest.map(str::to_owned)))
            }
        }
    }

    fn id(&self) -> Option<&ObjectId> {
        self.object.as_ref()?.object.as_ref()
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.id() {
            Some(id) => write!(formatter, "{id}"),
            None => formatter.write_str(&self.service),
        }
    }
}

/// Returns whether and why one end waits for the other.
pub fn why(graph: &Graph, services: &[RenderedService], from: End, to: End) -> Answer {
    let search = Search { graph };
    let within = within(services, &from, &to);
    let (chain, back, chains) = if from.service == to.service {
        (Vec::new(), Vec::new(), (Vec::new(), false))
    } else {
        let chain = search.shortest(&from, &to);
        let (back, chains) = if chain.is_empty() {
            (search.shortest(&to, &from), (Vec::new(), false))
        } else {
            (Vec::new(), search.all(&from, &to))
        };
        (chain, back, chains)
    };
    let is_shown = |other: &Vec<Step>| !is_same(other, &chain);
    let given_up = graph.given_up.iter().filter(|given_up| {
        let reaches = |from: &str, to: &str| from == to || search.leads(from, to);
        reaches(&from.service, &given_up.service) && reaches(&given_up.edge.service, &to.service)
    });
    Answer {
        waits: !chain.is_empty() || within.is_some(),
        needs_itself: match (from.id(), chain.first()) {
            (Some(id), Some(step)) => step.edges.iter().any(|edge| needs(&edge.reason, id)),
            _ => true,
        },
        given_up: given_up.cloned().collect(),
        looked_at: looked_at(services, &from, &to),
        more_chains: chains.0.into_iter().filter(is_shown).collect(),
        has_more: chains.1,
        within,
        back,
        chain,
        from,
        to,
    }
}

fn is_same(left: &[Step], right: &[Step]) -> bool {
    left.len() == right.len()
        && (left.iter().zip(right)).all(|(left, right)| left.needs == right.needs)
}

struct Search<'g> {
    graph: &'g Graph,
}

impl<'g> Search<'g> {
    fn edges(&self, service: &str) -> &'g [Edge] {
        let mut services = self.graph.services.iter();
        let found = services.find(|one| one.name == service);
        found.map_or(&[], |service| &service.edges)
    }

    /// Returns the shortest chain; of several one in which the objects themselves are the reason.
    fn shortest(&self, from: &End, to: &End) -> Vec<Step> {
        for (own_start, own_end) in [(true, true), (true, false), (false, true), (false, false)] {
            let asks_for_more = (
                own_start && from.id().is_none(),
                own_end && to.id().is_none(),
            );
            if asks_for_more != (false, false) {
                continue;
            }
            if let Some(services) = self.way(from, to, (own_start, own_end)) {
                return self.steps(&services, from, to);
            }
        }
        Vec::new()
    }

    fn way(&self, from: &End, to: &End, (own_start, own_end): (bool, bool)) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([from.service.as_str()]);
        while let Some(at) = queue.pop_front() {
            for edge in self.edges(at) {
                let is_start = at == from.service;
                if is_start && !may_hold(edge, from) {
                    continue;
                }
                let is_own = |id: Option<&ObjectId>, is_it: fn(&Reason, &ObjectId) -> bool| {
                    id.is_some_and(|id| is_it(&edge.reason, id))
                };
                if is_start && own_start && !is_own(from.id(), needs) {
                    continue;
                }
                if edge.service == to.service {
                    if own_end && !is_own(to.id(), is_needed) {
                        continue;
                    }
                    let mut services = vec![to.service.clone(), at.to_owned()];
                    let mut step = at;
                    while step != from.service {
                        step = came_from[step];
                        services.push(step.to_owned());
                    }
                    services.reverse();
                    return Some(services);
                }
                let is_new =
                    edge.service != from.service && !came_from.contains_key(edge.service.as_str());
                if is_new {
                    came_from.insert(&edge.service, at);
                    queue.push_back(&edge.service);
                }
            }
        }
        None
    }

    fn leads(&self, from: &str, to: &str) -> bool {
        let end = |service: &str| End {
            service: service.to_owned(),
            object: None,
        };
        self.way(&end(from), &end(to), (false, false)).is_some()
    }

    fn steps(&self, services: &[String], from: &End, to: &End) -> Vec<Step> {
        let pairs = services.windows(2).enumerate();
        pairs
            .map(|(index, pair)| {
                let of_pair = self
                    .edges(&pair[0])
                    .iter()
                    .filter(|edge| edge.service == pair[1]);
                let mut edges: Vec<Edge> = of_pair
                    .filter(|edge| index > 0 || may_hold(edge, from))
                    .cloned()
                    .collect();
                let is_first = index == 0;
                let is_last = index + 2 == services.len();
                edges.sort_by_key(|edge| {
                    let asks = is_first && from.id().is_some_and(|id| needs(&edge.reason, id));
                    let meant = is_last && to.id().is_some_and(|id| is_needed(&edge.reason, id));
                    std::cmp::Reverse(2 * u8::from(asks) + u8::from(meant))
                });
                let until = edges.iter().map(|edge| edge.until).max();
                Step {
                    service: pair[0].clone(),
                    needs: pair[1].clone(),
                    until: until.unwrap_or(Milestone::Ready),
                    edges,
                }
            })
            .collect()
    }

    /// Returns chains, short ones first, and whether there are more.
    fn all(&self, from: &End, to: &End) -> (Vec<Vec<Step>>, bool) {
        let mut found: Vec<Vec<String>> = Vec::new();
        let mut open = VecDeque::from([vec![from.service.clone()]]);
        let mut steps = 0;
        while let Some(way) = open.pop_front() {
            let Some(at) = way.last() else { continue };
            let next: BTreeSet<&String> = self.edges(at).iter().map(|edge| &edge.service).collect();
            for service in next {
                steps += 1;
                if steps > STEPS || found.len() > CHAINS {
                    found.truncate(CHAINS);
                    return (self.chains(&found, from, to), true);
                }
                if way.contains(service) {
                    continue;
                }
                let mut longer = way.clone();
                longer.push(service.clone());
                if *service == to.service {
                    found.push(longer);
                } else {
                    open.push_back(longer);
                }
            }
        }
        (self.chains(&found, from, to), false)
    }

    fn chains(&self, found: &[Vec<String>], from: &End, to: &End) -> Vec<Vec<Step>> {
        let chains = found.iter().map(|services| self.steps(services, from, to));
        chains.collect()
    }
}

/// Whether an edge keeps an object of its service from being written.
fn may_hold(edge: &Edge, from: &End) -> bool {
    edge.holds == Holds::Service || !from.id().is_some_and(is_foundation)
}

fn needs(reason: &Reason, id: &ObjectId) -> bool {
    let mut parties = reason.also.iter().chain([&reason.needing]);
    parties.any(|party| party.object.as_ref() == Some(id))
}

fn is_needed(reason: &Reason, id: &ObjectId) -> bool {
    let mut parties = reason.needed.iter().chain(&reason.through);
    parties.any(|party| party.object.as_ref() == Some(id))
}

fn objects(services: &[RenderedService]) -> impl Iterator<Item = (&RenderedService, &Object)> {
    services.iter().flat_map(|service| {
        let objects = service.objects.iter().chain(&service.implied_namespace);
        objects.map(move |object| (service, object))
    })
}

fn is_in(id: &ObjectId, namespace: &str) -> bool {
    id.namespace.as_deref() == Some(namespace)
}

fn path(id: &ObjectId) -> String {
    match &id.namespace {
        Some(namespace) => format!("{namespace}/{}/{}", id.kind, id.name),
        None => format!("{}/{}", id.kind, id.name),
    }
}

fn within(services: &[RenderedService], from: &End, to: &End) -> Option<Within> {
    let (from_id, to_id) = (from.id()?, to.id()?);
    if from.service != to.service {
        return None;
    }
    let service = services
        .iter()
        .find(|service| service.name == from.service)?;
    let all: Vec<&Object> = service
        .implied_namespace
        .iter()
        .chain(&service.objects)
        .collect();
    let position = |id: &ObjectId| all.iter().position(|object| object.id == *id);
    let (own, other) = (position(from_id)?, position(to_id)?);
    let step = |index: usize| (all[index].phase, all[index].sync_wave);
    (other < own).then(|| Within {
        from: step(own),
        to: step(other),
        until: if step(other) < step(own) {
            Milestone::Ready
        } else {
            Milestone::Applied
        },
    })
}

/// Kinds that nothing of another service waits for.
const NEVER_NEEDED: &[&str] = &[
    "ClusterRoleBinding",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "RoleBinding",
    "StatefulSet",
];

fn looked_at(services: &[RenderedService], from: &End, to: &End) -> LookedAt {
    let of = |name: &str| services.iter().find(|service| service.name == name);
    let mut brings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if let Some(service) = of(&to.service) {
        for object in service.objects.iter().chain(&service.implied_namespace) {
            if !NEVER_NEEDED.contains(&object.id.kind.as_str()) {
                let names = brings.entry(object.id.kind.clone()).or_default();
                names.push(object.id.name.clone());
            }
        }
    }
    let asked = of(&from.service).map_or(0, |service| match from.id() {
        Some(_) => 1,
        None => service.objects.len(),
    });
    LookedAt {
        objects: asked,
        brings,
    }
}

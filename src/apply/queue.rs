//! Which service may start: takes services with their typed edges and what was reached so far,
//! gives those that may start and those that never will, never looks at a clock or a cluster.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Edge, Holds, Milestone};

/// Where one service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Waiting,
    /// Its Namespaces and definitions are written; the rest waits.
    InPart,
    Running,
    Ready,
    Failed,
    Blocked,
}

/// A service that will not start, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The service.
    pub service: String,
    /// The service that failed, to which the chain of edges leads.
    pub blocker: String,
    /// The edge over which it is blocked.
    pub edge: Edge,
}

#[derive(Debug)]
struct Node {
    edges: Vec<Edge>,
    state: State,
    reached: Option<Milestone>,
    /// The longest chain of services that wait for this one: such a service goes first.
    weight: usize,
    order: usize,
}

/// The services of one run and what each of them waits for.
#[derive(Debug)]
pub struct Queue {
    nodes: BTreeMap<String, Node>,
}

impl Queue {
    /// Builds the queue; the order of the services decides between equals. Edges to services
    /// that are not in it are taken as met: the plan has reported them.
    pub fn new(services: impl IntoIterator<Item = (String, Vec<Edge>)>) -> Self {
        let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
        for (order, (name, edges)) in services.into_iter().enumerate() {
            let node = Node {
                edges,
                state: State::Waiting,
                reached: None,
                weight: 0,
                order,
            };
            nodes.insert(name, node);
        }
        let known: BTreeSet<String> = nodes.keys().cloned().collect();
        for (name, node) in &mut nodes {
            node.edges
                .retain(|edge| known.contains(&edge.service) && edge.service != *name);
        }
        let mut queue = Self { nodes };
        queue.weigh();
        queue
    }

    /// Gives each service the length of the longest chain behind it. A cycle ends the search: its
    /// services never start anyhow.
    fn weigh(&mut self) {
        let limit = self.nodes.len();
        for _ in 0..limit {
            let raised: Vec<(String, usize)> = self
                .nodes
                .values()
                .flat_map(|node| {
                    node.edges
                        .iter()
                        .map(|edge| (edge.service.clone(), node.weight + 1))
                })
                .collect();
            let mut changed = false;
            for (name, weight) in raised {
                if let Some(node) = self.nodes.get_mut(&name)
                    && node.weight < weight
                {
                    node.weight = weight;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Returns the services that may start now, those with the longest chain behind them first.
    pub fn startable(&self) -> Vec<String> {
        let mut names: Vec<(&String, &Node)> = self
            .nodes
            .iter()
            .filter(|(_, node)| node.state == State::Waiting && self.may(node, Holds::Service))
            .collect();
        names.sort_by_key(|(_, node)| (std::cmp::Reverse(node.weight), node.order));
        names.into_iter().map(|(name, _)| name.clone()).collect()
    }

    /// Returns the services whose rest may be written now: they were started, and what held back all
    /// but their Namespaces and definitions has come.
    pub fn releasable(&self) -> Vec<String> {
        let nodes = self.nodes.iter();
        nodes
            .filter(|(_, node)| node.state == State::InPart && self.may(node, Holds::Rest))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Returns true where nothing is under way but so many services in two parts, whose first part is
    /// there and whose rest nothing will ever release.
    pub fn is_stuck(&self, running: usize) -> bool {
        let in_part = self
            .nodes
            .values()
            .filter(|node| node.state == State::InPart);
        let waiting = in_part.filter(|node| node.reached >= Some(Milestone::Established));
        running > 0
            && waiting.count() == running
            && self.startable().is_empty()
            && self.releasable().is_empty()
    }

    /// Returns how many services have begun and wait for others before they go on.
    pub fn in_part(&self) -> usize {
        let nodes = self.nodes.values();
        nodes.filter(|node| node.state == State::InPart).count()
    }

    /// Notes that a service goes on with its rest.
    pub fn released(&mut self, service: &str) {
        self.set(service, State::Running);
    }

    /// Whether nothing that is waited for holds back this part of a service.
    fn may(&self, node: &Node, part: Holds) -> bool {
        !self.unmet(node).any(|edge| edge.holds == part)
    }

    /// Returns the edges of a service that are not met yet.
    pub fn waits_for(&self, service: &str) -> Vec<Edge> {
        self.nodes
            .get(service)
            .map(|node| self.unmet(node).cloned().collect())
            .unwrap_or_default()
    }

    fn unmet<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a Edge> {
        node.edges.iter().filter(|edge| {
            self.nodes
                .get(&edge.service)
                .is_some_and(|target| target.reached.is_none_or(|reached| reached < edge.until))
        })
    }

    /// Notes that a service was started.
    pub fn started(&mut self, service: &str) {
        let is_in_parts = self.nodes.get(service).is_some_and(|node| {
            let mut edges = node.edges.iter();
            edges.any(|edge| edge.holds == Holds::Rest)
        });
        let state = if is_in_parts {
            State::InPart
        } else {
            State::Running
        };
        self.set(service, state);
    }

    /// Notes that a service reached a milestone.
    pub fn reached(&mut self, service: &str, milestone: Milestone) {
        let Some(node) = self.nodes.get_mut(service) else {
            return;
        };
        node.reached = node.reached.max(Some(milestone));
        if milestone == Milestone::Ready {
            node.state = State::Ready;
        }
    }

    /// Notes that a service failed, and returns those that are blocked by it, near ones first.
    pub fn failed(&mut self, service: &str) -> Vec<Blocked> {
        self.set(service, State::Failed);
        let mut blocked = Vec::new();
        let mut changed = true;
        while changed {
            changed = false;
            let hit: Vec<(String, Edge)> = self
                .nodes
                .iter()
                .filter(|(_, node)| matches!(node.state, State::Waiting | State::InPart))
                .filter_map(|(name, node)| {
                    let edge = self.unmet(node).find(|edge| self.never(&edge.service))?;
                    Some((name.clone(), edge.clone()))
                })
                .collect();
            for (name, edge) in hit {
                self.set(&name, State::Blocked);
                blocked.push(Blocked {
                    service: name,
                    blocker: service.to_owned(),
                    edge,
                });
                changed = true;
            }
        }
        blocked
    }

    fn never(&self, service: &str) -> bool {
        self.nodes
            .get(service)
            .is_some_and(|node| matches!(node.state, State::Failed | State::Blocked))
    }

    fn set(&mut self, service: &str, state: State) {
        if let Some(node) = self.nodes.get_mut(service) {
            node.state = state;
        }
    }

    /// Returns the services that were neither started nor blocked.
    pub fn left(&self) -> Vec<String> {
        self.nodes
            .iter()
            .filter(|(_, node)| node.state == State::Waiting)
            .map(|(name, _)| name.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(services: &[(&str, &[(&str, Milestone)])]) -> Queue {
        Queue::new(services.iter().map(|(name, edges)| {
            let edges = edges
                .iter()
                .map(|(service, until)| Edge::for_test(service, *until))
                .collect();
            ((*name).to_owned(), edges)
        }))
    }

    #[test]
    fn a_service_starts_when_its_own_milestone_is_reached() {
        let mut queue = queue(&[
            ("crds", &[]),
            ("app", &[("crds", Milestone::Established)]),
            ("late", &[("crds", Milestone::Ready)]),
        ]);
        assert_eq!(queue.startable(), ["crds"]);
        queue.started("crds");
        assert!(queue.startable().is_empty());
        queue.reached("crds", Milestone::Applied);
        assert!(queue.startable().is_empty());
        queue.reached("crds", Milestone::Established);
        assert_eq!(queue.startable(), ["app"]);
        queue.started("app");
        assert_eq!(
            queue.waits_for("late"),
            [Edge::for_test("crds", Milestone::Ready)]
        );
        queue.reached("crds", Milestone::Ready);
        assert_eq!(queue.startable(), ["late"]);
    }

    #[test]
    fn a_failure_blocks_what_needs_it_and_nothing_else() {
        let mut queue = queue(&[
            ("base", &[]),
            ("other", &[]),
            ("middle", &[("base", Milestone::Ready)]),
            (
                "top",
                &[("middle", Milestone::Applied), ("other", Milestone::Ready)],
            ),
        ]);
        queue.started("base");
        let blocked = queue.failed("base");
        let names: Vec<_> = blocked
            .iter()
            .map(|b| (b.service.as_str(), b.edge.service.as_str()))
            .collect();
        assert_eq!(names, [("middle", "base"), ("top", "middle")]);
        assert!(blocked.iter().all(|b| b.blocker == "base"));
        assert_eq!(queue.startable(), ["other"]);
    }

    #[test]
    fn a_failure_after_the_milestone_blocks_nobody() {
        let mut queue = queue(&[("crds", &[]), ("app", &[("crds", Milestone::Established)])]);
        queue.started("crds");
        queue.reached("crds", Milestone::Established);
        assert!(queue.failed("crds").is_empty());
        assert_eq!(queue.startable(), ["app"]);
    }

    #[test]
    fn the_longest_chain_goes_first() {
        let queue = queue(&[
            ("alone", &[]),
            ("long", &[]),
            ("b", &[("long", Milestone::Ready)]),
            ("c", &[("b", Milestone::Ready)]),
        ]);
        assert_eq!(queue.startable(), ["long", "alone"]);
    }

    #[test]
    fn a_service_in_two_parts_begins_before_what_it_needs() {
        let rest = Edge {
            holds: Holds::Rest,
            ..Edge::for_test("webhook", Milestone::Ready)
        };
        let definitions = Edge::for_test("operator", Milestone::Established);
        let services = [
            ("operator".to_owned(), vec![rest]),
            ("webhook".to_owned(), vec![definitions]),
        ];
        let mut queue = Queue::new(services.clone());
        assert_eq!(queue.startable(), ["operator"]);
        queue.started("operator");
        assert_eq!(queue.in_part(), 1);
        assert!(queue.startable().is_empty() && queue.releasable().is_empty());
        queue.reached("operator", Milestone::Established);
        assert_eq!(queue.startable(), ["webhook"]);
        queue.started("webhook");
        queue.reached("webhook", Milestone::Ready);
        assert_eq!(queue.releasable(), ["operator"]);
        queue.released("operator");
        assert_eq!(queue.in_part(), 0);

        let mut queue = Queue::new(services);
        queue.started("operator");
        queue.reached("operator", Milestone::Established);
        queue.started("webhook");
        assert_eq!(queue.failed("webhook")[0].service, "operator");
    }

    #[test]
    fn a_cycle_and_an_unknown_service_do_not_hang_the_queue() {
        let mut queue = queue(&[
            ("a", &[("b", Milestone::Ready)]),
            ("b", &[("a", Milestone::Ready)]),
            ("c", &[("nowhere", Milestone::Ready)]),
        ]);
        assert_eq!(queue.startable(), ["c"]);
        queue.started("c");
        queue.reached("c", Milestone::Ready);
        assert_eq!(queue.left(), ["a", "b"]);
    }
}

//! Order out of needs: takes needs, gives those that hold without a cycle, the waves and the cycles
//! that were found, never words a sentence. The only user of petgraph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::edge::{Holds, Milestone};
use super::evidence::Strength;
use super::need::Need;

/// The services in order.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The needs that hold, in the order in which they were found.
    pub(super) needs: Vec<Need>,
    /// The wave of each service, from 0.
    pub(super) waves: Vec<u32>,
    /// The cycles, each as the needs that form it.
    pub(super) cycles: Vec<Cycle>,
    /// The services whose Namespaces and definitions come first, with what opened a cycle by that.
    pub(super) splits: Vec<Split>,
    /// The needs that were given up: without harm, or with a cycle that is told.
    pub(super) dropped: Vec<Dropped>,
}

/// Services that wait for each other.
#[derive(Debug)]
pub(super) struct Cycle {
    /// All needs along the smallest cycle, in its order; several may join the same two services.
    pub(super) needs: Vec<Need>,
    /// The service whose need was given up so that the others can be ordered, and the one that it
    /// does not wait for.
    pub(super) given_up: (usize, usize),
}

/// A cycle that is opened by writing one service in two parts.
#[derive(Debug)]
pub(super) struct Split {
    /// The service whose Namespaces and definitions come first.
    pub(super) service: usize,
    /// All needs along the cycle, in its order, from those of the rest of the service on.
    pub(super) needs: Vec<Need>,
}

/// A need that was given up because it would have closed a cycle.
#[derive(Debug)]
pub(super) struct Dropped {
    /// The need.
    pub(super) need: Need,
    /// The services of the way back, from the one that is needed to the one that needs.
    pub(super) way_back: Vec<usize>,
}

/// A service, or what of it comes first: that is counted from the number of services on.
type Node = usize;

/// The needs that hold so far, over services of which some are written in two parts.
struct Held {
    count: usize,
    needs: Vec<Need>,
    split: BTreeSet<usize>,
}

/// Orders services; `splittable` are those whose Namespaces and definitions can be written first.
pub(super) fn order(splittable: &[bool], needs: Vec<Need>) -> Order {
    let (mut soft, needs): (Vec<Need>, Vec<Need>) = needs.into_iter().partition(Need::is_soft);
    // An address says less than a reference to an object.
    soft.sort_by_key(|need| need.reason.rule == super::evidence::Rule::Address);
    let mut held = Held {
        count: splittable.len(),
        needs,
        split: BTreeSet::new(),
    };
    let mut order = Order::default();
    while let Some(steps) = held.smallest_cycle() {
        if !held.splits(&steps, splittable, &mut order) && !held.yields(&steps, &mut order) {
            let cycle = held.give_up(&steps, &mut order.dropped);
            order.cycles.push(cycle);
        }
    }
    held.take_in(soft, &mut order);
    order.waves = held.waves();
    order.needs = held.needs;
    order
}

impl Held {
    /// Returns the ends of a need.
    fn ends(&self, need: &Need) -> (Node, Node) {
        let first = |service: usize| service + self.count;
        let from = match need.holds {
            Holds::Service if self.split.contains(&need.from) => first(need.from),
            _ => need.from,
        };
        let to = if need.is_met_by_foundation() && self.split.contains(&need.to) {
            first(need.to)
        } else {
            need.to
        };
        (from, to)
    }

    fn service(&self, node: Node) -> usize {
        node % self.count.max(1)
    }

    /// Returns every step from a node to one that it waits for.
    fn steps(&self) -> BTreeMap<Node, BTreeSet<Node>> {
        let mut steps: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
        for need in &self.needs {
            let (from, to) = self.ends(need);
            steps.entry(from).or_default().insert(to);
        }
        for service in &self.split {
            let first = service + self.count;
            steps.entry(*service).or_default().insert(first);
        }
        steps
    }

    fn of(&self, step: (Node, Node)) -> impl Iterator<Item = &Need> {
        self.needs
            .iter()
            .filter(move |need| self.ends(need) == step)
    }

    fn along(&self, steps: &[(Node, Node)]) -> Vec<Need> {
        let needs = steps.iter().flat_map(|step| self.of(*step));
        needs.cloned().collect()
    }

    /// Returns the smallest cycle as steps from node to node; the first of equals by index.
    fn smallest_cycle(&self) -> Option<Vec<(Node, Node)>> {
        let steps = self.steps();
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(self.count * 2, steps.len());
        for _ in 0..self.count * 2 {
            graph.add_node(());
        }
        for (from, targets) in &steps {
            for to in targets {
                graph.update_edge(NodeIndex::new(*from), NodeIndex::new(*to), ());
            }
        }
        tarjan_scc(&graph)
            .into_iter()
            .filter(|component| component.len() > 1)
            .flat_map(|component| component.into_iter().map(NodeIndex::index))
            .filter_map(|start| shortest_way(&steps, start, start))
            .map(|way| (way.len(), way))
            .min()
            .map(|(_, way)| way)
    }

    /// Gives up a step of the cycle that keeps its service from becoming ready, but from nothing that
    /// the others on the way back wait for. Returns false where there is none.
    fn yields(&mut self, steps: &[(Node, Node)], order: &mut Order) -> bool {
        let all = self.steps();
        let found = steps.iter().copied().find(|(from, to)| {
            self.of((*from, *to))
                .all(|need| need.reason.strength == Strength::Readiness)
                && self.of((*from, *to)).next().is_some()
                && !self.needs.iter().any(|need| {
                    let (other, target) = self.ends(need);
                    target == *from
                        && need.until == Milestone::Ready
                        && (other == *to || shortest_way(&all, *to, other).is_some())
                })
        });
        let Some(step) = found else {
            return false;
        };
        self.leave_out(step, &mut order.dropped);
        true
    }

    /// Opens the cycle by writing one of its services in two parts: one of which only Namespaces and
    /// definitions are waited for, and none of these has the need that closes the cycle.
    fn splits(&mut self, steps: &[(Node, Node)], splittable: &[bool], order: &mut Order) -> bool {
        let found = (0..steps.len()).find(|index| {
            let into = steps[(index + steps.len() - 1) % steps.len()];
            let service = self.service(into.1);
            splittable.get(service).copied().unwrap_or(false)
                && self.of(into).next().is_some()
                && self.of(into).all(Need::is_met_by_foundation)
                && self.of(steps[*index]).next().is_some()
                && !self.of(steps[*index]).any(Need::is_of_foundation)
        });
        let Some(index) = found else {
            return false;
        };
        let mut cycle = steps.to_vec();
        cycle.rotate_left(index);
        let service = self.service(cycle[0].0);
        let needs = self.along(&cycle);
        order.splits.push(Split { service, needs });
        let step = cycle[0];
        let late: Vec<usize> = (0..self.needs.len())
            .filter(|index| self.ends(&self.needs[*index]) == step)
            .collect();
        for index in late {
            self.needs[index].holds = Holds::Rest;
        }
        self.split.insert(service);
        for need in &mut self.needs {
            // All of the service is written at the end; its Namespaces are there with its definitions.
            if need.to == service && need.is_met_by_foundation() {
                need.until = need.until.max(Milestone::Established);
            }
        }
        true
    }

    /// Gives up the step that a person can drop most easily: one with nothing but declarations, else
    /// the one with the weakest milestone.
    fn give_up(&mut self, steps: &[(Node, Node)], dropped: &mut Vec<Dropped>) -> Cycle {
        let weakest = steps
            .iter()
            .copied()
            .filter(|step| self.of(*step).next().is_some())
            .min_by_key(|step| {
                let needs = self.of(*step);
                needs.map(|need| (need.reason.strength, need.until)).max()
            })
            .unwrap_or_default();
        let cycle = Cycle {
            needs: self.along(steps),
            given_up: (self.service(weakest.0), self.service(weakest.1)),
        };
        self.leave_out(weakest, dropped);
        cycle
    }

    /// Leaves out all needs of a step.
    fn leave_out(&mut self, step: (Node, Node), dropped: &mut Vec<Dropped>) {
        let way_back = self.way_back(step);
        let needs = std::mem::take(&mut self.needs);
        let (given_up, kept): (Vec<Need>, Vec<Need>) =
            needs.into_iter().partition(|need| self.ends(need) == step);
        self.needs = kept;
        dropped.extend(given_up.into_iter().map(|need| Dropped {
            need,
            way_back: way_back.clone(),
        }));
    }

    /// Adds soft needs as long as they close no cycle.
    fn take_in(&mut self, soft: Vec<Need>, order: &mut Order) {
        let mut reachable = self.reachable();
        for need in soft {
            let (from, to) = self.ends(&need);
            if reachable
                .get(&to)
                .is_some_and(|found| found.contains(&from))
            {
                order.dropped.push(Dropped {
                    way_back: self.way_back((from, to)),
                    need,
                });
                continue;
            }
            let is_news = !reachable
                .get(&from)
                .is_some_and(|found| found.contains(&to));
            self.needs.push(need);
            if is_news {
                reachable = self.reachable();
            }
        }
    }

    /// Returns the services from the end of a step back to its beginning.
    fn way_back(&self, (from, to): (Node, Node)) -> Vec<usize> {
        let way = shortest_way(&self.steps(), to, from).unwrap_or_default();
        let mut services = vec![self.service(to)];
        services.extend(way.into_iter().map(|(_, node)| self.service(node)));
        services.dedup();
        services
    }

    /// Returns for each node all that it waits for, directly or not.
    fn reachable(&self) -> BTreeMap<Node, BTreeSet<Node>> {
        let steps = self.steps();
        let starts = steps.keys().copied();
        starts
            .map(|start| {
                let mut found = BTreeSet::new();
                let mut open: Vec<Node> = steps[&start].iter().copied().collect();
                while let Some(at) = open.pop() {
                    if found.insert(at) {
                        open.extend(steps.get(&at).into_iter().flatten().copied());
                    }
                }
                (start, found)
            })
            .collect()
    }

    /// Returns the topological generations of needs without a cycle.
    fn waves(&self) -> Vec<u32> {
        let steps = self.steps();
        let mut waves = vec![0_u32; self.count * 2];
        // At most as many rounds as nodes: the longest chain of an acyclic graph.
        for _ in 0..waves.len() {
            let mut changed = false;
            for (from, to) in steps
                .iter()
                .flat_map(|(from, targets)| targets.iter().map(move |to| (*from, *to)))
            {
                let least = waves[to] + 1;
                if waves[from] < least {
                    waves[from] = least;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        waves.truncate(self.count);
        waves
    }
}

/// Returns the shortest way between two nodes, which may be the same one; the first of equals by
/// index.
fn shortest_way(
    steps: &BTreeMap<Node, BTreeSet<Node>>,
    start: Node,
    end: Node,
) -> Option<Vec<(Node, Node)>> {
    let mut came_from: BTreeMap<Node, Node> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for to in steps.get(&at).into_iter().flatten().copied() {
            if to == end {
                let mut way = vec![(at, end)];
                let mut step = at;
                while step != start {
                    let before = came_from[&step];
                    way.push((before, step));
                    step = before;
                }
                way.reverse();
                return Some(way);
            }
            if to != start
                && let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(to)
            {
                entry.insert(at);
                queue.push_back(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::evidence::{Party, Reason};
    use crate::graph::{Holds, Milestone, Rule};
    use crate::source::Source;

    fn need(from: usize, to: usize, rule: Rule) -> Need {
        Need {
            from,
            to,
            until: Milestone::Ready,
            holds: Holds::Service,
            reason: Reason {
                rule,
                strength: rule.strength(),
                needing: Party::line(Source::file("test.yaml")),
                field: None,
                needed: None,
                through: None,
                by: None,
                also: Vec::new(),
            },
        }
    }

    #[test]
    fn waves_are_longest_chains() {
        let needs = vec![
            need(3, 0, Rule::Kind),
            need(3, 2, Rule::Kind),
            need(2, 1, Rule::Kind),
            need(1, 0, Rule::Declared),
        ];
        assert_eq!(order(&[false; 4], needs).waves, [0, 1, 2, 3]);
    }

    #[test]
    fn an_address_never_closes_a_cycle() {
        let needs = vec![
            need(0, 1, Rule::Address),
            need(1, 2, Rule::Kind),
            need(2, 0, Rule::Kind),
            need(2, 1, Rule::Address),
        ];
        let order = order(&[false; 3], needs);
        assert!(order.cycles.is_empty());
        assert_eq!(order.needs.len(), 2);
        assert_eq!(order.waves, [0, 2, 1]);
    }

    #[test]
    fn two_addresses_that_point_at_each_other_leave_the_first() {
        let needs = vec![need(0, 1, Rule::Address), need(1, 0, Rule::Address)];
        let order = order(&[false; 2], needs);
        assert_eq!(order.needs, [need(0, 1, Rule::Address)]);
    }

    #[test]
    fn the_smallest_cycle_is_told_and_its_declaration_given_up() {
        let needs = vec![
            need(0, 1, Rule::Kind),
            need(1, 2, Rule::Kind),
            need(2, 0, Rule::Kind),
            need(3, 4, Rule::Kind),
            need(4, 3, Rule::Declared),
        ];
        let order = order(&[false; 5], needs);
        assert_eq!(order.cycles.len(), 2);
        assert_eq!(order.cycles[0].given_up, (4, 3));
        assert_eq!(order.cycles[0].needs.len(), 2);
        assert_eq!(order.cycles[1].needs.len(), 3);
        for need in &order.needs {
            assert!(order.waves[need.from] > order.waves[need.to]);
        }
    }
}

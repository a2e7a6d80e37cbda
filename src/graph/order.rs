//! Order out of needs: takes needs, gives those that hold without a cycle, the waves and the cycles
//! that were found, never words a sentence. The only user of petgraph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

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

/// Orders `count` services.
pub(super) fn order(count: usize, needs: Vec<Need>) -> Order {
    let (addresses, mut held): (Vec<Need>, Vec<Need>) = needs
        .into_iter()
        .partition(|need| need.reason.rule.is_soft());
    let mut cycles = Vec::new();
    while let Some(steps) = smallest_cycle(count, &held) {
        let of = |(from, to): (usize, usize)| {
            held.iter()
                .filter(move |need| (need.from, need.to) == (from, to))
        };
        // The step that a person can drop most easily: one with nothing but declarations, else the
        // one with the weakest milestone.
        let given_up = steps
            .iter()
            .copied()
            .min_by_key(|step| of(*step).map(|need| (need.weight(), need.until)).max())
            .unwrap_or_default();
        let needs = steps.iter().flat_map(|step| of(*step)).cloned().collect();
        cycles.push(Cycle { needs, given_up });
        held.retain(|need| (need.from, need.to) != given_up);
    }
    let mut reachable = waits_for(count, &held);
    for address in addresses {
        if reachable[address.to].contains(&address.from) {
            continue;
        }
        let news = !reachable[address.from].contains(&address.to);
        held.push(address);
        if news {
            reachable = waits_for(count, &held);
        }
    }
    Order {
        waves: waves(count, &held),
        needs: held,
        cycles,
    }
}

/// Returns the smallest cycle as steps from service to service; the first of equals by index.
fn smallest_cycle(count: usize, needs: &[Need]) -> Option<Vec<(usize, usize)>> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(count, needs.len());
    for _ in 0..count {
        graph.add_node(());
    }
    for need in needs {
        graph.update_edge(NodeIndex::new(need.from), NodeIndex::new(need.to), ());
    }
    tarjan_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1)
        .flat_map(|component| component.into_iter().map(NodeIndex::index))
        .filter_map(|start| shortest_way_back(start, needs).map(|way| (way.len(), start, way)))
        .min()
        .map(|(_, _, way)| way)
}

fn shortest_way_back(start: usize, needs: &[Need]) -> Option<Vec<(usize, usize)>> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        let next: BTreeSet<usize> = needs
            .iter()
            .filter(|need| need.from == at)
            .map(|need| need.to)
            .collect();
        for to in next {
            if to == start {
                let mut steps = vec![(at, start)];
                let mut step = at;
                while step != start {
                    let before = came_from[&step];
                    steps.push((before, step));
                    step = before;
                }
                steps.reverse();
                return Some(steps);
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(to) {
                entry.insert(at);
                queue.push_back(to);
            }
        }
    }
    None
}

/// Returns for each service all that it waits for, directly or not.
fn waits_for(count: usize, needs: &[Need]) -> Vec<BTreeSet<usize>> {
    let mut direct: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for need in needs {
        direct[need.from].insert(need.to);
    }
    (0..count)
        .map(|start| {
            let mut found = BTreeSet::new();
            let mut open: Vec<usize> = direct[start].iter().copied().collect();
            while let Some(at) = open.pop() {
                if found.insert(at) {
                    open.extend(direct[at].iter().copied());
                }
            }
            found
        })
        .collect()
}

/// Returns the topological generations of needs without a cycle.
fn waves(count: usize, needs: &[Need]) -> Vec<u32> {
    let mut waves = vec![0_u32; count];
    // At most `count` rounds: the longest chain of an acyclic graph.
    for _ in 0..count {
        let mut changed = false;
        for need in needs {
            let least = waves[need.to] + 1;
            if waves[need.from] < least {
                waves[need.from] = least;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    waves
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
        assert_eq!(order(4, needs).waves, [0, 1, 2, 3]);
    }

    #[test]
    fn an_address_never_closes_a_cycle() {
        let needs = vec![
            need(0, 1, Rule::Address),
            need(1, 2, Rule::Kind),
            need(2, 0, Rule::Kind),
            need(2, 1, Rule::Address),
        ];
        let order = order(3, needs);
        assert!(order.cycles.is_empty());
        assert_eq!(order.needs.len(), 2);
        assert_eq!(order.waves, [0, 2, 1]);
    }

    #[test]
    fn two_addresses_that_point_at_each_other_leave_the_first() {
        let needs = vec![need(0, 1, Rule::Address), need(1, 0, Rule::Address)];
        let order = order(2, needs);
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
        let order = order(5, needs);
        assert_eq!(order.cycles.len(), 2);
        assert_eq!(order.cycles[0].given_up, (4, 3));
        assert_eq!(order.cycles[0].needs.len(), 2);
        assert_eq!(order.cycles[1].needs.len(), 3);
        for need in &order.needs {
            assert!(order.waves[need.from] > order.waves[need.to]);
        }
    }
}

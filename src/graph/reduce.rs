//! What of a graph need not be drawn, and its longest chain: takes the graph, gives pairs of
//! services, never changes it.

use std::collections::BTreeMap;

use super::build::Graph;
use super::edge::{Edge, Milestone};

/// One service waits for another, for all reasons that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait<'g> {
    /// The service that waits, by its index.
    pub service: usize,
    /// The service that is waited for, by its index.
    pub on: usize,
    /// The strongest milestone of all reasons.
    pub until: Milestone,
    /// The reasons.
    pub reasons: Vec<&'g Edge>,
    /// True where the others imply it: the service waits for one that itself starts only when this
    /// milestone is reached. Without all that are implied, the same order holds.
    pub implied: bool,
}

impl Wait<'_> {
    /// Returns true where all reasons are soft: they would give way to a cycle.
    pub fn is_soft(&self) -> bool {
        self.reasons.iter().all(|edge| edge.is_soft())
    }
}

/// Returns who waits for whom, each pair once, ordered by the one that waits, then by the other.
pub fn waits(graph: &Graph) -> Vec<Wait<'_>> {
    let indices: BTreeMap<&str, usize> = graph
        .services
        .iter()
        .enumerate()
        .map(|(index, service)| (service.name.as_str(), index))
        .collect();
    let mut pairs: BTreeMap<(usize, usize), Vec<&Edge>> = BTreeMap::new();
    for (service, waiting) in graph.services.iter().enumerate() {
        for edge in &waiting.edges {
            if let Some(&on) = indices.get(edge.service.as_str()) {
                pairs.entry((service, on)).or_default().push(edge);
            }
        }
    }
    let mut waits: Vec<Wait<'_>> = pairs
        .into_iter()
        .map(|((service, on), reasons)| Wait {
            service,
            on,
            until: reasons
                .iter()
                .map(|edge| edge.until)
                .max()
                .unwrap_or(Milestone::Applied),
            reasons,
            implied: false,
        })
        .collect();
    let steps: Vec<Step> = waits
        .iter()
        .map(|wait| (wait.service, wait.on, wait.until))
        .collect();
    for (wait, is_implied) in waits.iter_mut().zip(implied(graph.services.len(), &steps)) {
        wait.implied = is_implied;
    }
    waits
}

/// Who waits, for whom, and until when.
type Step = (usize, usize, Milestone);

/// Tells of each step whether it follows from others.
///
/// C's wait for A follows where some B that C waits for, directly or not, starts only when A has
/// reached that milestone.
fn implied(count: usize, steps: &[Step]) -> Vec<bool> {
    let words = count.div_ceil(64);
    // For each service those that it waits for, directly or not, as bits.
    let mut behind: Vec<Vec<u64>> = vec![Vec::new(); count];
    let mut direct: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waiting: Vec<Vec<Step>> = vec![Vec::new(); count];
    for step in steps {
        direct[step.0].push(step.1);
        waiting[step.1].push(*step);
    }
    for service in in_order(count, &direct) {
        let mut bits = vec![0; words];
        for &on in &direct[service] {
            bits[on / 64] |= 1 << (on % 64);
            for (bit, more) in bits.iter_mut().zip(&behind[on]) {
                *bit |= more;
            }
        }
        behind[service] = bits;
    }
    let is_behind = |service: usize, other: usize| {
        (behind[service].get(other / 64)).is_some_and(|bits| bits & (1 << (other % 64)) != 0)
    };
    steps
        .iter()
        .map(|&(service, on, until)| {
            waiting[on]
                .iter()
                .any(|&(between, _, earlier)| earlier >= until && is_behind(service, between))
        })
        .collect()
}

/// Returns the services such that each comes after all that it waits for; those in a cycle are left
/// out.
fn in_order(count: usize, direct: &[Vec<usize>]) -> Vec<usize> {
    let mut open: Vec<usize> = direct.iter().map(Vec::len).collect();
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (service, needs) in direct.iter().enumerate() {
        for &on in needs {
            dependents[on].push(service);
        }
    }
    let mut order: Vec<usize> = (0..count).filter(|&service| open[service] == 0).collect();
    let mut next = 0;
    while let Some(&service) = order.get(next) {
        next += 1;
        for &dependent in &dependents[service] {
            open[dependent] -= 1;
            if open[dependent] == 0 {
                order.push(dependent);
            }
        }
    }
    order
}

/// Returns the longest chain of services each of which waits for the one before it until it is
/// further than written: what decides how long an installation takes at least, where every service
/// takes as long as any other. Of several the first by name.
pub fn longest_chain(graph: &Graph) -> Vec<usize> {
    let waits = waits(graph);
    let mut direct: Vec<Vec<usize>> = vec![Vec::new(); graph.services.len()];
    for wait in &waits {
        direct[wait.service].push(wait.on);
    }
    let mut length = vec![1; direct.len()];
    let mut before = vec![None; direct.len()];
    let mut last = None;
    for service in in_order(direct.len(), &direct) {
        for &on in &direct[service] {
            if length[on] + 1 > length[service] {
                length[service] = length[on] + 1;
                before[service] = Some(on);
            }
        }
        if last.is_none_or(|last: usize| {
            (length[service], std::cmp::Reverse(service)) > (length[last], std::cmp::Reverse(last))
        }) {
            last = Some(service);
        }
    }
    let mut chain = Vec::new();
    while let Some(service) = last {
        chain.push(service);
        last = before[service];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use Milestone::{Applied, Ready};

    #[test]
    fn what_others_imply_is_found() {
        // 2 waits for 1, 1 for 0: 2 for 0 follows, but not where it needs more of 0 than 1 does.
        assert_eq!(
            implied(3, &[(1, 0, Ready), (2, 1, Ready), (2, 0, Ready)]),
            [false, false, true]
        );
        assert_eq!(
            implied(3, &[(1, 0, Applied), (2, 1, Ready), (2, 0, Ready)]),
            [false, false, false]
        );
        // Over several steps.
        assert_eq!(
            implied(
                4,
                &[(1, 0, Ready), (2, 1, Applied), (3, 2, Ready), (3, 0, Ready)]
            ),
            [false, false, false, true]
        );
    }
}

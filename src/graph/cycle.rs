//! Cycles in words: takes the needs along a cycle, gives one finding, never breaks a cycle.

use crate::finding::{Finding, Severity, codes};
use crate::render::RenderedService;
use crate::source::Source;

use super::need::Need;
use super::order::{Cycle, Split};

/// Returns the finding that tells a cycle.
pub(super) fn told(services: &[RenderedService], cycle: &Cycle) -> Finding {
    let name = |index: usize| services[index].name.as_str();
    let mut steps: Vec<(usize, usize, Vec<&Need>)> = Vec::new();
    for need in &cycle.needs {
        match steps.last_mut() {
            Some((from, to, needs)) if (*from, *to) == (need.from, need.to) => needs.push(need),
            _ => steps.push((need.from, need.to, vec![need])),
        }
    }
    let told: Vec<String> = steps
        .iter()
        .map(|(from, to, needs)| {
            let more = match needs.len() {
                1 => String::new(),
                count => format!(", and {} more", reasons(count - 1)),
            };
            format!(
                "{} waits for {} because {}{more}",
                name(*from),
                name(*to),
                needs[0].sentence(services)
            )
        })
        .collect();
    let droppable: Vec<String> = steps
        .iter()
        .filter(|(_, _, needs)| needs.iter().all(|need| need.is_declared()))
        .map(|(from, to, _)| format!("the dependency of {} on {}", name(*from), name(*to)))
        .collect();
    let way_out = if droppable.is_empty() {
        let (from, to) = cycle.given_up;
        format!(
            "nothing of it is only declared, so a manifest has to change; the weakest link is that \
             {} waits for {}",
            name(from),
            name(to)
        )
    } else {
        format!("drop {}", droppable.join(" or "))
    };
    let first = steps.first().map(|(from, _, _)| *from);
    Finding {
        severity: Severity::Error,
        code: codes::CYCLE,
        service: first.map(|index| name(index).to_owned()),
        object: None,
        message: format!(
            "services wait for each other; {}; {way_out}",
            told.join("; ")
        ),
        mend: None,
        source: declaration(cycle).or_else(|| first.map(|index| services[index].source.clone())),
    }
}

/// Returns where the first declared dependency of a cycle stands: that is the place to mend it.
fn declaration(cycle: &Cycle) -> Option<Source> {
    let need = cycle.needs.iter().find(|need| need.is_declared())?;
    Some(need.reason.needing.source.clone())
}

fn reasons(count: usize) -> String {
    if count == 1 {
        "1 reason".to_owned()
    } else {
        format!("{count} reasons")
    }
}

/// Returns the finding that tells how a cycle is opened.
pub(super) fn told_split(services: &[RenderedService], split: &Split) -> Finding {
    let name = |index: usize| services[index].name.as_str();
    let of = name(split.service);
    let mut told: Vec<String> = Vec::new();
    let mut before = None;
    let mut others: Vec<&str> = Vec::new();
    for need in &split.needs {
        let step = (need.from, need.to);
        if before.replace(step) == Some(step) {
            continue;
        }
        if need.to != split.service {
            others.push(name(need.to));
        }
        told.push(format!(
            "{} needs {} because {}",
            name(need.from),
            name(need.to),
            need.sentence(services)
        ));
    }
    // Nearest to the definitions first: that is the order in which they come.
    others.reverse();
    let message = format!(
        "{of} comes in two parts: first its Namespaces and CustomResourceDefinitions, then {}, then \
         the rest of it; {}",
        others.join(", "),
        told.join("; ")
    );
    Finding::new(Severity::Info, codes::IN_TWO_PARTS, message)
        .of(of)
        .at(services[split.service].source.clone())
}

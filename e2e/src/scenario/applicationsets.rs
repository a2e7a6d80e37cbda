//! `ApplicationSet`s: for each of our own (`e2e/sources/applicationsets`, one for each rule), the
//! Applications that firstlight expands it to equal those of Argo CD's real controller, or both
//! refuse. Takes the checkout, needs no cluster.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Context, Failure};
use crate::command::Command;
use crate::report;

#[path = "../../../crates/applicationset/tests/sets/case.rs"]
mod case;

/// The real controller, on clients that keep objects in memory.
const ORACLE: &str = "applicationset-oracle";

/// Fewer would show little.
const FEWEST: usize = 25;

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    let folder = context.repository.join("e2e/sources/applicationsets");
    let text = Command::new(ORACLE).arg(&folder).text()?;
    let made: BTreeMap<String, Value> = serde_json::from_str(&text)?;
    if made.len() < FEWEST {
        return Err(Failure::of(format!(
            "there are only {} ApplicationSets in {}",
            made.len(),
            folder.display()
        )));
    }
    let (mut applications, mut differences) = (0, Vec::new());
    for (file, expected) in &made {
        let (number, found) = case::compared(&folder, file, expected);
        applications += number;
        differences.extend(found);
    }
    let refused = made.values().filter(|one| one.get("error").is_some());
    report::step(&format!(
        "{} ApplicationSets, {applications} Applications, {} sets refused in part or as a whole",
        made.len(),
        refused.count()
    ));
    Failure::unless_empty(
        "firstlight makes other Applications than Argo CD's controller",
        differences,
    )?;
    let kept = folder.join("expected.json");
    if context.record {
        return std::fs::write(&kept, text)
            .map_err(|error| Failure::of(format!("failed to write {}: {error}", kept.display())));
    }
    // Equal Applications, not equal bytes: what is refused is told with random parts.
    let before = std::fs::read_to_string(&kept).unwrap_or_default();
    let before: BTreeMap<String, Value> = serde_json::from_str(&before).unwrap_or_default();
    let changed = made.iter().filter(|(file, now)| {
        before.get(*file).map(|one| &one["applications"]) != Some(&now["applications"])
    });
    let changed: Vec<String> = changed.map(|(file, _)| file.clone()).collect();
    Failure::unless_empty(
        "what is kept for the crate's tests is not what the controller makes; `./e2e/run --record \
         applicationsets` writes it",
        changed,
    )
}

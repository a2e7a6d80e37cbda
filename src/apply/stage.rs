//! One service's steps in the groups that Argo CD applies them in: takes steps in the order of
//! their writing, gives stages that wait for health between them, never reorders.

use crate::plan::Step;
use crate::render::Phase;

/// Steps of one phase and sync wave, in groups of one kind. The next stage starts when all of
/// them are healthy; a group starts when the one before it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Stage<'a> {
    pub(super) phase: Phase,
    pub(super) wave: i32,
    pub(super) groups: Vec<Vec<&'a Step>>,
}

/// Splits steps into stages. Steps that the plan moved before a hook carry that hook's phase and
/// wave, so the order of the plan alone decides.
pub(super) fn stages<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Vec<Stage<'a>> {
    let mut stages: Vec<Stage<'a>> = Vec::new();
    for step in steps {
        let object = &step.object;
        let place = (object.phase, object.sync_wave);
        match stages.last_mut() {
            Some(stage) if (stage.phase, stage.wave) == place => {
                let same = stage
                    .groups
                    .last()
                    .and_then(|group| group.last())
                    .is_some_and(|last| last.object.id.group_kind() == object.id.group_kind());
                match stage.groups.last_mut() {
                    Some(group) if same => group.push(step),
                    _ => stage.groups.push(vec![step]),
                }
            }
            _ => stages.push(Stage {
                phase: place.0,
                wave: place.1,
                groups: vec![vec![step]],
            }),
        }
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::testing::step;

    #[test]
    fn phases_and_waves_are_stages_and_kinds_are_groups() {
        let mut hook = step("batch/v1", "Job", "a", "migrate");
        hook.object.phase = Phase::PreSync;
        let mut late = step("v1", "ConfigMap", "a", "late");
        late.object.sync_wave = 1;
        let steps = vec![
            hook,
            step("v1", "ConfigMap", "a", "one"),
            step("v1", "ConfigMap", "a", "two"),
            step("apps/v1", "Deployment", "a", "web"),
            late,
        ];
        let stages = stages(&steps);
        let shape: Vec<(Phase, i32, Vec<usize>)> = stages
            .iter()
            .map(|stage| {
                (
                    stage.phase,
                    stage.wave,
                    stage.groups.iter().map(Vec::len).collect(),
                )
            })
            .collect();
        assert_eq!(
            shape,
            [
                (Phase::PreSync, 0, vec![1]),
                (Phase::Sync, 0, vec![2, 1]),
                (Phase::Sync, 1, vec![1])
            ]
        );
    }
}

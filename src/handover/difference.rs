//! Why Argo CD finds an Application out of sync: takes its verdict and the plan, gives the fields
//! that differ for each object, never a value.

use serde::Serialize;

use super::state::ApplicationState;
use crate::cluster::{Cluster, FIELD_MANAGER};
use crate::plan::{Plan, differences};
use crate::render::ObjectId;

/// One object that Argo CD would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The object.
    pub object: ObjectId,
    /// What is known of the difference.
    pub why: DifferenceKind,
}

/// What is known of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DifferenceKind {
    /// The live object differs from the plan in these fields.
    Fields(Vec<String>),
    /// The live object is as planned: Argo CD's rendering differs from ours.
    Rendering,
    /// The plan has no such object: Argo CD renders more, or would remove it.
    NotPlanned,
    /// The object is not there.
    Absent,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: ", self.object)?;
        match &self.why {
            DifferenceKind::Fields(fields) => write!(formatter, "differs at {}", fields.join(", ")),
            DifferenceKind::Rendering => formatter.write_str(
                "is as planned, but Argo CD renders it differently (another revision of the repository, or values that differ from run to run)",
            ),
            DifferenceKind::NotPlanned => formatter.write_str("is not part of the plan"),
            DifferenceKind::Absent => formatter.write_str("is not there"),
        }
    }
}

/// Looks at the objects that Argo CD finds out of sync.
pub(super) async fn explain(
    cluster: &Cluster,
    plan: &Plan,
    state: &ApplicationState,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for object in &state.out_of_sync {
        let planned = plan
            .services
            .iter()
            .filter(|service| service.name == state.name)
            .flat_map(|service| &service.steps)
            .map(|step| &step.object)
            .find(|other| {
                other.id.group_kind() == object.group_kind()
                    && other.id.namespace == object.namespace
                    && other.id.name == object.name
            });
        let Some(planned) = planned else {
            found.push(Difference {
                object: object.clone(),
                why: DifferenceKind::NotPlanned,
            });
            continue;
        };
        let why = match cluster.get(&planned.id).await.ok().flatten() {
            None => DifferenceKind::Absent,
            Some(live) => {
                let fields = differences(&planned.manifest, &live, FIELD_MANAGER);
                if fields.is_empty() {
                    DifferenceKind::Rendering
                } else {
                    DifferenceKind::Fields(fields)
                }
            }
        };
        found.push(Difference {
            object: object.clone(),
            why,
        });
    }
    found
}

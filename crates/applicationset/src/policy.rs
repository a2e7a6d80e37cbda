//! What an `ApplicationSet` says of the life of its Applications: takes its normal form, gives it as
//! values, never decides what to do with them.

use serde_json::Value;

use crate::error::{Problem, Unknown};
use crate::generate::{items, text};

/// How Argo CD's controller treats Applications after it has made them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// `syncPolicy.applicationsSync`: what the controller may do to them.
    pub applications_sync: ApplicationsSync,
    /// `syncPolicy.preserveResourcesOnDeletion`: their objects outlive them.
    pub preserve_resources: bool,
    /// `preservedFields.annotations`: annotations that others may set.
    pub preserved_annotations: Vec<String>,
    /// `preservedFields.labels`: labels that others may set.
    pub preserved_labels: Vec<String>,
    /// `ignoreApplicationDifferences`: fields that others may change.
    pub ignored_differences: Vec<IgnoredDifferences>,
    /// `strategy.rollingSync.steps`, where the strategy is `RollingSync`: the order of syncs.
    pub steps: Vec<Step>,
    /// `strategy.deletionOrder: Reverse`, which only counts with steps.
    pub deletes_in_reverse: bool,
}

/// What the controller may do to Applications that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApplicationsSync {
    /// Create, update and delete.
    #[default]
    Sync,
    /// Create alone.
    CreateOnly,
    /// Create and update.
    CreateUpdate,
    /// Create and delete.
    CreateDelete,
}

/// Fields of Applications that the controller leaves as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredDifferences {
    /// The Application, or all where it is empty.
    pub application: String,
    /// JSON pointers.
    pub pointers: Vec<String>,
    /// Expressions of jq.
    pub expressions: Vec<String>,
}

/// A step of a rolling sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What the labels of its Applications are.
    pub expressions: Vec<LabelExpression>,
    /// How many are synced at a time, such as `2` or `25%`; all where nothing is said.
    pub maximum: Option<String>,
}

/// What a label is, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelExpression {
    /// The label.
    pub key: String,
    /// Whether the label has one of the values, rather than none of them.
    pub is_in: bool,
    /// The values.
    pub values: Vec<String>,
}

impl Step {
    /// Returns whether an Application belongs to the step. A label that is not there is in no list
    /// of values, and is not in any.
    pub fn has(&self, application: &Value) -> bool {
        self.expressions.iter().all(|one| {
            let labels = application.pointer("/metadata/labels");
            let label = labels.and_then(|labels| labels.get(&one.key));
            match label.and_then(Value::as_str) {
                Some(label) => one.values.iter().any(|value| value == label) == one.is_in,
                None => !one.is_in,
            }
        })
    }
}

impl Policy {
    /// Returns the number of the step in which an Application is synced first; nothing where there
    /// are no steps, or none has it: Argo CD then never syncs it by itself.
    pub fn step_of(&self, application: &Value) -> Option<usize> {
        self.steps.iter().position(|step| step.has(application))
    }

    pub(crate) fn read(spec: &Value, problems: &mut Vec<Problem>) -> Self {
        let at = |pointer: &str| spec.pointer(pointer).unwrap_or(&Value::Null);
        let sync = at("/syncPolicy");
        let fields = at("/preservedFields");
        let mut policy = Self {
            applications_sync: applications_sync(sync, problems),
            preserve_resources: sync.get("preserveResourcesOnDeletion") == Some(&Value::Bool(true)),
            preserved_annotations: texts(fields, "annotations"),
            preserved_labels: texts(fields, "labels"),
            ..Self::default()
        };
        for one in items(spec, "ignoreApplicationDifferences") {
            policy.ignored_differences.push(IgnoredDifferences {
                application: text(one, "name").to_owned(),
                pointers: texts(one, "jsonPointers"),
                expressions: texts(one, "jqPathExpressions"),
            });
        }
        let strategy = at("/strategy");
        let order = one_of(
            strategy,
            "deletionOrder",
            &["AllAtOnce", "Reverse"],
            "spec.strategy",
            problems,
        );
        policy.deletes_in_reverse = order == "Reverse";
        let kind = one_of(
            strategy,
            "type",
            &["AllAtOnce", "RollingSync"],
            "spec.strategy",
            problems,
        );
        let steps = items(at("/strategy/rollingSync"), "steps");
        if kind == "RollingSync" {
            policy.steps = (steps.iter().enumerate())
                .map(|(at, step)| read_step(step, at, problems))
                .collect();
        } else if !steps.is_empty() {
            problems.push(
                Problem::new(
                    "spec.strategy.rollingSync",
                    "counts only with `type: RollingSync`",
                )
                .help("set spec.strategy.type, or leave the steps out"),
            );
        }
        policy
    }
}

fn read_step(step: &Value, at: usize, problems: &mut Vec<Problem>) -> Step {
    let mut expressions = Vec::new();
    for (number, one) in items(step, "matchExpressions").iter().enumerate() {
        let path = format!("spec.strategy.rollingSync.steps[{at}].matchExpressions[{number}]");
        let operator = one_of(one, "operator", &["In", "NotIn"], &path, problems);
        if text(one, "operator").is_empty() {
            problems.push(Problem::new(path, "has no operator").help("it is In or NotIn"));
        }
        expressions.push(LabelExpression {
            key: text(one, "key").to_owned(),
            is_in: operator == "In",
            values: texts(one, "values"),
        });
    }
    Step {
        expressions,
        maximum: step.get("maxUpdate").map(|maximum| match maximum {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }),
    }
}

fn applications_sync(policy: &Value, problems: &mut Vec<Problem>) -> ApplicationsSync {
    let known = ["sync", "create-only", "create-update", "create-delete"];
    match one_of(
        policy,
        "applicationsSync",
        &known,
        "spec.syncPolicy",
        problems,
    ) {
        "create-only" => ApplicationsSync::CreateOnly,
        "create-update" => ApplicationsSync::CreateUpdate,
        "create-delete" => ApplicationsSync::CreateDelete,
        _ => ApplicationsSync::Sync,
    }
}

/// Returns a text that is empty or one of those known.
fn one_of<'v>(
    value: &'v Value,
    key: &str,
    known: &[&'static str],
    path: &str,
    problems: &mut Vec<Problem>,
) -> &'v str {
    let found = text(value, key);
    if !found.is_empty() && !known.contains(&found) {
        let message = format!("cannot be `{found}`");
        let mut problem = Problem::new(format!("{path}.{key}"), message)
            .help(format!("it is one of {}", known.join(", ")));
        problem.unknown = Some(Unknown {
            name: found.to_owned(),
            known: known.to_vec(),
        });
        problems.push(problem);
    }
    found
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let texts = items(value, key).iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

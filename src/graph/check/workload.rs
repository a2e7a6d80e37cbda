//! What pods there will be: takes the platform, gives the pod templates of a namespace, and whether a
//! program may make others; never judges.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::graph::platform::{Owned, Platform, labels_of};
use crate::render::is_builtin_group;
use crate::render::pod::{PodTemplate, items, pod_template};

/// Custom resources of these groups make no pods and no Services.
const WITHOUT_PODS: &[&str] = &[
    "cert-manager.io",
    "acme.cert-manager.io",
    "ricoberger.de",
    "external-secrets.io",
    "bitnami.com",
    "monitoring.googleapis.com",
    "cloud.google.com",
    "networking.gke.io",
];
const MONITORING: &str = "monitoring.coreos.com";
/// Of the kinds of Prometheus' operator these make pods.
const MONITORING_PODS: &[&str] = &[
    "Prometheus",
    "PrometheusAgent",
    "Alertmanager",
    "ThanosRuler",
];

/// What programs make while they run is not written in any manifest. A key of this list in a selector
/// is a label that controllers or programs set.
const SET_AT_RUN_TIME: &[&str] = &[
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
];

/// Pods that an object brings.
#[derive(Debug, Clone)]
pub(super) struct Pods<'a> {
    pub(super) owned: Owned<'a>,
    pub(super) template: PodTemplate<'a>,
    pub(super) labels: BTreeMap<String, String>,
}

/// The pods of a platform, by their namespace.
#[derive(Debug, Default)]
pub(super) struct Workloads<'a> {
    by_namespace: BTreeMap<&'a str, Vec<Pods<'a>>>,
}

impl<'a> Workloads<'a> {
    pub(super) fn new(platform: &Platform<'a>) -> Self {
        let mut workloads = Self::default();
        for owned in platform.objects() {
            let id = &owned.object.id;
            if let Some(template) = pod_template(&id.kind, &owned.object.manifest) {
                let namespace = id.namespace.as_deref().unwrap_or_default();
                workloads
                    .by_namespace
                    .entry(namespace)
                    .or_default()
                    .push(Pods {
                        owned,
                        template,
                        labels: labels_of(template.metadata),
                    });
            }
        }
        workloads
    }

    /// Returns the pods of a namespace.
    pub(super) fn of(&self, namespace: &str) -> &[Pods<'a>] {
        self.by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }
}

/// Returns whether a selector asks for a label that is set only while programs run.
pub(super) fn is_set_at_run_time(key: &str) -> bool {
    SET_AT_RUN_TIME.contains(&key)
}

/// What may make pods, Services and the like while the platform runs.
#[derive(Debug, Default)]
pub(super) struct Makers<'a> {
    /// Services with a program that has the permission.
    programs: BTreeSet<usize>,
    /// The names of custom resources that may become pods, by namespace.
    resources: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Makers<'a> {
    pub(super) fn new(platform: &Platform<'a>) -> Self {
        let mut makers = Self::default();
        for owned in platform.objects() {
            let id = &owned.object.id;
            let (group, kind) = id.group_kind();
            if matches!(kind, "Role" | "ClusterRole") {
                if items(&owned.object.manifest, "rules").any(may_make_pods) {
                    makers.programs.insert(owned.service);
                }
            } else if makes_pods(group, kind) {
                let namespace = id.namespace.as_deref().unwrap_or_default();
                let names = makers.resources.entry(namespace).or_default();
                names.push(id.name.as_str());
            }
        }
        makers
    }

    /// Returns whether what an object refers to by some names or labels may come to be while the
    /// platform runs: operators call what they make after the custom resource.
    pub(super) fn may_make<'w>(
        &self,
        owned: Owned<'_>,
        words: impl IntoIterator<Item = &'w str>,
    ) -> bool {
        let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
        self.programs.contains(&owned.service)
            || (words.into_iter()).any(|word| self.has_resource(namespace, word))
    }

    /// Returns whether a name may be made from that of a custom resource of a namespace.
    pub(super) fn has_resource(&self, namespace: &str, name: &str) -> bool {
        let resources = self.resources.get(namespace);
        resources.is_some_and(|names| names.iter().any(|one| name.contains(one)))
    }
}

/// Returns whether somebody brings an object, or something that an operator turns into it.
pub(super) fn is_brought(
    platform: &Platform<'_>,
    key: (&str, &str, &str, &str),
    service: usize,
) -> bool {
    !platform.find(key).is_empty()
        || platform.maker(key, service).is_some()
        || platform.told_object(key).is_some()
}

/// Returns the values of a selector by equality.
pub(super) fn words_of(selector: &Value) -> Vec<&str> {
    let plain = selector.as_object().into_iter().flatten();
    let labels = selector
        .get("matchLabels")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    plain
        .chain(labels)
        .filter_map(|(_, value)| value.as_str())
        .collect()
}

fn makes_pods(group: &str, kind: &str) -> bool {
    if group == MONITORING {
        return MONITORING_PODS.contains(&kind);
    }
    !is_builtin_group(group) && !WITHOUT_PODS.contains(&group)
}

fn may_make_pods(rule: &Value) -> bool {
    let has = |key: &str, wanted: &[&str]| {
        items(rule, key)
            .filter_map(Value::as_str)
            .any(|item| wanted.contains(&item))
    };
    has(
        "resources",
        &[
            "*",
            "pods",
            "deployments",
            "statefulsets",
            "daemonsets",
            "replicasets",
            "jobs",
            "services",
        ],
    ) && has("verbs", &["*", "create", "patch", "update"])
}

/// Returns the key that keeps labels from being selected by equality, where they are not.
pub(super) fn equality_selects(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    selector.as_object().is_some_and(|selector| {
        selector
            .iter()
            .all(|(key, value)| labels.get(key).map(String::as_str) == value.as_str())
    })
}

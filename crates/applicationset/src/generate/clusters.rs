//! The clusters generator: takes the clusters that Argo CD will know, gives a set of parameters for
//! each that is selected.
//!
//! Source: `applicationset/generators/cluster.go`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{ElementKind, List, Map, Value};
use serde_json::{Value as Json, json};

use super::{Failure, Generation, GeneratorKind, Sets, UnknownGenerator, external};
use crate::selector::Selector;
use crate::template::sanitized;

/// The address of the cluster that Argo CD runs in.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// A cluster that is registered with Argo CD by a Secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    /// Its name: `name` of the Secret's data.
    pub name: String,
    /// Its address: `server` of the Secret's data.
    pub server: String,
    /// The project that it belongs to, where it does: `project` of the Secret's data.
    pub project: Option<String>,
    /// The Secret's labels.
    pub labels: BTreeMap<String, String>,
    /// The Secret's annotations.
    pub annotations: BTreeMap<String, String>,
}

impl Cluster {
    /// Reads the Secret by which a cluster is registered with Argo CD: one with the label
    /// `argocd.argoproj.io/secret-type: cluster`. Nothing for other objects. Of its data only the
    /// name, the address and the project are read.
    pub fn of_secret(manifest: &Json) -> Option<Self> {
        let at = |pointer: &str| manifest.pointer(pointer);
        let kind = at("/metadata/labels/argocd.argoproj.io~1secret-type")?;
        if at("/kind")? != "Secret" || kind != "cluster" {
            return None;
        }
        let data = |key: &str| {
            let plain = at("/stringData").and_then(|data| data.get(key));
            if let Some(text) = plain.and_then(Json::as_str) {
                return Some(text.to_owned());
            }
            let encoded = at("/data")?.get(key)?.as_str()?;
            String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
        };
        let texts = |pointer: &str| {
            let entries = at(pointer).and_then(Json::as_object).into_iter().flatten();
            entries
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect()
        };
        Some(Self {
            name: data("name").unwrap_or_default(),
            server: data("server").unwrap_or_default(),
            project: data("project"),
            labels: texts("/metadata/labels"),
            annotations: texts("/metadata/annotations"),
        })
    }
}

pub(super) fn sets(
    generation: &Generation<'_>,
    generator: &Json,
    path: &str,
) -> Result<Sets, Failure> {
    let selector = generator.get("selector").cloned().unwrap_or(json!({}));
    let selector = Selector::read(&selector, &format!("{path}.selector"))?;
    let answered;
    let clusters = match external::answer(generation, GeneratorKind::Clusters, path) {
        Some(answer) => {
            answered = answer.clusters(path)?;
            &answered
        }
        None => generation.clusters.ok_or_else(|| {
            Failure::Unknown(UnknownGenerator {
                path: path.to_owned(),
                kind: GeneratorKind::Clusters,
                asks: "the clusters that are registered with Argo CD".to_owned(),
            })
        })?,
    };
    let is_go = generation.renderer.is_go();
    let mut sets = Vec::new();
    // Without a Secret of its own, the cluster that Argo CD runs in has no labels.
    if selector.is_empty()
        && !clusters
            .iter()
            .any(|one| one.server.trim_end_matches('/') == IN_CLUSTER)
    {
        let params: Map = [
            ("name", "in-cluster"),
            ("nameNormalized", "in-cluster"),
            ("server", IN_CLUSTER),
            ("project", ""),
        ]
        .into_iter()
        .map(|(key, text)| (key, Value::from(text)))
        .collect();
        sets.push(params);
    }
    // A later Secret of the same name takes the place of an earlier one.
    let mut by_name: BTreeMap<&str, &Cluster> = BTreeMap::new();
    for cluster in clusters.iter().filter(|one| selector.matches(&one.labels)) {
        by_name.insert(&cluster.name, cluster);
    }
    for cluster in clusters {
        if let Some(cluster) = by_name.get(cluster.name.as_str()) {
            sets.push(cluster_params(cluster, is_go));
        }
    }
    for params in &sets {
        generation.count(1, path)?;
        generation.append_values(generator, params, path)?;
    }
    if generator.get("flatList") == Some(&Json::Bool(true)) {
        let all = sets.into_iter().map(Value::Map).collect();
        let all = List::with_element(ElementKind::Map, all);
        return Ok(vec![[("clusters", Value::List(all))].into_iter().collect()]);
    }
    Ok(sets)
}

fn cluster_params(cluster: &Cluster, is_go: bool) -> Map {
    let project = cluster.project.as_deref().unwrap_or_default();
    let params: Map = [
        ("name", cluster.name.clone()),
        ("nameNormalized", sanitized(&cluster.name)),
        ("server", cluster.server.clone()),
        ("project", project.to_owned()),
    ]
    .into_iter()
    .map(|(key, text)| (key, Value::from(text)))
    .collect();
    let parts = [
        ("annotations", &cluster.annotations),
        ("labels", &cluster.labels),
    ];
    if !is_go {
        for (part, texts) in parts {
            for (key, text) in texts {
                params.set(format!("metadata.{part}.{key}"), text.as_str());
            }
        }
        return params;
    }
    let metadata = Map::new();
    for (part, texts) in parts.into_iter().filter(|(_, texts)| !texts.is_empty()) {
        let map = Map::with_element(ElementKind::String);
        for (key, text) in texts {
            map.set(key.as_str(), text.as_str());
        }
        metadata.set(part, map);
    }
    params.set("metadata", metadata);
    params
}

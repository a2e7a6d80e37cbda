//! What differs between two manifests, field by field: takes both, gives paths with the old and the
//! new value, never a value of a Secret.
//!
//! Nothing is left out: there is a change exactly where the two are not equal. Elements of lists are
//! told apart by name where Kubernetes merges them by name, and by their place elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What stands in place of a value of a Secret.
pub const MASK: &str = "***";

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// Its path, such as `spec.template.spec.containers[web].image`.
    pub path: String,
    /// What it was; absent where there was nothing. JSON, as a text that can be ordered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub old: Option<Json>,
    /// What it is now; absent where it is gone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub new: Option<Json>,
    /// True where both are masked: the field differs, and what stands there is secret.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub secret: bool,
}

/// A JSON value that can be compared and ordered by how it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(pub Value);

impl PartialOrd for Json {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Json {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.to_string().cmp(&other.0.to_string())
    }
}

/// Keys by which Kubernetes tells elements of a list apart, by the name of the list; where none
/// fits, elements are told apart by `name`, where all have one of their own.
///
/// Source: `patchMergeKey` and `x-kubernetes-list-map-keys` in the API's own types.
const MERGE_KEYS: &[(&str, &[&str])] = &[
    ("ports", &["containerPort", "protocol"]),
    ("ports", &["port", "protocol"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("hostAliases", &["ip"]),
    ("conditions", &["type"]),
    (
        "topologySpreadConstraints",
        &["topologyKey", "whenUnsatisfiable"],
    ),
];

/// Longer lists without names are compared place by place.
const LONGEST_ALIGNED: usize = 400;

/// Returns what differs, in the order of the fields' names.
pub fn changes(old: &Value, new: &Value) -> Vec<FieldChange> {
    let is_secret = |value: &Value| value["kind"] == "Secret" && value["apiVersion"] == "v1";
    let mut walk = Walk {
        secret: is_secret(old) || is_secret(new),
        path: Vec::new(),
        found: Vec::new(),
    };
    walk.value(Some(old), Some(new));
    walk.found
}

/// Returns a manifest with every value of a Secret masked.
pub fn masked(manifest: &Value) -> Value {
    let mut manifest = manifest.clone();
    if manifest["kind"] == "Secret" && manifest["apiVersion"] == "v1" {
        for field in ["data", "stringData"] {
            if let Some(value) = manifest.get_mut(field) {
                mask_leaves(value);
            }
        }
        if let Some(Value::Object(annotations)) = manifest.pointer_mut("/metadata/annotations")
            && let Some(last) = annotations.get_mut(LAST_APPLIED)
        {
            *last = Value::String(MASK.to_owned());
        }
    }
    manifest
}

/// The annotation in which kubectl keeps the whole manifest.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn mask_leaves(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(mask_leaves),
        Value::Array(items) => items.iter_mut().for_each(mask_leaves),
        Value::Null => {}
        leaf => *leaf = Value::String(MASK.to_owned()),
    }
}

#[derive(Debug, Clone)]
enum Part {
    Key(String),
    Element(String),
}

struct Walk {
    secret: bool,
    path: Vec<Part>,
    found: Vec<FieldChange>,
}

impl Walk {
    fn value(&mut self, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(old), Some(new)) if old == new => {}
            (Some(Value::Object(old)), Some(Value::Object(new))) => self.map(old, new),
            (Some(Value::Array(old)), Some(Value::Array(new))) => self.list(old, new),
            // A Secret's values are told one by one, so that their names are seen.
            (Some(Value::Object(old)), None) if self.hides() && !old.is_empty() => {
                self.map(old, &Map::new());
            }
            (None, Some(Value::Object(new))) if self.hides() && !new.is_empty() => {
                self.map(&Map::new(), new);
            }
            (None, None) => {}
            _ => self.emit(old, new),
        }
    }

    fn map(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            self.path.push(Part::Key(key.clone()));
            self.value(old.get(key), new.get(key));
            self.path.pop();
        }
    }

    fn list(&mut self, old: &[Value], new: &[Value]) {
        match keys_of(self.name(), old, new) {
            Some((old_keys, new_keys)) => self.named((old, &old_keys), (new, &new_keys)),
            None => self.aligned(old, new),
        }
    }

    /// Returns the name of the field that is looked at.
    fn name(&self) -> &str {
        match self.path.last() {
            Some(Part::Key(name)) => name,
            _ => "",
        }
    }

    fn named(
        &mut self,
        (old, old_keys): (&[Value], &[String]),
        (new, keys): (&[Value], &[String]),
    ) {
        let by_key: BTreeMap<&String, &Value> = old_keys.iter().zip(old).collect();
        let new_by_key: BTreeMap<&String, &Value> = keys.iter().zip(new).collect();
        for (key, value) in &by_key {
            if !new_by_key.contains_key(*key) {
                self.element((*key).clone(), Some(value), None);
            }
        }
        for (key, value) in keys.iter().zip(new) {
            self.element(key.clone(), by_key.get(key).copied(), Some(value));
        }
        let common = |keys: &[String], other: &BTreeMap<&String, &Value>| -> Vec<Value> {
            let both = keys.iter().filter(|key| other.contains_key(key));
            both.map(|key| Value::String(key.clone())).collect()
        };
        let (before, after) = (common(old_keys, &new_by_key), common(keys, &by_key));
        if before != after {
            self.path.push(Part::Element("order".to_owned()));
            self.emit(Some(&Value::Array(before)), Some(&Value::Array(after)));
            self.path.pop();
        }
    }

    fn element(&mut self, label: String, old: Option<&Value>, new: Option<&Value>) {
        self.path.push(Part::Element(label));
        self.value(old, new);
        self.path.pop();
    }

    /// Compares lists whose elements have no names: what is common keeps its order, and what stands
    /// between two common elements is compared pair by pair.
    fn aligned(&mut self, old: &[Value], new: &[Value]) {
        let (mut from, mut at) = (0, 0);
        for (left, right) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
            let paired = (left - from).min(right - at);
            for step in 0..paired {
                let label = (at + step).to_string();
                self.element(label, Some(&old[from + step]), Some(&new[at + step]));
            }
            for (index, gone) in old.iter().enumerate().take(left).skip(from + paired) {
                self.element(index.to_string(), Some(gone), None);
            }
            for (index, added) in new.iter().enumerate().take(right).skip(at + paired) {
                self.element(index.to_string(), None, Some(added));
            }
            (from, at) = (left + 1, right + 1);
        }
    }

    /// Tells whether what is looked at must not be shown.
    fn hides(&self) -> bool {
        let key = |index: usize| match self.path.get(index) {
            Some(Part::Key(key)) => key.as_str(),
            _ => "",
        };
        self.secret
            && (matches!(key(0), "data" | "stringData")
                || (self.path.len() == 3 && key(1) == "annotations" && key(2) == LAST_APPLIED))
    }

    fn emit(&mut self, old: Option<&Value>, new: Option<&Value>) {
        let hides = self.hides();
        let shown = |value: &Value| {
            let mut value = value.clone();
            if hides {
                mask_leaves(&mut value);
            }
            Json(value)
        };
        self.found.push(FieldChange {
            path: written(&self.path),
            old: old.map(shown),
            new: new.map(shown),
            secret: hides,
        });
    }
}

fn written(path: &[Part]) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            Part::Element(label) => {
                text.push('[');
                text.push_str(label);
                text.push(']');
            }
            Part::Key(key) => {
                let is_word = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
                if !key.is_empty() && key.chars().all(is_word) {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(key);
                } else {
                    let _ = write!(text, "[{key:?}]");
                }
            }
        }
    }
    text
}

/// Returns the keys of both lists' elements, where there are keys that tell all of them apart.
fn keys_of(name: &str, old: &[Value], new: &[Value]) -> Option<(Vec<String>, Vec<String>)> {
    let by_list = MERGE_KEYS.iter().filter(|(list, _)| *list == name);
    let mut candidates = by_list.map(|(_, keys)| *keys).chain([&["name"][..]]);
    candidates.find_map(|keys| Some((unique(keys, old)?, unique(keys, new)?)))
}

/// Returns a label for each element; nothing where one has no key, or two have the same.
fn unique(keys: &[&str], items: &[Value]) -> Option<Vec<String>> {
    let (first, rest) = keys.split_first()?;
    let mut labels = Vec::with_capacity(items.len());
    let mut seen = BTreeSet::new();
    for item in items {
        let mut label = plain(item.get(first)?)?;
        // What is left out is a default.
        for key in rest {
            if let Some(more) = item.get(key).and_then(plain).filter(|more| more != "TCP") {
                label.push('/');
                label.push_str(&more);
            }
        }
        if !seen.insert(label.clone()) {
            return None;
        }
        labels.push(label);
    }
    Some(labels)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the places of a longest common subsequence.
fn common(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (rest, other) = (&old[head..], &new[head..]);
    let tail = rest
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (left, right) = (&rest[..rest.len() - tail], &other[..other.len() - tail]);
    let mut places: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    if left.len() <= LONGEST_ALIGNED && right.len() <= LONGEST_ALIGNED {
        let mut lengths = vec![vec![0_u32; right.len() + 1]; left.len() + 1];
        for (i, a) in left.iter().enumerate().rev() {
            for (j, b) in right.iter().enumerate().rev() {
                lengths[i][j] = if a == b {
                    lengths[i + 1][j + 1] + 1
                } else {
                    lengths[i + 1][j].max(lengths[i][j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < left.len() && j < right.len() {
            if left[i] == right[j] {
                places.push((head + i, head + j));
                (i, j) = (i + 1, j + 1);
            } else if lengths[i + 1][j] >= lengths[i][j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    let ends = (0..tail).map(|at| (old.len() - tail + at, new.len() - tail + at));
    places.extend(ends);
    places
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;

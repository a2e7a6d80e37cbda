//! The fields of Kubernetes' own kinds: takes an object and a version of Kubernetes, gives what that
//! version would not take, never asks a cluster.
//!
//! The table `kubernetes.txt` is made by `make_table.py` from the `OpenAPI` documents of Kubernetes. A
//! line is a kind (its API version, name, plural, N or C for its scope, `?` where it has to be
//! switched on, its type, the minor versions that serve it), a type, or a field of the type above: its
//! name, `!` where it is required, its type, the minor versions that have it. Types of fields are s
//! (text), i (whole number), b (boolean), f (number), q (quantity), x (whole number or text), t
//! (time), y (base64), `*` (anything), `[` (list of) and `{` (map of) before another, or a name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::allowed::allowed;
use super::older;
use super::path::Path;
use super::scalar::{is_base64, is_integer, is_quantity, kind_name};
use super::{Fault, Violation, Violations};

/// The oldest version that the table knows; older ones count as it, but for what they serve.
const FIRST: u32 = 25;
/// The newest version that the table knows; newer ones count as it.
const LAST: u32 = 37;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("kubernetes.txt")));

/// Whether a version of Kubernetes serves a kind in some version of its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Served {
    /// It does.
    Yes,
    /// Only where the cluster's API server is told to.
    IfSwitchedOn,
    /// It does not.
    No {
        /// From which version on it is served, where that is later.
        from: Option<u32>,
        /// Since which version it is not served any more.
        until: Option<u32>,
        /// The API versions in which this kind is served.
        instead: Vec<String>,
    },
    /// Kubernetes never had such a kind.
    Never,
}

/// Returns whether Kubernetes 1.`minor` serves a kind.
pub fn served(api_version: &str, kind: &str, minor: u32) -> Served {
    let minor = minor.min(LAST);
    let found = TABLE.kinds.get(&(api_version, kind));
    let old = older::find(api_version, kind);
    if let Some(found) = found
        && found.versions.has(minor.max(FIRST))
        // What was there in 1.25 may have come just before.
        && (minor >= FIRST || older::is_as_old(api_version, kind, minor))
    {
        return if found.switched_on {
            Served::IfSwitchedOn
        } else {
            Served::Yes
        };
    }
    if let Some(old) = old
        && old.serves(minor)
    {
        return Served::Yes;
    }
    let group = group_of(api_version);
    let has_group = |other: &str| older::is_same_group(group, kind, group_of(other));
    let mut instead: Vec<String> = (TABLE.kinds.iter())
        .filter(|((other, name), entry)| {
            *name == kind && has_group(other) && !entry.switched_on && entry.versions.has(minor)
        })
        .map(|((other, _), _)| (*other).to_owned())
        .collect();
    instead.sort();
    if found.is_none() && old.is_none() {
        return if instead.iter().any(|other| group_of(other) == group) {
            Served::No {
                from: None,
                until: None,
                instead,
            }
        } else {
            Served::Never
        };
    }
    let from = found
        .and_then(|found| found.versions.since)
        .filter(|since| *since > minor);
    let until = found
        .and_then(|found| found.versions.until.map(|until| until + 1))
        .or_else(|| old.map(older::Older::removed))
        .filter(|until| *until <= minor);
    Served::No {
        from,
        until,
        instead,
    }
}

/// Returns whether some version of Kubernetes serves, or served, a kind by itself.
pub fn knows(group: &str, kind: &str) -> bool {
    let is_it = |api_version: &str, name: &str| name == kind && group_of(api_version) == group;
    TABLE
        .kinds
        .keys()
        .any(|(api_version, name)| is_it(api_version, name))
        || older::knows(is_it)
}

/// Returns what Kubernetes 1.`minor` would not take of an object; nothing where it has no such kind.
pub fn violations(api_version: &str, kind: &str, minor: u32, manifest: &Value) -> Vec<Violation> {
    let Some(entry) = TABLE.kinds.get(&(api_version, kind)) else {
        return Vec::new();
    };
    let mut walk = Walk {
        table: &TABLE,
        minor: minor.clamp(FIRST, LAST),
        violations: Violations::default(),
    };
    walk.map(entry.type_name, manifest, &mut Path::default());
    walk.violations.found
}

/// Returns what the API server would not take of the metadata of an object of any kind.
pub fn metadata_violations(manifest: &Value, minor: u32) -> Vec<Violation> {
    let Some(metadata) = manifest.get("metadata") else {
        return Vec::new();
    };
    let mut walk = Walk {
        table: &TABLE,
        minor: minor.clamp(FIRST, LAST),
        violations: Violations::default(),
    };
    Path::default().key("metadata", |path| {
        walk.map("meta.v1.ObjectMeta", metadata, path);
    });
    walk.violations.found
}

fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The minor versions of Kubernetes that have something.
#[derive(Debug, Clone, Copy, Default)]
struct Versions {
    since: Option<u32>,
    until: Option<u32>,
}

impl Versions {
    fn read(text: Option<&str>) -> Self {
        let (since, until) = text
            .and_then(|text| text.split_once('-'))
            .unwrap_or_default();
        Self {
            since: since.parse().ok(),
            until: until.parse().ok(),
        }
    }

    fn has(self, minor: u32) -> bool {
        self.since.is_none_or(|since| minor >= since)
            && self.until.is_none_or(|until| minor <= until)
    }
}

#[derive(Debug)]
struct Kind {
    switched_on: bool,
    type_name: &'static str,
    versions: Versions,
}

#[derive(Debug)]
struct Field {
    required: bool,
    of: &'static str,
    versions: Versions,
}

type Fields = BTreeMap<&'static str, Field>;

#[derive(Debug, Default)]
struct Table {
    kinds: BTreeMap<(&'static str, &'static str), Kind>,
    types: BTreeMap<&'static str, Fields>,
}

impl Table {
    fn read(text: &'static str) -> Self {
        let mut table = Self::default();
        let mut type_name = "";
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if line.starts_with(' ') {
                let (Some(name), Some(of)) = (words.next(), words.next()) else {
                    continue;
                };
                let bare = name.strip_suffix('!');
                table.types.entry(type_name).or_default().insert(
                    bare.unwrap_or(name),
                    Field {
                        required: bare.is_some(),
                        of,
                        versions: Versions::read(words.next()),
                    },
                );
                continue;
            }
            match words.next() {
                Some("kind") => table.add_kind(words),
                Some("type") => type_name = words.next().unwrap_or_default(),
                _ => {}
            }
        }
        table
    }

    fn add_kind(&mut self, mut words: impl Iterator<Item = &'static str>) {
        let mut next = || words.next().unwrap_or_default();
        let (api_version, kind, _plural, how, type_name) = (next(), next(), next(), next(), next());
        let kind_entry = Kind {
            switched_on: how.ends_with('?'),
            type_name,
            versions: Versions::read(words.next()),
        };
        self.kinds.insert((api_version, kind), kind_entry);
    }
}

struct Walk {
    table: &'static Table,
    minor: u32,
    violations: Violations,
}

impl Walk {
    fn map<'v>(&mut self, type_name: &'static str, value: &'v Value, path: &mut Path<'v>) {
        // A type without fields may have any.
        let Some(fields) = self.table.types.get(type_name) else {
            return;
        };
        let Value::Object(given) = value else {
            self.wrong(value, "a map", path);
            return;
        };
        for (key, value) in given {
            // Null is the same as nothing to the API server.
            if value.is_null() {
                continue;
            }
            path.key(key, |path| match fields.get(key.as_str()) {
                Some(field) if field.versions.has(self.minor) => {
                    self.value(field.of, value, path);
                    if let (Some(allowed), Value::String(text)) = (allowed(type_name, key), value)
                        && !text.is_empty()
                        && !allowed.contains(&text.as_str())
                    {
                        self.not_allowed(text, allowed, path);
                    }
                }
                Some(field) => self.not_yet(field, path),
                None => {
                    let known = fields
                        .iter()
                        .filter(|(_, field)| field.versions.has(self.minor));
                    let known = known.map(|(name, _)| *name);
                    self.violations.unknown(path, key, known);
                }
            });
        }
        for (name, field) in fields {
            let missing = given.get(*name).is_none_or(Value::is_null);
            if field.required && missing && field.versions.has(self.minor) {
                path.key(name, |path| {
                    self.violations
                        .add(Fault::Missing, path, "is required, and missing");
                });
            }
        }
    }

    fn not_yet(&mut self, field: &Field, path: &Path<'_>) {
        let minor = self.minor;
        let when = match (field.versions.since, field.versions.until) {
            (Some(since), _) if since > minor => format!("comes with Kubernetes 1.{since}"),
            (_, Some(until)) => format!("went away with Kubernetes 1.{}", until + 1),
            _ => "is of another version".to_owned(),
        };
        self.violations.add(
            Fault::Unknown,
            path,
            format!("is not a field that Kubernetes 1.{minor} has: it {when}"),
        );
    }

    fn not_allowed(&mut self, text: &str, allowed: &[&str], path: &Path<'_>) {
        let hint = crate::suggest::nearest(text, allowed.iter().copied())
            .map_or_else(String::new, |nearest| {
                format!("; did you mean `{nearest}`?")
            });
        let message = format!("is `{text}`, not one of {}{hint}", allowed.join(", "));
        self.violations.add(Fault::Value, path, message);
    }

    fn value<'v>(&mut self, of: &'static str, value: &'v Value, path: &mut Path<'v>) {
        if value.is_null() {
            return;
        }
        if let Some(of) = of.strip_prefix('[') {
            let Value::Array(items) = value else {
                self.wrong(value, "a list", path);
                return;
            };
            for (index, item) in items.iter().enumerate() {
                path.index(index, |path| self.value(of, item, path));
            }
        } else if let Some(of) = of.strip_prefix('{') {
            let Value::Object(entries) = value else {
                self.wrong(value, "a map", path);
                return;
            };
            for (key, item) in entries {
                path.key(key, |path| self.value(of, item, path));
            }
        } else {
            self.scalar(of, value, path);
        }
    }

    fn scalar<'v>(&mut self, of: &'static str, value: &'v Value, path: &mut Path<'v>) {
        let (good, expected) = match of {
            "*" => return,
            "s" | "t" => (value.is_string(), "a text"),
            "i" => (is_integer(value), "a whole number"),
            "b" => (value.is_boolean(), "true or false"),
            "f" => (value.is_number(), "a number"),
            "q" => match value {
                Value::String(text) if !is_quantity(text) => {
                    let message = "is no quantity, such as 500m or 2Gi";
                    self.violations.add(Fault::Value, path, message);
                    return;
                }
                value => (value.is_string() || value.is_number(), "a quantity"),
            },
            "x" => (
                value.is_string() || is_integer(value),
                "a whole number or a text",
            ),
            "y" => match value {
                Value::String(text) if !is_base64(text) => {
                    self.violations.add(Fault::Value, path, "is not in base64");
                    return;
                }
                value => (value.is_string(), "a text in base64"),
            },
            name => {
                self.map(name, value, path);
                return;
            }
        };
        if !good {
            self.wrong(value, expected, path);
        }
    }

    fn wrong(&mut self, value: &Value, expected: &str, path: &Path<'_>) {
        let message = format!("must be {expected}, but is {}", kind_name(value));
        self.violations.add(Fault::Type, path, message);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(minor: u32, manifest: &Value) -> Vec<String> {
        let text = |key: &str| {
            manifest
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        violations(text("apiVersion"), text("kind"), minor, manifest)
            .into_iter()
            .map(|one| format!("{} {}", one.field, one.message))
            .collect()
    }

    #[test]
    fn versions_come_and_go() {
        let is_served = |api: &str, kind: &str, minor| served(api, kind, minor) == Served::Yes;
        assert!(is_served("policy/v1beta1", "PodDisruptionBudget", 24));
        assert!(!is_served("policy/v1beta1", "PodDisruptionBudget", 25));
        assert!(!is_served("policy/v1", "PodDisruptionBudget", 20));
        assert!(is_served("policy/v1", "PodDisruptionBudget", 99));
        assert!(is_served(
            "flowcontrol.apiserver.k8s.io/v1beta3",
            "FlowSchema",
            31
        ));
        assert_eq!(
            served("extensions/v1beta1", "Ingress", 34),
            Served::No {
                from: None,
                until: Some(22),
                instead: vec!["networking.k8s.io/v1".to_owned()],
            }
        );
        assert_eq!(
            served("resource.k8s.io/v1", "ResourceClaim", 33),
            Served::No {
                from: Some(34),
                until: None,
                instead: Vec::new(),
            }
        );
        assert_eq!(
            served("networking.k8s.io/v1beta1", "ServiceCIDR", 34),
            Served::IfSwitchedOn
        );
        assert_eq!(served("example.org/v1", "Ingress", 34), Served::Never);
        assert!(matches!(
            served("apps/v3", "Deployment", 34),
            Served::No { .. }
        ));
    }

    #[test]
    fn fields_are_held_to_their_version() {
        let pod = |container: Value| json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}});
        let rules = pod(json!({"name": "a", "restartPolicyRules": [{"action": "Restart"}]}));
        assert_eq!(told(34, &rules), Vec::<String>::new());
        assert_eq!(
            told(33, &rules),
            [
                "spec.containers[0].restartPolicyRules is not a field that Kubernetes 1.33 has: it \
              comes with Kubernetes 1.34"
            ]
        );
        let wrong = pod(json!({
            "imge": "x", "command": "sh", "tty": "yes", "ports": [{"containerPort": "80"}],
            "resources": {"limits": {"memory": "1GB", "cpu": 1}},
            "env": [{"name": "A", "value": null}, {"name": "B", "value": 1}],
        }));
        assert_eq!(
            told(34, &wrong),
            [
                "spec.containers[0].command must be a list, but is a text",
                "spec.containers[0].env[1].value must be a text, but is a number",
                "spec.containers[0].imge is not a field that this kind has; did you mean `image`?",
                "spec.containers[0].ports[0].containerPort must be a whole number, but is a text",
                "spec.containers[0].resources.limits.memory is no quantity, such as 500m or 2Gi",
                "spec.containers[0].tty must be true or false, but is a text",
                "spec.containers[0].name is required, and missing",
            ]
        );
    }

    #[test]
    fn the_table_names_no_type_that_it_does_not_have() {
        let mut missing = std::collections::BTreeSet::new();
        for (name, fields) in &TABLE.types {
            for field in fields.values() {
                let of = field.of.trim_start_matches(['[', '{']);
                if of.contains('.') && !TABLE.types.contains_key(of) {
                    missing.insert(format!("{name}: {of}"));
                }
            }
        }
        // Types without any field.
        assert!(missing.len() < 10, "{missing:?}");
    }
}

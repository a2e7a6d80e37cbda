//! Where a manifest differs from the live object that a manager applied before: takes both, gives
//! JSON pointers, never a value (a Secret's must not appear anywhere).
//!
//! A manifest is equal when everything in it is live, the manager owns it, and the manager owns
//! nothing more. What others added or defaulted is left alone, as server-side apply leaves it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::quantity;

/// Returns the places where a write would change something; empty where it would not.
pub fn differences(desired: &Value, live: &Value, manager: &str) -> Vec<String> {
    let nothing = Map::new();
    let owned = owned_fields(desired, live, manager);
    let is_owner = owned.is_some();
    let owned = owned.unwrap_or(&nothing);
    let mut live = live.clone();
    reveal_string_data(desired, &mut live);
    let mut walk = Walk {
        path: Vec::new(),
        found: Vec::new(),
    };
    for (name, value) in desired.as_object().into_iter().flatten() {
        // The identity is equal, and the status is not the manifest's to say.
        if matches!(name.as_str(), "apiVersion" | "kind" | "status") {
            continue;
        }
        walk.field(name, value, live.get(name), owned.get(&format!("f:{name}")));
    }
    walk.surplus(owned, desired.as_object());
    // A manifest that says nothing beyond its identity leaves no trace of its manager.
    if !is_owner && !walk.found.is_empty() {
        return vec!["/metadata/managedFields".to_owned()];
    }
    walk.found
}

/// Returns the fields that the manager applied, in the manifest's version of the API.
fn owned_fields<'a>(
    desired: &Value,
    live: &'a Value,
    manager: &str,
) -> Option<&'a Map<String, Value>> {
    live.pointer("/metadata/managedFields")?
        .as_array()?
        .iter()
        .find(|entry| {
            entry["manager"] == manager
                && entry["operation"] == "Apply"
                && entry["subresource"].as_str().is_none_or(str::is_empty)
                && entry["apiVersion"] == desired["apiVersion"]
        })?
        .get("fieldsV1")?
        .as_object()
}

/// The API server turns `stringData` into `data`, but remembers the fields as they were applied.
fn reveal_string_data(desired: &Value, live: &mut Value) {
    if desired["kind"] != "Secret" {
        return;
    }
    let Some(wanted) = desired["stringData"].as_object() else {
        return;
    };
    let mut plain = Map::new();
    for name in wanted.keys() {
        let bytes = live["data"][name]
            .as_str()
            .and_then(|data| STANDARD.decode(data).ok());
        if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
            plain.insert(name.clone(), Value::String(text));
        }
    }
    live["stringData"] = Value::Object(plain);
}

struct Walk {
    path: Vec<String>,
    found: Vec<String>,
}

impl Walk {
    fn report(&mut self) {
        let mut pointer = String::new();
        for part in &self.path {
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        }
        if !self.found.contains(&pointer) {
            self.found.push(pointer);
        }
    }

    fn field(&mut self, name: &str, desired: &Value, live: Option<&Value>, owned: Option<&Value>) {
        // Never recorded, or never the manifest's to say.
        if self.path == ["metadata"]
            && matches!(
                name,
                "name"
                    | "namespace"
                    | "creationTimestamp"
                    | "generation"
                    | "resourceVersion"
                    | "uid"
            )
        {
            return;
        }
        self.path.push(name.to_owned());
        self.value(desired, live, owned);
        self.path.pop();
    }

    fn value(&mut self, desired: &Value, live: Option<&Value>, owned: Option<&Value>) {
        if is_empty(desired) && live.is_none_or(is_empty) {
            return;
        }
        let Some(live) = live else {
            return self.report();
        };
        // What lies below a field that is owned as a whole is not recorded.
        let owned = match owned.and_then(Value::as_object) {
            Some(owned) => owned,
            // The identity and empty maps on the way to a field are nobody's.
            None if desired.as_object().is_some_and(Map::is_empty) => return,
            None if self.path == ["metadata"] => &Map::new(),
            None => return self.report(),
        };
        match (desired, live) {
            (Value::Object(wanted), Value::Object(_))
                if !owned.is_empty() || self.path == ["metadata"] =>
            {
                for (name, value) in wanted {
                    self.field(name, value, live.get(name), owned.get(&format!("f:{name}")));
                }
                self.surplus(owned, Some(wanted));
            }
            (Value::Array(wanted), Value::Array(there))
                if owned.keys().any(|key| key.starts_with("k:")) =>
            {
                self.keyed(wanted, there, owned);
            }
            (Value::Array(wanted), Value::Array(there))
                if owned.keys().any(|key| key.starts_with("v:")) =>
            {
                self.set(wanted, there, owned);
            }
            _ => {
                if !self.same(desired, live) {
                    self.report();
                }
            }
        }
    }

    /// What the manager owns and the manifest no longer has would be removed.
    fn surplus(&mut self, owned: &Map<String, Value>, wanted: Option<&Map<String, Value>>) {
        for name in owned.keys().filter_map(|key| key.strip_prefix("f:")) {
            if wanted.is_none_or(|wanted| !wanted.contains_key(name)) {
                self.path.push(name.to_owned());
                self.report();
                self.path.pop();
            }
        }
    }

    /// A list whose elements are told apart by keys.
    fn keyed(&mut self, wanted: &[Value], there: &[Value], owned: &Map<String, Value>) {
        let mut claimed = vec![false; wanted.len()];
        for (key, fields) in owned {
            let Some(key) = key
                .strip_prefix("k:")
                .and_then(|key| serde_json::from_str(key).ok())
            else {
                continue;
            };
            let key: Map<String, Value> = key;
            let position = wanted.iter().position(|element| {
                // A part of the key that the manifest leaves out was defaulted.
                key.iter()
                    .all(|(name, value)| element.get(name).is_none_or(|it| it == value))
            });
            let live = there.iter().find(|element| {
                key.iter()
                    .all(|(name, value)| element.get(name) == Some(value))
            });
            let label = position.map_or_else(
                || key.values().map(plain).collect::<Vec<_>>().join(","),
                |position| position.to_string(),
            );
            self.path.push(label);
            match position {
                Some(position) => {
                    claimed[position] = true;
                    self.value(&wanted[position], live, Some(fields));
                }
                None => self.report(),
            }
            self.path.pop();
        }
        for (position, _) in claimed.iter().enumerate().filter(|(_, claimed)| !**claimed) {
            self.path.push(position.to_string());
            self.report();
            self.path.pop();
        }
    }

    /// A list of scalars that may hold more than the manager's.
    fn set(&mut self, wanted: &[Value], there: &[Value], owned: &Map<String, Value>) {
        let ours: Vec<Value> = owned
            .keys()
            .filter_map(|key| serde_json::from_str(key.strip_prefix("v:")?).ok())
            .collect();
        let kept = wanted
            .iter()
            .all(|item| there.contains(item) && ours.contains(item));
        if !kept || ours.iter().any(|item| !wanted.contains(item)) {
            self.report();
        }
    }

    /// Compares what is owned as a whole. Defaults that were added inside are left alone.
    fn same(&self, desired: &Value, live: &Value) -> bool {
        match (desired, live) {
            (Value::Object(wanted), Value::Object(there)) => {
                wanted.iter().all(|(name, value)| match there.get(name) {
                    Some(live) => self.same_below(name, value, live),
                    None => is_empty(value),
                })
            }
            (Value::Array(wanted), Value::Array(there)) => {
                wanted.len() == there.len()
                    && wanted
                        .iter()
                        .zip(there)
                        .all(|(left, right)| self.same(left, right))
            }
            _ => same_scalar(&self.path, desired, live),
        }
    }

    fn same_below(&self, name: &str, desired: &Value, live: &Value) -> bool {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Self {
            path,
            found: Vec::new(),
        }
        .same(desired, live)
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What the API server leaves out when it writes an object.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
    }
}

fn same_scalar(path: &[String], desired: &Value, live: &Value) -> bool {
    if desired == live {
        return true;
    }
    if let (Value::Number(left), Value::Number(right)) = (desired, live) {
        return left.as_f64() == right.as_f64();
    }
    quantity::is_quantity_path(path) && quantity::same(desired, live)
}

#[cfg(test)]
#[path = "differ_tests.rs"]
mod tests;

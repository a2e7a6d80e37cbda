//! What Argo CD says of one Application: takes the live Application, gives whether it is as it
//! should be and else which objects differ, never waits.

use serde::Serialize;
use serde_json::Value;

use crate::render::ObjectId;

/// Argo CD's verdict on one Application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationState {
    /// Its name.
    pub name: String,
    /// `Synced`, `OutOfSync`, `Unknown`, or nothing before the first comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<String>,
    /// `Healthy`, `Progressing`, `Degraded`, `Missing`...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
    /// The commit that was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// When Argo CD compared last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared_at: Option<String>,
    /// The objects that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub out_of_sync: Vec<ObjectId>,
    /// The objects that are not healthy, each with Argo CD's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unhealthy: Vec<(ObjectId, String)>,
    /// What Argo CD could not do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

impl ApplicationState {
    /// Tells whether Argo CD finds it as it should be.
    pub fn is_well(&self) -> bool {
        self.is_synced() && self.is_healthy()
    }

    /// Tells whether Argo CD would change nothing.
    pub fn is_synced(&self) -> bool {
        self.sync.as_deref() == Some("Synced")
    }

    /// Tells whether it works.
    pub fn is_healthy(&self) -> bool {
        self.health.as_deref() == Some("Healthy")
    }

    /// Words what is lacking.
    pub fn lack(&self) -> String {
        if let Some(error) = self.errors.first() {
            return error.clone();
        }
        let Some(sync) = &self.sync else {
            return "Argo CD has not compared it yet".to_owned();
        };
        if !self.is_synced() {
            return match self.out_of_sync.as_slice() {
                [] => format!("its comparison is {sync}"),
                [one] => format!("{one} is {sync}"),
                [first, rest @ ..] => format!("{first} and {} more are {sync}", rest.len()),
            };
        }
        match self.unhealthy.first() {
            Some((object, words)) => format!("{object}: {words}"),
            None => format!(
                "its health is {}",
                self.health.as_deref().unwrap_or("not known")
            ),
        }
    }
}

/// Reads Argo CD's verdict from a live Application.
pub fn judge(live: &Value) -> ApplicationState {
    let text = |pointer: &str| {
        live.pointer(pointer)
            .and_then(Value::as_str)
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
    };
    let list = |pointer: &str| {
        live.pointer(pointer)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let mut state = ApplicationState {
        name: text("/metadata/name").unwrap_or_default(),
        sync: text("/status/sync/status"),
        health: text("/status/health/status"),
        revision: text("/status/sync/revision"),
        compared_at: text("/status/reconciledAt"),
        out_of_sync: Vec::new(),
        unhealthy: Vec::new(),
        errors: Vec::new(),
    };
    for resource in list("/status/resources") {
        let id = identity(resource);
        // A hook is never a part of the comparison.
        if resource["hook"] == true {
            continue;
        }
        if resource["status"] == "OutOfSync" {
            state.out_of_sync.push(id.clone());
        }
        let health = &resource["health"];
        if let Some(status) = health["status"]
            .as_str()
            .filter(|status| *status != "Healthy")
        {
            let words = health["message"].as_str().unwrap_or(status);
            state.unhealthy.push((id, words.to_owned()));
        }
    }
    for condition in list("/status/conditions") {
        if condition["type"]
            .as_str()
            .is_some_and(|name| name.ends_with("Error"))
        {
            state.errors.push(
                condition["message"]
                    .as_str()
                    .unwrap_or("an error")
                    .to_owned(),
            );
        }
    }
    state
}

fn identity(resource: &Value) -> ObjectId {
    let text = |key: &str| resource[key].as_str().unwrap_or_default();
    let (group, version) = (text("group"), text("version"));
    ObjectId {
        api_version: if group.is_empty() {
            version.to_owned()
        } else {
            format!("{group}/{version}")
        },
        kind: text("kind").to_owned(),
        namespace: Some(text("namespace").to_owned()).filter(|it| !it.is_empty()),
        name: text("name").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application(status: &Value) -> ApplicationState {
        judge(&json!({"metadata": {"name": "portal"}, "status": status}))
    }

    #[test]
    fn an_application_that_is_as_it_should_be() {
        let state = application(&json!({"sync": {"status": "Synced", "revision": "abc"},
            "health": {"status": "Healthy"}, "reconciledAt": "2026-01-01T00:00:00Z"}));
        assert!(state.is_well());
        assert_eq!(state.revision.as_deref(), Some("abc"));
    }

    #[test]
    fn the_lack_is_told_from_the_cause() {
        assert_eq!(
            application(&json!({})).lack(),
            "Argo CD has not compared it yet"
        );
        let differs = application(&json!({"sync": {"status": "OutOfSync"},
            "health": {"status": "Healthy"}, "resources": [
                {"version": "v1", "kind": "Service", "namespace": "a", "name": "x", "status": "OutOfSync"},
                {"version": "v1", "kind": "Service", "namespace": "a", "name": "y", "status": "OutOfSync"},
                {"version": "v1", "kind": "Pod", "namespace": "a", "name": "z", "status": "OutOfSync", "hook": true}]}));
        assert_eq!(differs.lack(), "Service a/x and 1 more are OutOfSync");
        let sick = application(&json!({"sync": {"status": "Synced"},
            "health": {"status": "Progressing"}, "resources": [
                {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "a", "name": "x",
                 "status": "Synced", "health": {"status": "Progressing", "message": "0 of 1"}}]}));
        assert_eq!(sick.lack(), "Deployment a/x: 0 of 1");
        let broken = application(&json!({"sync": {"status": "Unknown"},
            "conditions": [{"type": "ComparisonError", "message": "repository not found"}]}));
        assert_eq!(broken.lack(), "repository not found");
    }
}

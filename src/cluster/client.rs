//! The verbs: takes identities and manifests, gives the API server's answers, never retries and
//! never forces a field that another manager owns.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use http::{Method, Request};
use serde_json::Value;

use super::discovery::{Discovery, GroupList, Resource};
use super::error::{ApiError, Refusal};
use super::mask::mask_secret_values;
use super::watch::Watches;
use crate::render::ObjectId;

/// The field manager of everything that Argo CD will own: the same one that Argo CD's own
/// server-side apply uses, so that the handover leaves one owner.
pub const FIELD_MANAGER: &str = "argocd-controller";

/// The field manager of what stays ours: the journal, and requests to Argo CD.
pub const OWN_MANAGER: &str = "firstlight";

/// What a discovery document is asked for as.
const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// Misses ask the cluster again, but not more often than this.
const REFRESH_INTERVAL: Duration = Duration::from_millis(100);

/// A connected cluster. Cloning is cheap: clones share the connection, discovery and watches.
#[derive(Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

struct Shared {
    client: kube::Client,
    context: String,
    server: String,
    discovery: RwLock<Arc<Discovery>>,
    refreshed: tokio::sync::Mutex<Option<Instant>>,
    watches: Mutex<Watches>,
}

/// How to apply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Apply {
    /// Ask what would be, write nothing.
    pub dry_run: bool,
    /// Write as firstlight itself, for objects that Argo CD will not own.
    pub own: bool,
}

/// What becomes of an object's dependents when it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted later; the object goes at once.
    Background,
    /// They go first.
    Foreground,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cluster")
            .field("context", &self.shared.context)
            .field("server", &self.shared.server)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Wraps a client.
    pub(super) fn new(client: kube::Client, context: String, server: String) -> Self {
        let watches = Watches::new(client.clone());
        Self {
            shared: Arc::new(Shared {
                client,
                context,
                server,
                discovery: RwLock::new(Arc::new(Discovery::default())),
                refreshed: tokio::sync::Mutex::new(None),
                watches: Mutex::new(watches),
            }),
        }
    }

    /// Returns the context's name.
    pub fn context(&self) -> &str {
        &self.shared.context
    }

    /// Returns the URL of the API server.
    pub fn server(&self) -> &str {
        &self.shared.server
    }

    /// Returns what discovery knew when it was last asked.
    pub fn discovery(&self) -> Arc<Discovery> {
        Arc::clone(
            &self
                .shared
                .discovery
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Runs an action on the shared watches.
    pub(super) fn with_watches<T>(&self, action: impl FnOnce(&mut Watches) -> T) -> T {
        action(
            &mut self
                .shared
                .watches
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Asks for the version of Kubernetes.
    pub async fn version(&self) -> Result<String, ApiError> {
        let answer = self.read("/version").await?;
        Ok(answer["gitVersion"]
            .as_str()
            .unwrap_or("unknown")
            .to_owned())
    }

    /// Asks the cluster anew which kinds it serves.
    pub async fn refresh_discovery(&self) -> Result<Arc<Discovery>, ApiError> {
        let mut refreshed = self.shared.refreshed.lock().await;
        self.discover(&mut refreshed).await
    }

    async fn discover(&self, refreshed: &mut Option<Instant>) -> Result<Arc<Discovery>, ApiError> {
        let (core, groups) = tokio::try_join!(self.groups("/api"), self.groups("/apis"))?;
        let mut discovery = Discovery::default();
        discovery.extend(core);
        discovery.extend(groups);
        let discovery = Arc::new(discovery);
        *self
            .shared
            .discovery
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&discovery);
        *refreshed = Some(Instant::now());
        Ok(discovery)
    }

    async fn groups(&self, path: &str) -> Result<GroupList, ApiError> {
        let request = Request::get(path).header(http::header::ACCEPT, AGGREGATED);
        let text = self
            .shared
            .client
            .request_text(build(request, Vec::new())?)
            .await?;
        serde_json::from_str(&text).map_err(|error| ApiError::Unreadable {
            message: error.to_string(),
        })
    }

    /// Returns how a kind is served, asking the cluster anew where it is not known.
    pub async fn resource(&self, api_version: &str, kind: &str) -> Result<Resource, ApiError> {
        if let Some(resource) = self.discovery().get(api_version, kind) {
            return Ok(resource.clone());
        }
        let mut refreshed = self.shared.refreshed.lock().await;
        // Another task may have asked while this one waited for its turn.
        let mut discovery = self.discovery();
        let due = refreshed.is_none_or(|when| when.elapsed() >= REFRESH_INTERVAL);
        if discovery.get(api_version, kind).is_none() && due {
            discovery = self.discover(&mut refreshed).await?;
        }
        discovery
            .get(api_version, kind)
            .cloned()
            .ok_or_else(|| ApiError::KindUnknown {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
            })
    }

    /// Returns a live object, or nothing where it or its kind is absent.
    pub async fn get(&self, id: &ObjectId) -> Result<Option<Value>, ApiError> {
        let resource = match self.resource(&id.api_version, &id.kind).await {
            Ok(resource) => resource,
            Err(ApiError::KindUnknown { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        match self
            .read(&resource.path(id.namespace.as_deref(), Some(&id.name)))
            .await
        {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns all objects of a kind in all namespaces, with `apiVersion` and `kind` filled in.
    pub async fn list(&self, api_version: &str, kind: &str) -> Result<Vec<Value>, ApiError> {
        let resource = self.resource(api_version, kind).await?;
        let path = resource.path(None, None);
        let mut objects = Vec::new();
        let mut next = String::new();
        loop {
            let page = if next.is_empty() {
                format!("{path}?limit=500")
            } else {
                format!("{path}?limit=500&continue={next}")
            };
            let mut answer = self.read(&page).await?;
            if let Value::Array(items) = answer["items"].take() {
                objects.extend(items.into_iter().map(|mut item| {
                    item["apiVersion"] = Value::String(api_version.to_owned());
                    item["kind"] = Value::String(kind.to_owned());
                    item
                }));
            }
            match answer["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => token.clone_into(&mut next),
                _ => return Ok(objects),
            }
        }
    }

    /// Writes an object by server-side apply and returns what it is now.
    pub async fn apply(
        &self,
        id: &ObjectId,
        manifest: &Value,
        options: Apply,
    ) -> Result<Value, ApiError> {
        let resource = self.resource(&id.api_version, &id.kind).await?;
        let path = resource.path(id.namespace.as_deref(), Some(&id.name));
        let manager = if options.own {
            OWN_MANAGER
        } else {
            FIELD_MANAGER
        };
        let dry_run = if options.dry_run { "&dryRun=All" } else { "" };
        let uri = format!("{path}?fieldManager={manager}&force=false{dry_run}");
        // JSON is YAML: the API server's apply takes either.
        let request = Request::builder()
            .method(Method::PATCH)
            .uri(uri)
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::CONTENT_TYPE, "application/apply-patch+yaml");
        let body = encode(manifest)?;
        self.send(request, body)
            .await
            .map_err(|error| masked(error, manifest))
    }

    /// Writes some fields of an object by a merge patch, as firstlight itself.
    pub async fn merge(&self, id: &ObjectId, fields: &Value) -> Result<Value, ApiError> {
        let resource = self.resource(&id.api_version, &id.kind).await?;
        let path = resource.path(id.namespace.as_deref(), Some(&id.name));
        let request = Request::builder()
            .method(Method::PATCH)
            .uri(format!("{path}?fieldManager={OWN_MANAGER}"))
            .header(http::header::CONTENT_TYPE, "application/merge-patch+json");
        self.send(request, encode(fields)?).await
    }

    /// Deletes an object; true where there was one.
    pub async fn delete(&self, id: &ObjectId, propagation: Propagation) -> Result<bool, ApiError> {
        let resource = match self.resource(&id.api_version, &id.kind).await {
            Ok(resource) => resource,
            Err(ApiError::KindUnknown { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let policy = match propagation {
            Propagation::Background => "Background",
            Propagation::Foreground => "Foreground",
        };
        let options = serde_json::json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy,
        });
        let request = Request::builder()
            .method(Method::DELETE)
            .uri(resource.path(id.namespace.as_deref(), Some(&id.name)))
            .header(http::header::CONTENT_TYPE, "application/json");
        match self.send(request, encode(&options)?).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, ApiError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(http::header::CONTENT_TYPE, "application/json");
        self.send(request, encode(body)?).await
    }

    pub(super) async fn text(&self, path: &str) -> Result<String, ApiError> {
        let request = build(Request::get(path), Vec::new())?;
        Ok(self.shared.client.request_text(request).await?)
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> Result<Value, ApiError> {
        Ok(self.shared.client.request(build(request, body)?).await?)
    }
}

fn build(request: http::request::Builder, body: Vec<u8>) -> Result<Request<Vec<u8>>, ApiError> {
    request.body(body).map_err(|error| ApiError::Unreadable {
        message: error.to_string(),
    })
}

fn encode(body: &Value) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| ApiError::Unreadable {
        message: error.to_string(),
    })
}

/// Keeps the values of a Secret out of what the API server says about it.
fn masked(error: ApiError, manifest: &Value) -> ApiError {
    match error {
        ApiError::Refused(refusal) => ApiError::Refused(Refusal {
            message: mask_secret_values(manifest, &refusal.message),
            causes: refusal
                .causes
                .into_iter()
                .map(|mut cause| {
                    cause.message = mask_secret_values(manifest, &cause.message);
                    cause
                })
                .collect(),
            ..refusal
        }),
        other => other,
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;

//! Shared watches, one for each kind: takes a kind, gives a view of its live objects that follows
//! the cluster, never polls and never starts a second watch of a kind.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use futures::StreamExt as _;
use kube::api::{Api, ApiResource, DynamicObject};
use kube::runtime::{WatchStreamExt as _, watcher};
use serde_json::Value;
use tokio::sync::watch;

use super::client::Cluster;
use super::discovery::Resource;
use super::error::{ApiError, chain};

type Key = (Option<String>, String);

/// How a watch fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchHealth {
    /// The first list is under way.
    Starting,
    /// It follows the cluster.
    Live,
    /// The last attempt failed; it goes on trying.
    Failing(ApiError),
}

/// A view of all objects of one kind.
#[derive(Clone)]
pub struct Watch {
    shared: Arc<State>,
}

struct State {
    objects: RwLock<BTreeMap<Key, Arc<Value>>>,
    health: RwLock<WatchHealth>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Watch")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Watch {
    /// Returns an object as it was last seen.
    pub fn get(&self, namespace: Option<&str>, name: &str) -> Option<Arc<Value>> {
        let key = (namespace.map(str::to_owned), name.to_owned());
        self.objects().get(&key).cloned()
    }

    /// Returns the objects of a namespace that fit.
    pub fn select(&self, namespace: &str, fits: impl Fn(&Value) -> bool) -> Vec<Arc<Value>> {
        let from = (Some(namespace.to_owned()), String::new());
        self.objects()
            .range(from..)
            .take_while(|((found, _), _)| found.as_deref() == Some(namespace))
            .filter(|(_, object)| fits(object))
            .map(|(_, object)| Arc::clone(object))
            .collect()
    }

    /// Returns all objects.
    pub fn all(&self) -> Vec<Arc<Value>> {
        self.objects().values().cloned().collect()
    }

    /// Tells how the watch fares.
    pub fn health(&self) -> WatchHealth {
        self.shared
            .health
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn objects(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<Key, Arc<Value>>> {
        self.shared
            .objects
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// All watches of one cluster.
pub(super) struct Watches {
    client: kube::Client,
    started: BTreeMap<(String, String), (Watch, tokio::task::AbortHandle)>,
    tick: watch::Sender<u64>,
}

impl Watches {
    pub(super) fn new(client: kube::Client) -> Self {
        Self {
            client,
            started: BTreeMap::new(),
            tick: watch::Sender::new(0),
        }
    }

    fn start(&mut self, resource: &Resource) -> Watch {
        let key = (resource.api_version.clone(), resource.kind.clone());
        if let Some((watch, _)) = self.started.get(&key) {
            return watch.clone();
        }
        let state = Arc::new(State {
            objects: RwLock::new(BTreeMap::new()),
            health: RwLock::new(WatchHealth::Starting),
        });
        let follower = Follower {
            kind: key.clone(),
            state: Arc::clone(&state),
        };
        let task = tokio::spawn(follow(
            api(&self.client, resource),
            follower,
            self.tick.clone(),
        ));
        let watch = Watch { shared: state };
        self.started
            .insert(key, (watch.clone(), task.abort_handle()));
        watch
    }
}

impl Drop for Watches {
    fn drop(&mut self) {
        for (_, task) in self.started.values() {
            task.abort();
        }
    }
}

impl Cluster {
    /// Returns the watch of a kind, starting it where it is the first to ask.
    pub async fn watch(&self, api_version: &str, kind: &str) -> Result<Watch, ApiError> {
        let resource = self.resource(api_version, kind).await?;
        Ok(self.with_watches(|watches| watches.start(&resource)))
    }

    /// Returns a counter that moves whenever any watch saw a change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.with_watches(|watches| watches.tick.subscribe())
    }
}

fn api(client: &kube::Client, resource: &Resource) -> Api<DynamicObject> {
    let (group, version) = resource
        .api_version
        .split_once('/')
        .unwrap_or(("", &resource.api_version));
    let kind = ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: resource.api_version.clone(),
        kind: resource.kind.clone(),
        plural: resource.plural.clone(),
    };
    Api::all_with(client.clone(), &kind)
}

/// What the task behind a watch writes to.
struct Follower {
    kind: (String, String),
    state: Arc<State>,
}

/// Keeps the state equal to the cluster until the task is aborted.
async fn follow(api: Api<DynamicObject>, follower: Follower, tick: watch::Sender<u64>) {
    let Follower { kind, state } = follower;
    let mut listed: BTreeMap<Key, Arc<Value>> = BTreeMap::new();
    let mut stream = watcher(api, watcher::Config::default())
        .default_backoff()
        .boxed();
    while let Some(event) = stream.next().await {
        let mut health = WatchHealth::Live;
        match event {
            Ok(watcher::Event::Init) => {
                listed.clear();
                continue;
            }
            Ok(watcher::Event::InitApply(object)) => {
                let (key, value) = entry(object, &kind);
                listed.insert(key, value);
                continue;
            }
            Ok(watcher::Event::InitDone) => {
                *write(&state.objects) = std::mem::take(&mut listed);
            }
            Ok(watcher::Event::Apply(object)) => {
                let (key, value) = entry(object, &kind);
                write(&state.objects).insert(key, value);
            }
            Ok(watcher::Event::Delete(object)) => {
                let (key, _) = entry(object, &kind);
                write(&state.objects).remove(&key);
            }
            Err(error) => health = WatchHealth::Failing(failure(error)),
        }
        *write(&state.health) = health;
        tick.send_modify(|count| *count = count.wrapping_add(1));
    }
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Lists leave out `apiVersion` and `kind` of their items: they are filled in.
fn entry(mut object: DynamicObject, kind: &(String, String)) -> (Key, Arc<Value>) {
    // Nobody who waits looks at them, and they are half of an object's bulk.
    object.metadata.managed_fields = None;
    let key = (
        object.metadata.namespace.clone(),
        object.metadata.name.clone().unwrap_or_default(),
    );
    let mut value = serde_json::to_value(object).unwrap_or_default();
    value["apiVersion"] = Value::String(kind.0.clone());
    value["kind"] = Value::String(kind.1.clone());
    (key, Arc::new(value))
}

fn failure(error: watcher::Error) -> ApiError {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => error.into(),
        watcher::Error::WatchError(status) => ApiError::Refused((*status).into()),
        other @ watcher::Error::NoResourceVersion => ApiError::Unreadable {
            message: chain(&other),
        },
    }
}

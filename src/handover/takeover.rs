//! The handover itself: takes the plan, writes Applications paused, waits until Argo CD agrees,
//! then gives them the policy that is wanted; a second run finds all as wanted and writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::difference::{Difference, explain};
use super::manifest::{Item, Items, is_automated, items, paused};
use super::state::{ApplicationState, judge};
use crate::apply::{Context, Emitter, Event, Failure, Scope};
use crate::cluster::{ApiError, Apply, Cluster, FIELD_MANAGER, WatchHealth};
use crate::plan::{Plan, differences};
use crate::render::ObjectId;

const API_VERSION: &str = "argoproj.io/v1alpha1";
const KIND: &str = "Application";
const REFRESH: &str = "argocd.argoproj.io/refresh";
/// Argo CD leaves an Application alone that carries this.
/// Source: Argo CD user guide, "Skip Application Reconcile".
const SKIP_RECONCILE: &str = "argocd.argoproj.io/skip-reconcile";

/// How long Argo CD is given to see a write in its own picture of the cluster, which it keeps by a
/// watch and brings up to date every 100 ms.
const PICTURE_LAG: Duration = Duration::from_millis(1500);

/// How long a verdict may stand that is not as it should be before Argo CD is asked to compare
/// again: its first comparison often meets a repository server that is just starting.
const REFRESH_AFTER: Duration = Duration::from_secs(5);

/// How long an Application may stay out of sync, and be asked again, before that is told.
const DIFFERS_AFTER: Duration = Duration::from_mins(1);

/// One handover.
pub struct Takeover<'a> {
    /// Where.
    pub cluster: &'a Cluster,
    /// What was installed.
    pub plan: &'a Plan,
    /// How long nothing may change before it is given up.
    pub stall_timeout: Duration,
    /// Who hears of it.
    pub emit: Emitter,
    /// Ends it early.
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for Takeover<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Takeover")
            .field("environment", &self.plan.environment)
            .finish_non_exhaustive()
    }
}

/// What came of a handover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeoverOutcome {
    /// What was written.
    pub written: Vec<ObjectId>,
    /// What Argo CD says of each Application, the root last.
    pub applications: Vec<ApplicationState>,
}

/// Why Argo CD is not the owner.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The cluster does not know Argo CD's kinds.
    #[error("the cluster has no Argo CD: {0}")]
    NoArgoCd(ApiError),
    /// The API server refused a write.
    #[error("{0}")]
    Write(WriteFailure),
    /// Applications cannot be watched.
    #[error("the Applications cannot be watched: {0}")]
    Watch(ApiError),
    /// Argo CD does not agree.
    #[error("{} of {total} Applications are not as they should be: {}", open.len(), names(open))]
    NotWell {
        /// The Applications with Argo CD's verdict and the differences found.
        open: Vec<(ApplicationState, Vec<Difference>)>,
        /// How many Applications there are.
        total: usize,
    },
    /// The user stopped it.
    #[error("the handover was stopped; what is paused stays paused until the next run")]
    Interrupted,
}

/// A failed write with its object.
#[derive(Debug, Clone)]
pub struct WriteFailure(pub Failure);

impl std::fmt::Display for WriteFailure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(object) = &self.0.object {
            write!(formatter, "{object}: ")?;
        }
        formatter.write_str(&self.0.reason)
    }
}

fn names(open: &[(ApplicationState, Vec<Difference>)]) -> String {
    open.iter()
        .map(|(state, _)| state.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

struct Work<'a> {
    takeover: &'a Takeover<'a>,
    context: Context,
    scope: Scope,
    /// The live Applications at the beginning.
    before: BTreeMap<ObjectId, Value>,
    written: Vec<ObjectId>,
    /// The Applications that were told to be ready: each is told once.
    ready: BTreeSet<String>,
}

impl Takeover<'_> {
    /// Hands over.
    pub async fn execute(&self) -> Result<TakeoverOutcome, TakeoverError> {
        let items = items(&self.plan.handover);
        let context = Context {
            cluster: self.cluster.clone(),
            emit: Arc::clone(&self.emit),
            cancel: self.cancel.clone(),
            requests: Arc::new(Semaphore::new(8)),
        };
        let scope = Scope {
            service: items.root.id.name.clone(),
            stall_timeout: self.stall_timeout,
        };
        context.send(Event::HandoverStarted {
            applications: items
                .children
                .iter()
                .chain([&items.root])
                .map(|item| item.id.name.clone())
                .collect(),
        });
        let before = self.before(&items).await?;
        let mut work = Work {
            takeover: self,
            context,
            scope,
            before,
            written: Vec::new(),
            ready: BTreeSet::new(),
        };
        work.execute(&items).await
    }

    /// Reads what the cluster holds of the handover's objects.
    async fn before(&self, items: &Items) -> Result<BTreeMap<ObjectId, Value>, TakeoverError> {
        self.cluster
            .resource(API_VERSION, KIND)
            .await
            .map_err(TakeoverError::NoArgoCd)?;
        let mut before = BTreeMap::new();
        let all = items
            .first
            .iter()
            .chain(&items.children)
            .chain([&items.root]);
        let reads = all.map(|item| async move { (item, self.cluster.get(&item.id).await) });
        for (item, live) in futures::future::join_all(reads.collect::<Vec<_>>()).await {
            if let Some(live) = live.map_err(TakeoverError::Watch)? {
                before.insert(item.id.clone(), live);
            }
        }
        Ok(before)
    }
}

impl Work<'_> {
    async fn execute(&mut self, items: &Items) -> Result<TakeoverOutcome, TakeoverError> {
        let held = |live: &Value| !live["metadata"]["annotations"][SKIP_RECONCILE].is_null();
        if self.before.get(&items.root.id).is_some_and(held) {
            // An earlier run was killed while it held the root.
            self.hold(&items.root, false).await?;
        }
        for item in &items.first {
            if !self.is_as_wanted(item) {
                self.write(item, &item.wanted).await?;
            }
        }
        let all: Vec<&Item> = items.children.iter().chain([&items.root]).collect();
        let mut resume: Vec<&Item> = Vec::new();
        for item in &all {
            if self.is_as_wanted(item) {
                continue;
            }
            self.write(item, &paused(&item.wanted)).await?;
            if is_automated(&item.wanted) {
                resume.push(item);
            }
        }
        let root = &items.root.id.name;
        // The root finds its paused children different, and itself: it is judged once they have
        // their policy, and then without itself.
        let children: Vec<&Item> = items.children.iter().collect();
        self.wait(&children, None).await?;
        for item in resume.iter().filter(|item| item.id.name != *root) {
            self.write(item, &item.wanted).await?;
        }
        let root_paused = resume.iter().any(|item| item.id.name == *root);
        self.wait(&all, root_paused.then_some(root.as_str()))
            .await?;
        if root_paused {
            // The root compares itself, too. If it met its new policy before it sees that policy in
            // its picture of the cluster, it would find itself different and synchronise.
            self.hold(&items.root, true).await?;
            self.write(&items.root, &items.root.wanted).await?;
            tokio::time::sleep(PICTURE_LAG).await;
            self.hold(&items.root, false).await?;
        }
        let applications = self.wait(&all, None).await?;
        Ok(TakeoverOutcome {
            written: std::mem::take(&mut self.written),
            applications,
        })
    }

    fn is_as_wanted(&self, item: &Item) -> bool {
        self.before
            .get(&item.id)
            .is_some_and(|live| differences(&item.wanted, live, FIELD_MANAGER).is_empty())
    }

    /// Makes Argo CD leave an Application alone, or compare it again. The annotation belongs to
    /// another field manager than the Application: to Argo CD it is no difference.
    async fn hold(&self, item: &Item, hold: bool) -> Result<(), TakeoverError> {
        let cluster = self.takeover.cluster;
        let annotations = if hold {
            json!({SKIP_RECONCILE: "true"})
        } else {
            json!({SKIP_RECONCILE: null, REFRESH: "normal"})
        };
        let patch = json!({"metadata": {"annotations": annotations}});
        let merge = || cluster.merge(&item.id, &patch);
        self.context
            .request(&self.scope, &item.id, merge)
            .await
            .map_err(|failure| TakeoverError::Write(WriteFailure(failure)))?;
        Ok(())
    }

    async fn write(&mut self, item: &Item, manifest: &Value) -> Result<(), TakeoverError> {
        let cluster = self.takeover.cluster;
        let apply = || cluster.apply(&item.id, manifest, Apply::default());
        self.context
            .request(&self.scope, &item.id, apply)
            .await
            .map_err(|failure| TakeoverError::Write(WriteFailure(failure)))?;
        self.context.send(Event::HandoverApplied {
            object: item.id.clone(),
        });
        if !self.written.contains(&item.id) {
            self.written.push(item.id.clone());
        }
        Ok(())
    }

    /// Waits until Argo CD finds all as they should be. `itself` names a root that is judged
    /// without its own Application, which differs as long as it is paused.
    async fn wait(
        &mut self,
        items: &[&Item],
        itself: Option<&str>,
    ) -> Result<Vec<ApplicationState>, TakeoverError> {
        let cluster = self.takeover.cluster;
        let watch = cluster
            .watch(API_VERSION, KIND)
            .await
            .map_err(TakeoverError::Watch)?;
        let mut changes = cluster.changes();
        let mut open: Vec<Open<'_>> = items.iter().map(|item| Open::new(item)).collect();
        let mut last_progress = Instant::now();
        loop {
            changes.borrow_and_update();
            if let WatchHealth::Failing(error) = watch.health()
                && error.is_forbidden()
            {
                return Err(TakeoverError::Watch(error));
            }
            for application in &mut open {
                let id = &application.item.id;
                let Some(live) = watch.get(id.namespace.as_deref(), &id.name) else {
                    continue;
                };
                application.state = judge(&live);
                if itself == Some(id.name.as_str()) {
                    forget_itself(&mut application.state, id);
                    // It is told once it has its policy.
                    if application.state.is_well() {
                        continue;
                    }
                }
                if application.observe(&self.context, &mut self.ready) {
                    last_progress = Instant::now();
                }
            }
            if open.iter().all(|application| application.state.is_well()) {
                return Ok(open
                    .into_iter()
                    .map(|application| application.state)
                    .collect());
            }
            let now = Instant::now();
            let differs = open.iter().any(Open::is_final);
            if differs || now >= last_progress + self.takeover.stall_timeout {
                return Err(self.not_well(open).await);
            }
            for application in &mut open {
                application.refresh(cluster).await;
            }
            tokio::select! {
                _ = changes.changed() => tokio::time::sleep(Duration::from_millis(30)).await,
                () = tokio::time::sleep(Duration::from_secs(2)) => {}
                () = self.context.cancel.cancelled() => return Err(TakeoverError::Interrupted),
            }
        }
    }

    async fn not_well(&self, open: Vec<Open<'_>>) -> TakeoverError {
        let total = open.len();
        let mut found = Vec::new();
        for application in open
            .into_iter()
            .filter(|application| !application.state.is_well())
        {
            let takeover = self.takeover;
            let differences = explain(takeover.cluster, takeover.plan, &application.state).await;
            found.push((application.state, differences));
        }
        TakeoverError::NotWell { open: found, total }
    }
}

/// A paused root differs from its own definition: that alone is no difference.
fn forget_itself(state: &mut ApplicationState, id: &ObjectId) {
    let other =
        |object: &ObjectId| object.group_kind() != id.group_kind() || object.name != id.name;
    let only_itself = !state.out_of_sync.is_empty() && !state.out_of_sync.iter().any(other);
    if only_itself {
        state.sync = Some("Synced".to_owned());
        state.out_of_sync.clear();
    }
}

/// One Application that is waited for.
struct Open<'a> {
    item: &'a Item,
    state: ApplicationState,
    told: Option<String>,
    well: bool,
    /// Since when it stands as it does.
    since: Instant,
    /// Since when it is out of sync.
    differs_since: Option<Instant>,
    refreshes: u32,
    next_refresh: Instant,
}

impl<'a> Open<'a> {
    fn new(item: &'a Item) -> Self {
        let now = Instant::now();
        Self {
            item,
            state: judge(&json!({"metadata": {"name": item.id.name}})),
            told: None,
            well: false,
            since: now,
            differs_since: None,
            refreshes: 0,
            next_refresh: now + REFRESH_AFTER,
        }
    }

    /// Tells what changed; true where something did.
    fn observe(&mut self, context: &Context, ready: &mut BTreeSet<String>) -> bool {
        let application = self.item.id.name.clone();
        let differs = self.state.sync.as_deref() == Some("OutOfSync");
        self.differs_since = differs.then(|| self.differs_since.unwrap_or_else(Instant::now));
        if self.state.is_well() {
            let new = !self.well;
            self.well = true;
            self.told = None;
            if new && ready.insert(application.clone()) {
                context.send(Event::ApplicationReady { application });
            }
            return new;
        }
        self.well = false;
        ready.remove(&application);
        let why = self.state.lack();
        if self.told.as_ref() == Some(&why) {
            return false;
        }
        context.send(Event::ApplicationWaiting {
            application,
            why: why.clone(),
        });
        self.told = Some(why);
        self.since = Instant::now();
        true
    }

    /// A difference that outlasts a comparison that was asked for does not go away by itself.
    fn is_final(&self) -> bool {
        self.refreshes > 0
            && self
                .differs_since
                .is_some_and(|since| since.elapsed() > DIFFERS_AFTER)
    }

    /// Asks Argo CD to compare again where its verdict has stood for some time.
    async fn refresh(&mut self, cluster: &Cluster) {
        let due = Instant::now() >= self.next_refresh && self.since.elapsed() >= REFRESH_AFTER;
        if self.well || !due || (self.state.is_synced() && self.state.errors.is_empty()) {
            return;
        }
        self.refreshes += 1;
        self.next_refresh = Instant::now() + REFRESH_AFTER * 2_u32.pow(self.refreshes.min(4));
        let patch = json!({"metadata": {"annotations": {REFRESH: "normal"}}});
        // Best effort: Argo CD compares by itself every few minutes.
        let _ = cluster.merge(&self.item.id, &patch).await;
    }
}

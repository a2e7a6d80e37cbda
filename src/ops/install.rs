//! From a plan to a platform that Argo CD owns: takes a plan and a connected cluster, prepares
//! without writing, then applies and hands over; never asks a person and never prints.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::against::{Comparison, RefusedWrite, against, denied};
use super::plan::{OpsError, Request};
use crate::apply::{Emitter, Event, OpenApplication, Outcome, Run, RunOptions, Summary};
use crate::cluster::{
    ApiError, Cluster, ConnectError, ConnectOptions, Denied, Identity, SnapshotError,
};
use crate::definition;
use crate::handover::{Takeover, TakeoverError, TakeoverOutcome};
use crate::plan::Plan;

/// How long Argo CD may stand still during the handover.
const HANDOVER_STALL: Duration = Duration::from_mins(5);

/// Why an installation did not begin.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The cluster could not be read.
    #[error("the cluster cannot be read: {0}")]
    Read(ApiError),
    /// The cluster's objects could not be listed.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Permissions are lacking.
    #[error("{} permissions are lacking: {}", .0.len(), list(.0))]
    Denied(Vec<Denied>),
    /// Writes would be refused.
    #[error("the API server would refuse these writes:{}", words(.0))]
    Refused(Vec<RefusedWrite>),
}

fn words(refused: &[RefusedWrite]) -> String {
    refused.iter().fold(String::new(), |text, write| {
        text + "\n  " + &write.to_string()
    })
}

fn list(denied: &[Denied]) -> String {
    /// So many show what kind of permission is lacking.
    const SHOWN: usize = 5;
    let mut words: Vec<String> = denied.iter().take(SHOWN).map(ToString::to_string).collect();
    if denied.len() > SHOWN {
        words.push(format!("and {} more", denied.len() - SHOWN));
    }
    words.join("; ")
}

/// An installation that is ready to begin; nothing has been written.
#[derive(Debug)]
pub struct Installation {
    /// Where.
    pub cluster: Cluster,
    /// Which cluster that is, to be shown before the first write.
    pub identity: Identity,
    /// What will be done.
    pub comparison: Comparison,
}

/// What came of an installation.
#[derive(Debug)]
pub struct Installed {
    /// What came of the run.
    pub outcome: Outcome,
    /// What came of the handover, where it was tried.
    pub handover: Option<Result<TakeoverOutcome, TakeoverError>>,
    /// The numbers of both.
    pub summary: Summary,
}

/// How an installation is made.
pub struct InstallOptions {
    /// How the run is made.
    pub run: RunOptions,
    /// Whether Argo CD becomes the owner at the end.
    pub handover: bool,
    /// Who hears of it.
    pub emit: Emitter,
    /// Ends it early.
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for InstallOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("InstallOptions")
            .field("run", &self.run)
            .field("handover", &self.handover)
            .finish_non_exhaustive()
    }
}

/// Connects to a cluster and asks who it is.
pub async fn connect(options: &ConnectOptions) -> Result<(Cluster, Identity), InstallError> {
    let cluster = Cluster::connect(options).await?;
    let identity = cluster.identity().await.map_err(InstallError::Read)?;
    Ok((cluster, identity))
}

impl Installation {
    /// Compares the plan with the cluster and checks permissions. Writes nothing.
    pub async fn prepare(
        cluster: Cluster,
        identity: Identity,
        plan: Plan,
    ) -> Result<Self, InstallError> {
        let comparison = against(&cluster, plan).await?;
        let denied = denied(&cluster, &comparison)
            .await
            .map_err(InstallError::Read)?;
        if !denied.is_empty() {
            return Err(InstallError::Denied(denied));
        }
        if !comparison.refused.is_empty() {
            return Err(InstallError::Refused(comparison.refused));
        }
        Ok(Self {
            cluster,
            identity,
            comparison,
        })
    }

    /// Applies the plan and hands over.
    pub async fn execute(self, options: InstallOptions) -> Installed {
        let begun = Instant::now();
        let plan = &self.comparison.plan;
        let run = Run {
            cluster: &self.cluster,
            identity: self.identity.clone(),
            plan,
            options: options.run,
            emit: Arc::clone(&options.emit),
            cancel: options.cancel.clone(),
        };
        let outcome = run.execute().await;
        let mut summary = outcome.summary();
        let handover = if options.handover && outcome.complete() && !options.cancel.is_cancelled() {
            let takeover = Takeover {
                cluster: &self.cluster,
                plan,
                stall_timeout: HANDOVER_STALL,
                emit: Arc::clone(&options.emit),
                cancel: options.cancel.clone(),
            };
            Some(takeover.execute().await)
        } else {
            None
        };
        match &handover {
            Some(Ok(done)) => {
                summary.handed_over = true;
                summary.written += done.written.len();
                (options.emit)(Event::HandoverFinished {
                    reason: None,
                    open: Vec::new(),
                });
            }
            Some(Err(error)) => {
                summary.complete = false;
                summary.interrupted |= matches!(error, TakeoverError::Interrupted);
                (options.emit)(Event::HandoverFinished {
                    reason: Some(error.to_string()),
                    open: open(error),
                });
            }
            None => {}
        }
        summary.took = begun.elapsed();
        (options.emit)(Event::Finished {
            summary: summary.clone(),
        });
        Installed {
            outcome,
            handover,
            summary,
        }
    }
}

impl Installed {
    /// Returns the Applications that Argo CD does not find as they should be.
    pub fn open_applications(&self) -> Vec<OpenApplication> {
        match &self.handover {
            Some(Err(error)) => open(error),
            _ => Vec::new(),
        }
    }
}

/// Returns the context that an environment pins.
pub fn pinned_context(request: &Request<'_>) -> Result<Option<String>, OpsError> {
    Ok(definition::load(request.repository, request.environment)?
        .environment
        .context)
}

fn open(error: &TakeoverError) -> Vec<OpenApplication> {
    let TakeoverError::NotWell { open, .. } = error else {
        return Vec::new();
    };
    open.iter()
        .map(|(state, differences)| OpenApplication {
            application: state.name.clone(),
            why: state.lack(),
            differences: differences.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

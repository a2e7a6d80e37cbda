//! The scenarios by name: takes names, gives what runs them. A scenario is a function from the context
//! to a failure or nothing.

mod applicationsets;
mod charts;
mod git;
mod handover;
mod install;
mod pictures;
mod render;
mod small_charts;
mod sources;

use std::path::PathBuf;

use thiserror::Error;

use crate::audit::AuditError;
use crate::cluster::Cluster;
use crate::command::CommandError;
use crate::plan::Plan;
use crate::platform::{Platform, PlatformError};
use crate::wait::TooLate;

/// Why a scenario failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The platform's repository cannot be made or served.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The servers of charts cannot be had.
    #[error(transparent)]
    Charts(#[from] charts::ChartsError),
    /// The audit log cannot be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Something did not come about.
    #[error(transparent)]
    TooLate(#[from] TooLate),
    /// firstlight printed something else than documented.
    #[error("firstlight's output is not of the documented form: {0}")]
    Form(#[from] serde_json::Error),
    /// What a scenario asserts is not so.
    #[error("{what}{}", lines(.details))]
    Assertion {
        /// What is not so.
        what: String,
        /// Each case of it.
        details: Vec<String>,
    },
}

fn lines(details: &[String]) -> String {
    const SHOWN: usize = 40;
    let mut lines: Vec<String> = details.iter().take(SHOWN).cloned().collect();
    if details.len() > SHOWN {
        lines.push(format!("and {} more", details.len() - SHOWN));
    }
    lines.iter().flat_map(|line| ["\n    ", line]).collect()
}

impl Failure {
    /// Returns that something is not so.
    pub(crate) fn of(what: impl Into<String>) -> Self {
        Self::Assertion {
            what: what.into(),
            details: Vec::new(),
        }
    }

    /// Fails where there are details.
    pub(crate) fn unless_empty(what: &str, details: Vec<String>) -> Result<(), Self> {
        if details.is_empty() {
            return Ok(());
        }
        Err(Self::Assertion {
            what: what.to_owned(),
            details,
        })
    }
}

/// What the scenarios of one run share.
#[derive(Debug)]
pub(crate) struct Context {
    /// The checkout.
    pub(crate) repository: PathBuf,
    /// The firstlight to test.
    pub(crate) firstlight: PathBuf,
    /// The folder for everything that is written.
    pub(crate) output: PathBuf,
    /// Whether expectations are written instead of compared.
    pub(crate) record: bool,
    /// The cluster, where the run has one.
    pub(crate) cluster: Option<Cluster>,
    /// What the first installation of this run left behind, for scenarios that build on it.
    pub(crate) installed: Option<Installed>,
}

/// An installation that stands.
#[derive(Debug)]
pub(crate) struct Installed {
    /// The user's repository, being served.
    pub(crate) platform: Platform,
    /// The plan that was made before.
    pub(crate) plan: Plan,
}

impl Context {
    /// Returns the context of a run.
    pub(crate) fn new(
        repository: PathBuf,
        firstlight: PathBuf,
        output: PathBuf,
        cluster: Option<Cluster>,
    ) -> Self {
        Self {
            repository,
            firstlight,
            output,
            record: false,
            cluster,
            installed: None,
        }
    }

    /// Returns the cluster, or that there is none.
    pub(crate) fn cluster(&self) -> Result<&Cluster, Failure> {
        self.cluster
            .as_ref()
            .ok_or_else(|| Failure::of("this scenario needs a cluster"))
    }
}

/// One scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scenario {
    /// Rendering against the real renderers.
    Render,
    /// Applications against Argo CD's repo-server.
    Sources,
    /// Git repositories of real servers.
    Git,
    /// `ApplicationSet`s against the real controller.
    Applicationsets,
    /// Charts from real servers.
    Charts,
    /// The graph in a real browser.
    Pictures,
    /// Installation onto an empty cluster.
    Install,
    /// Argo CD's ownership.
    Handover,
}

/// A name that is no scenario.
#[derive(Debug, Error)]
#[error("there is no scenario called {name}; there are: {known}", known = names())]
pub(crate) struct UnknownScenario {
    name: String,
}

fn names() -> String {
    Scenario::ALL.map(Scenario::name).join(", ")
}

impl Scenario {
    /// All of them, in the order in which they run.
    pub(crate) const ALL: [Self; 8] = [
        Self::Render,
        Self::Sources,
        Self::Git,
        Self::Applicationsets,
        Self::Charts,
        Self::Pictures,
        Self::Install,
        Self::Handover,
    ];

    /// Returns the scenarios of these names, in the order in which they build on each other.
    pub(crate) fn parse_all(names: &[String]) -> Result<Vec<Self>, UnknownScenario> {
        let mut found = Vec::new();
        for name in names {
            let scenario = Self::ALL.into_iter().find(|each| each.name() == name);
            found.push(scenario.ok_or_else(|| UnknownScenario { name: name.clone() })?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Render => "render",
            Self::Sources => "sources",
            Self::Git => "git",
            Self::Applicationsets => "applicationsets",
            Self::Charts => "charts",
            Self::Pictures => "pictures",
            Self::Install => "install",
            Self::Handover => "handover",
        }
    }

    /// Returns what it shows.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Render => "firstlight renders what the real helm and kustomize render",
            Self::Git => {
                "sources in other repositories, by git:// and ssh, are logged in to, locked and kept"
            }
            Self::Sources => "every Application's source is rendered as Argo CD's repo-server does",
            Self::Applicationsets => {
                "ApplicationSets become the Applications that Argo CD's controller makes"
            }
            Self::Charts => {
                "charts of real servers are resolved, locked, checked, kept and vendored"
            }
            Self::Pictures => "the page of a graph does in a browser what is documented",
            Self::Install => {
                "the reference platform comes up, in order, and a second run writes nothing"
            }
            Self::Handover => "Argo CD owns the platform without a write, then follows Git",
        }
    }

    /// Tells whether it needs a cluster.
    pub(crate) fn needs_cluster(self) -> bool {
        !matches!(
            self,
            Self::Render
                | Self::Sources
                | Self::Git
                | Self::Applicationsets
                | Self::Charts
                | Self::Pictures
        )
    }

    /// Tells whether it asks its pods, which must then be real.
    pub(crate) fn needs_pods(self) -> bool {
        matches!(self, Self::Install | Self::Handover)
    }

    /// Runs it.
    pub(crate) fn run(self, context: &mut Context) -> Result<(), Failure> {
        match self {
            Self::Render => render::run(context),
            Self::Sources => sources::run(context),
            Self::Git => git::run(context),
            Self::Applicationsets => applicationsets::run(context),
            Self::Charts => charts::run(context),
            Self::Pictures => pictures::run(context),
            Self::Install => install::run(context),
            Self::Handover => handover::run(context),
        }
    }
}

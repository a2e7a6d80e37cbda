//! Charts from elsewhere, at hand before anything is rendered: takes what an environment needs,
//! asks the lock, `vendor/charts`, the cache and only then the network, gives loaded charts, and
//! keeps what was chosen in `firstlight.lock`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

use crate::catalog::fetch::git::RepositoryLogins;
use crate::catalog::fetch::{
    ChartArchives, ChartRequest, FetchEmitter, FetchError, FetchFailures, FetchSettings, Fetcher,
};
use crate::catalog::{Bases, ChartLock, Charts, Checkouts, LockedChart, Needs};
use crate::definition::Repository;
use crate::problem::Problem;

/// How charts are fetched, and who hears of it.
#[derive(Clone)]
pub struct Fetching {
    /// Where they are kept, and how much may be asked.
    pub settings: FetchSettings,
    /// Who hears of it.
    pub emit: FetchEmitter,
    /// Where files are that no cache keeps, as long as anybody holds this.
    pub scratch: Arc<OnceLock<TempDir>>,
}

impl Fetching {
    /// Returns where files are put that no cache keeps.
    pub(super) fn scratch_directory(&self) -> Result<PathBuf, SupplyError> {
        if let Some(directory) = self.scratch.get() {
            return Ok(directory.path().to_owned());
        }
        let made = tempfile::tempdir().map_err(|error| FetchError::File {
            path: "a temporary folder".to_owned(),
            cause: error.to_string(),
        })?;
        Ok(self.scratch.get_or_init(|| made).path().to_owned())
    }

    /// Returns the way that asks nobody and tells nobody.
    pub fn sealed() -> Self {
        Self {
            settings: FetchSettings::sealed(),
            emit: Arc::new(|_| {}),
            scratch: Arc::default(),
        }
    }
}

impl std::fmt::Debug for Fetching {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Fetching")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Why charts could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SupplyError {
    /// The lock cannot be read or written.
    #[error("{}", .0.message)]
    Lock(Problem),
    /// Charts could not be had; all of them.
    #[error("{}", count(.0.len()))]
    Charts(Vec<Problem>),
    /// Revisions of repositories, or files, could not be had; all of them.
    #[error("{}", match .0.len() { 1 => "a source cannot be had".to_owned(), more => format!("{more} sources cannot be had") })]
    Repositories(Vec<Problem>),
    /// The platform's own repository cannot be read at a revision.
    #[error("{}", .0.message)]
    Revision(Problem),
    /// A chart is to be updated that nothing needs.
    #[error("no chart and no repository called {name} comes from elsewhere")]
    UnknownChart {
        /// What was named.
        name: String,
        /// The charts that come from elsewhere.
        known: Vec<String>,
    },
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FetchError),
}

fn count(charts: usize) -> String {
    match charts {
        1 => "a chart cannot be had".to_owned(),
        charts => format!("{charts} charts cannot be had"),
    }
}

/// The charts of one command.
pub(super) struct Supply<'s> {
    repository: &'s Repository,
    fetching: &'s Fetching,
    mode: Mode,
    pub(super) fetcher: Option<Fetcher>,
    before: ChartLock,
    /// The lock as it will be.
    pub(super) lock: ChartLock,
    /// What has been had.
    pub(super) archives: ChartArchives,
    /// The files of other repositories that have been had.
    pub(super) checkouts: Checkouts,
    /// The charts that have been loaded, and why others cannot be.
    charts: Charts,
    /// What cannot be had, and why: it is asked for once.
    failed: BTreeMap<ChartRequest, Problem>,
    /// What kustomizations had from elsewhere.
    pub(super) bases: Bases,
    /// How repositories are logged in to, as far as environments have said it.
    pub(super) logins: RepositoryLogins,
}

/// What becomes of choices that the lock has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// They are obeyed.
    Obey,
    /// They are obeyed, and what is vendored may be something else.
    Rewrite,
    /// Those of these charts are made anew; of all, where no name is given.
    Update(BTreeSet<String>),
}

impl<'s> Supply<'s> {
    /// Returns a supply that has read nothing yet.
    pub(super) fn new(repository: &'s Repository, fetching: &'s Fetching, mode: Mode) -> Self {
        Self {
            repository,
            fetching,
            mode,
            fetcher: None,
            before: ChartLock::default(),
            lock: ChartLock::default(),
            archives: ChartArchives::new(),
            checkouts: Checkouts::default(),
            charts: Charts::default(),
            failed: BTreeMap::new(),
            bases: Bases::default(),
            logins: RepositoryLogins::default(),
        }
    }

    /// Returns charts that share what this supply has loaded.
    pub(super) fn charts(&self) -> Charts {
        self.charts.clone()
    }

    /// Adds what is needed to the charts. What cannot be had is noted there; where choices are made
    /// anew, that is an error. Nothing is read or written where nothing is needed.
    pub(super) fn add(&mut self, needs: &Needs, charts: &mut Charts) -> Result<(), SupplyError> {
        if needs.is_empty() {
            return Ok(());
        }
        self.open()?;
        let is_open = |request: &&ChartRequest| {
            !self.archives.contains_key(*request) && !self.failed.contains_key(*request)
        };
        let mut wanted: BTreeSet<ChartRequest> = needs.keys().filter(is_open).cloned().collect();
        while let Some(fetcher) = &self.fetcher {
            let failures = match have(fetcher, &wanted, self.fetching.settings.offline) {
                Ok(had) => {
                    self.archives.extend(had);
                    break;
                }
                Err(failures) => failures,
            };
            let problems = problems(&failures, needs);
            if self.mode != Mode::Obey || failures.failed.is_empty() {
                return Err(SupplyError::Charts(problems));
            }
            // The others may be had all the same.
            for ((request, _), problem) in failures.failed.into_iter().zip(problems) {
                wanted.remove(&request);
                self.failed.insert(request, problem);
            }
        }
        let failed = self
            .failed
            .iter()
            .filter(|(request, _)| needs.contains_key(*request));
        for (request, problem) in failed {
            charts.fail(request.clone(), problem.clone());
        }
        for (request, archive) in &self.archives {
            self.lock
                .charts
                .insert(request.clone(), archive.chosen.clone());
        }
        let needed: ChartArchives = self
            .archives
            .iter()
            .filter(|(request, _)| needs.contains_key(*request))
            .map(|(request, archive)| (request.clone(), archive.clone()))
            .collect();
        let problems = self.charts.load(&needed);
        if !problems.is_empty() && self.mode != Mode::Obey {
            return Err(SupplyError::Charts(problems));
        }
        charts.take_over(&self.charts, needs.keys());
        Ok(())
    }

    /// Returns what becomes of choices that the lock has.
    pub(super) fn mode(&self) -> &Mode {
        &self.mode
    }

    /// Returns the repository's directory.
    pub(super) fn root(&self) -> &Path {
        self.repository.root()
    }

    /// Returns how things are fetched.
    pub(super) fn fetching(&self) -> &'s Fetching {
        self.fetching
    }

    pub(super) fn open(&mut self) -> Result<(), SupplyError> {
        if self.fetcher.is_some() {
            return Ok(());
        }
        let root = self.repository.root();
        let mut lock = ChartLock::read(root).map_err(SupplyError::Lock)?;
        if let Mode::Update(names) = &self.mode {
            lock.charts.retain(|request, _| {
                !names.is_empty()
                    && !names.contains(&request.name)
                    && !names.contains(request.chart_name())
            });
            lock.repositories
                .retain(|request, _| !names.is_empty() && !request.is_called(names));
            lock.files
                .retain(|url, _| !names.is_empty() && !names.contains(url));
        }
        let mut fetcher = Fetcher::new(
            &self.fetching.settings,
            lock.clone(),
            Some(root.to_owned()),
            Arc::clone(&self.fetching.emit),
        );
        if self.mode != Mode::Obey {
            fetcher = fetcher.forgiving();
        }
        self.fetcher = Some(fetcher);
        self.before.clone_from(&lock);
        self.lock = lock;
        Ok(())
    }

    /// Keeps what was chosen. Nothing is written where nothing new was.
    pub(super) fn keep(&self) -> Result<bool, SupplyError> {
        // What is read at a revision cannot be changed there.
        if self.lock == self.before || self.repository.commit().is_some() {
            return Ok(false);
        }
        self.lock
            .write(self.repository.root(), false)
            .map_err(SupplyError::Lock)
    }

    /// Returns what has been had, by what was asked for.
    pub(super) fn chosen(&self) -> Vec<(ChartRequest, LockedChart)> {
        let of = self.archives.iter();
        of.map(|(request, archive)| (request.clone(), archive.chosen.clone()))
            .collect()
    }
}

/// Returns archives, from the network where they are not at hand.
pub(super) fn have(
    charts: &Fetcher,
    wanted: &BTreeSet<ChartRequest>,
    offline: bool,
) -> Result<ChartArchives, FetchFailures> {
    let (mut archives, missing) = charts.at_hand(wanted)?;
    if missing.is_empty() {
        return Ok(archives);
    }
    if offline {
        return Err(charts.not_at_hand(&missing));
    }
    // A thread of its own: the caller may itself be run by a runtime.
    let answer = std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| error.to_string())?;
            Ok(runtime.block_on(charts.fetch(&missing)))
        });
        worker
            .join()
            .unwrap_or_else(|_| Err("the thread that fetches ended".to_owned()))
    });
    let fetched = answer.unwrap_or_else(|cause| {
        let failed = missing.iter().map(|request| {
            let error = FetchError::File {
                path: "the network".to_owned(),
                cause: cause.clone(),
            };
            (request.clone(), error)
        });
        Err(FetchFailures {
            failed: failed.collect(),
        })
    })?;
    archives.extend(fetched);
    Ok(archives)
}

pub(super) fn problems(failures: &FetchFailures, needs: &Needs) -> Vec<Problem> {
    let mut told: Option<String> = None;
    let mut problems: Vec<Problem> = Vec::new();
    // The last one says what to do, where it is the same for several.
    for (request, error) in failures.failed.iter().rev() {
        let mut problem = Problem::new(format!("the chart {request} cannot be had: {error}"));
        problem.source = needs.get(request).cloned();
        let help = error.help(request);
        if help != told {
            problem.help.clone_from(&help);
            told = help;
        }
        problems.push(problem);
    }
    problems.reverse();
    problems
}

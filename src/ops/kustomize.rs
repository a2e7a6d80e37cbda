//! One kustomization by itself: takes what `kustomize build` would be asked for, gives its
//! resources, fetches what it names and runs no program but git.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{DiskFiles, Options, Printed, Tools};

use crate::catalog::fetch::Fetcher;
use crate::catalog::fetch::git::{GitFetcher, RepositoryLogins};
use crate::catalog::{BaseNeeds, Bases, ChartLock, Charts};
use crate::problem::Problem;
use crate::render::LocalCharts;

use super::bases::BaseFetching;
use super::chart::HELM_KUBERNETES_VERSION;
use super::plan::OpsError;
use super::supply::{Fetching, SupplyError, have, problems};

/// Bases of bases of bases: more rounds than this are a mistake.
const ROUNDS: usize = 50;

/// What is asked for.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the choices that kustomize gives"
)]
pub struct BuildRequest {
    /// The folder with the kustomization.
    pub directory: PathBuf,
    /// Charts are rendered.
    pub enable_helm: bool,
    /// The version of Kubernetes that charts are told; else the one that Helm assumes.
    pub kubernetes_version: Option<String>,
    /// API versions that charts are told beyond those that Helm assumes.
    pub api_versions: Vec<String>,
    /// Files outside of kustomizations' folders may be read.
    pub unrestricted: bool,
    /// The resources stay in the order of reading.
    pub keep_order: bool,
    /// Every resource gets the label that names Kustomize.
    pub managed_by_label: bool,
}

/// Why a kustomization is not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// It is wrong.
    #[error("{}", .0.message)]
    Wrong(Box<Problem>),
    /// What it has from elsewhere cannot be had.
    #[error(transparent)]
    Fetch(#[from] OpsError),
}

impl From<Problem> for BuildError {
    fn from(problem: Problem) -> Self {
        Self::Wrong(Box::new(problem))
    }
}

/// Builds a kustomization, to be printed. How things are fetched is asked once something has to be.
pub fn build(
    request: &BuildRequest,
    fetching: impl FnOnce() -> Fetching,
) -> Result<Vec<Printed>, BuildError> {
    let directory = &request.directory;
    let shown = directory.to_string_lossy();
    let cannot = |error: std::io::Error| Problem::new(format!("cannot read {shown}: {error}"));
    let place = directory.canonicalize().map_err(cannot)?;
    let here = std::env::current_dir().map_err(cannot)?;
    // Bases may be anywhere, as for kustomize.
    let root = place.ancestors().last().unwrap_or(&place).to_owned();
    let below = |path: &Path| {
        let parts = path.strip_prefix(&root).unwrap_or(path).components();
        let parts: Vec<String> = parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        parts.join("/")
    };
    let options = Options {
        unrestricted: request.unrestricted,
        keep_order: request.keep_order,
        managed_by_label: request.managed_by_label,
        shown_from: Some(below(&here)),
        ..Options::default()
    };
    let files = DiskFiles::new(&root).map_err(cannot)?;
    let here = Here {
        files: &files,
        directory: below(&place),
        options: &options,
        enable_helm: request.enable_helm,
    };
    let attempt = |bases: &Bases, fetched: &Charts| {
        let charts = LocalCharts::new(
            root.clone(),
            request
                .kubernetes_version
                .clone()
                .unwrap_or_else(|| HELM_KUBERNETES_VERSION.to_owned()),
            request.api_versions.clone(),
            fetched,
        );
        let tools = Tools {
            charts: request.enable_helm.then_some(&charts as _),
            remotes: Some(bases),
        };
        kustomize::print(&files, &here.directory, &options, tools)
    };
    let wrong = |error| crate::render::kustomize::problem(&shown, &error).into();
    // Most need nothing from elsewhere: only what cannot be built is asked what it lacks.
    let error = match attempt(&Bases::default(), &Charts::default()) {
        Ok(printed) => return Ok(printed),
        Err(error) => error,
    };
    match here.brought(&fetching())? {
        Some((bases, charts)) => attempt(&bases, &charts).map_err(wrong),
        None => Err(wrong(error)),
    }
}

/// What is to be built.
struct Here<'h> {
    files: &'h DiskFiles,
    directory: String,
    options: &'h Options,
    enable_helm: bool,
}

impl Here<'_> {
    /// Fetches what the kustomization has from elsewhere, if anything. There is no lock: what its
    /// revisions are is asked each time.
    fn brought(&self, fetching: &Fetching) -> Result<Option<(Bases, Charts)>, OpsError> {
        let (mut bases, mut charts) = (Bases::default(), Charts::default());
        let mut needs = bases.needs(self.files, &self.directory, self.options);
        if needs == BaseNeeds::default() {
            return Ok(None);
        }
        let scratch = fetching.scratch_directory()?;
        let logins = RepositoryLogins::default();
        let fetcher = Fetcher::new(
            &fetching.settings,
            ChartLock::default(),
            None,
            Arc::clone(&fetching.emit),
        );
        let bring = BaseFetching {
            fetcher: &fetcher,
            git: GitFetcher {
                settings: &fetching.settings,
                logins: &logins,
                emit: &fetching.emit,
                scratch: &scratch,
                root: None,
                local: true,
            },
            verify: false,
        };
        let mut lock = ChartLock::default();
        for _ in 0..ROUNDS {
            if needs.repositories.is_empty() && needs.files.is_empty() {
                break;
            }
            let failed = bring.bring(&needs, &mut lock, &mut bases);
            if !failed.is_empty() {
                return Err(SupplyError::Repositories(failed).into());
            }
            needs = bases.needs(self.files, &self.directory, self.options);
        }
        if self.enable_helm {
            let wanted: BTreeSet<_> = needs.charts.keys().cloned().collect();
            let archives = have(&fetcher, &wanted, fetching.settings.offline)
                .map_err(|failures| SupplyError::Charts(problems(&failures, &needs.charts)))?;
            let problems = charts.load(&archives);
            if !problems.is_empty() {
                return Err(SupplyError::Charts(problems).into());
            }
        }
        Ok(Some((bases, charts)))
    }
}

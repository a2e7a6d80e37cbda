//! A chart on disk that stood elsewhere: takes a reference, gives the archive's or directory's path,
//! never overwrites a directory.

use std::path::{Path, PathBuf};

use chart::{File, PackError};

use super::error::ChartError;
use super::reference::{ChartReference, Fetched};

/// Where a chart is put.
#[derive(Debug, Clone)]
pub struct PullOptions {
    /// The directory for the archive.
    pub destination: PathBuf,
    /// The directory below it for the unpacked chart, which then takes the archive's place.
    pub unpack: Option<PathBuf>,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The archive, or the chart's directory.
    pub path: PathBuf,
    /// Name and version.
    pub chart: String,
    /// The digest of the archive.
    pub digest: String,
}

/// Fetches a chart and puts it on disk.
pub fn pull(reference: &ChartReference, options: &PullOptions) -> Result<Pulled, ChartError> {
    let Fetched { request, archive } = reference.fetch()?;
    let version = &archive.chosen.version;
    let name = request.chart_name();
    let path = match &options.unpack {
        None => {
            let path = options.destination.join(format!("{name}-{version}.tgz"));
            write(&path, &archive.bytes)?;
            path
        }
        Some(directory) => {
            let path = options.destination.join(directory).join(name);
            // Without the dots that defaults leave in it.
            let path: PathBuf = path.components().collect();
            if path.exists() {
                return Err(ChartError::Write {
                    path,
                    cause: "something of this name is there already".to_owned(),
                });
            }
            unpack(&archive.bytes, &path)?;
            path
        }
    };
    Ok(Pulled {
        path,
        chart: format!("{name} {version}"),
        digest: archive.chosen.digest.to_string(),
    })
}

/// Unpacks an archive: into a directory beside the target first, so that it is whole or not there.
fn unpack(bytes: &[u8], target: &Path) -> Result<(), ChartError> {
    let failed = |error: std::io::Error| ChartError::Write {
        path: target.to_owned(),
        cause: error.to_string(),
    };
    let parent = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let files: Vec<File> = chart::read_archive(bytes, &chart::LoadLimits::default())
        .map_err(|error| ChartError::Argument(error.to_string()))?;
    let beside = tempfile::Builder::new()
        .prefix(".firstlight-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir_in(parent)
        .map_err(failed)?;
    chart::unpack(&files, beside.path()).map_err(
        |(PackError::Write { cause, .. } | PackError::Pack { cause, .. })| failed(cause),
    )?;
    std::fs::rename(beside.path(), target).map_err(failed)?;
    // It has a new name: nothing is left to be removed.
    let _ = beside.keep();
    Ok(())
}

/// Writes a file in one piece.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ChartError> {
    crate::catalog::fetch::write_whole(path, bytes).map_err(|error| ChartError::Write {
        path: path.to_owned(),
        cause: error.to_string(),
    })
}

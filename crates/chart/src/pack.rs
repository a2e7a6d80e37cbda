//! Packed charts: takes the files of a chart, gives an archive (`.tgz`), and the other way round;
//! never follows a path out of the chart.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use crate::chart::{Chart, LoadError, LoadOptions};
use crate::files::{self, File, LoadLimits};

/// Why a chart could not be packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file could not be written.
    #[error("cannot write {}: {cause}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The archive could not be made.
    #[error("cannot pack {name}: {cause}")]
    Pack {
        /// The chart.
        name: String,
        /// Why.
        cause: std::io::Error,
    },
}

/// Reads the files of a chart's directory or archive, without what `.helmignore` leaves out.
pub fn read_files(path: &Path, options: &LoadOptions) -> Result<Vec<File>, LoadError> {
    let failed = |source| LoadError::Files {
        path: path.to_owned(),
        source,
    };
    if path.is_dir() {
        let boundary = options.boundary.as_deref().unwrap_or(path);
        return files::read_directory(path, boundary, &options.limits).map_err(failed);
    }
    let bytes = files::read_file(path).map_err(failed)?;
    files::read_archive(&bytes, &options.limits).map_err(failed)
}

/// Reads the files of an archive.
pub fn read_archive(bytes: &[u8], limits: &LoadLimits) -> Result<Vec<File>, LoadError> {
    files::read_archive(bytes, limits).map_err(|source| LoadError::Files {
        path: PathBuf::from("archive"),
        source,
    })
}

/// Packs the files of a chart; the same files give the same bytes.
pub fn pack(name: &str, files: &[File]) -> Result<Vec<u8>, PackError> {
    pack_files(name, files).map_err(|cause| PackError::Pack {
        name: name.to_owned(),
        cause,
    })
}

/// Packs a chart with the charts below it as `helm package` does: metadata and lock are written anew,
/// so that changed ones are in it, and packed charts below are unpacked.
pub fn package(chart: &Chart) -> Result<Vec<u8>, PackError> {
    let mut files = Vec::new();
    collect(chart, "", &mut files)?;
    pack(chart.name(), &files)
}

fn collect(chart: &Chart, base: &str, files: &mut Vec<File>) -> Result<(), PackError> {
    let mut add = |path: &str, data: Vec<u8>| {
        let path = format!("{base}{path}");
        files.push(File { path, data });
    };
    let is_first_version = chart.metadata.api_version == "v1";
    let mut metadata = chart.metadata.clone();
    if is_first_version {
        // They stand in requirements.yaml, which is one of the files.
        metadata.dependencies.clear();
    }
    add("Chart.yaml", metadata.to_yaml().into_bytes());
    if let Some(lock) = chart.lock().filter(|_| !is_first_version) {
        add("Chart.lock", lock.to_yaml().into_bytes());
    }
    if let Some(values) = chart.values_text() {
        add("values.yaml", values.as_bytes().to_vec());
    }
    if let Some(schema) = chart.schema() {
        serde_json::from_slice::<serde_json::Value>(schema).map_err(|error| PackError::Pack {
            name: chart.name().to_owned(),
            cause: std::io::Error::other(format!("invalid JSON in values.schema.json: {error}")),
        })?;
        add("values.schema.json", schema.to_vec());
    }
    for file in chart.templates().iter().chain(chart.files()) {
        add(&file.path, file.data.clone());
    }
    for below in &chart.subcharts {
        let base = format!("{base}charts/{}/", below.name());
        collect(below, &base, files)?;
    }
    Ok(())
}

fn pack_files(name: &str, files: &[File]) -> std::io::Result<Vec<u8>> {
    let zipped = GzBuilder::new()
        .comment("Helm")
        .write(Vec::new(), Compression::default());
    let mut archive = tar::Builder::new(zipped);
    // Helm reads Chart.yaml before all others.
    let (first, rest): (Vec<&File>, Vec<&File>) =
        files.iter().partition(|file| file.path == "Chart.yaml");
    for file in first.into_iter().chain(rest) {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.data.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, format!("{name}/{}", file.path), &*file.data)?;
    }
    archive.into_inner()?.finish()
}

/// Writes the files of a chart below a directory.
pub fn unpack(files: &[File], directory: &Path) -> Result<(), PackError> {
    for file in files {
        // Paths of archives have been cleaned: none is absolute, none leads upwards.
        let path = directory.join(&file.path);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::File::create_new(&path))
            .and_then(|mut target| target.write_all(&file.data));
        written.map_err(|cause| PackError::Write { path, cause })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Chart;

    #[test]
    fn what_is_packed_can_be_loaded() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            data: text.as_bytes().to_vec(),
        };
        let files = [
            file("templates/a.yaml", "kind: A\n"),
            file("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
            file("values.yaml", "a: 1\n"),
        ];
        let packed = pack("web", &files).unwrap();
        assert_eq!(packed, pack("web", &files).unwrap());
        let chart = Chart::load_archive(&packed).unwrap();
        assert_eq!((chart.name(), chart.templates().len()), ("web", 1));
        assert_eq!(chart.values_text(), Some("a: 1\n"));
        let mut renamed = chart.clone();
        renamed.metadata.version = "2.0.0".to_owned();
        let again = Chart::load_archive(&package(&renamed).unwrap()).unwrap();
        assert_eq!(again.metadata, renamed.metadata);
        assert_eq!(again.templates(), chart.templates());

        let directory = tempfile::tempdir().unwrap();
        unpack(&files, directory.path()).unwrap();
        assert_eq!(Chart::load_dir(directory.path()).unwrap().name(), "web");
        assert!(
            unpack(&files, directory.path()).is_err(),
            "nothing is overwritten"
        );
    }
}

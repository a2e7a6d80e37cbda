//! The sync waves that Argo CD needs on day 2, entered into the files of a repository: takes the
//! comparison with the graph, gives what was changed and what a person has to change, never touches a
//! template.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::catalog::fetch::write_whole;
use crate::definition::{EditError, Repository, YamlEdit};
use crate::graph::SyncWave;
use crate::source::Source;

/// Defaults for every environment.
const SHARED: &str = "environments/values.yaml";

/// Where Argo CD looks for the wave of an Application.
const ANNOTATION: &str = "argocd.argoproj.io/sync-wave";

/// What became of a wave that should change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaveEdit {
    /// The service.
    pub service: String,
    /// The wave before.
    pub before: Option<i32>,
    /// The wave that it should have.
    pub wave: i32,
    /// The file and the key that were written; absent where a person has to do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<(String, String)>,
    /// Where it has to be written by hand, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// What a person has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByHand {
    /// Where the Application stands.
    pub source: Source,
    /// Why it is not done.
    pub why: String,
}

/// Why waves could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WaveError {
    /// The files of a revision cannot be changed.
    #[error("the repository is read at a revision: its files cannot be changed")]
    Revision,
    /// A file cannot be written.
    #[error("cannot write {file}: {cause}")]
    Write {
        /// The file, relative to the repository.
        file: String,
        /// Why.
        cause: std::io::Error,
    },
}

/// Enters waves: into the values of the environment where the root takes them from there, into
/// Applications that are plain manifests, and nowhere else.
pub fn write_waves(
    repository: &Repository,
    environment: &str,
    waves: &[SyncWave],
) -> Result<Vec<WaveEdit>, WaveError> {
    if repository.commit().is_some() {
        return Err(WaveError::Revision);
    }
    let mut files = Files {
        repository,
        open: BTreeMap::new(),
    };
    let wanted = waves.iter().filter(|wave| wave.is_to_change());
    let edits: Vec<WaveEdit> = wanted.map(|wave| files.enter(environment, wave)).collect();
    for (file, edit) in files.open {
        let path = repository.root().join(&file);
        write_whole(&path, edit.text().as_bytes())
            .map_err(|cause| WaveError::Write { file, cause })?;
    }
    Ok(edits)
}

struct Files<'r> {
    repository: &'r Repository,
    /// The files that are changed.
    open: BTreeMap<String, YamlEdit>,
}

impl Files<'_> {
    fn enter(&mut self, environment: &str, wave: &SyncWave) -> WaveEdit {
        let result = self
            .in_values(environment, wave)
            .unwrap_or_else(|| self.in_manifest(wave));
        let (written, by_hand) = match result {
            Ok(written) => (Some(written), None),
            Err(why) => {
                let source = wave.source.clone();
                (None, Some(ByHand { source, why }))
            }
        };
        WaveEdit {
            service: wave.service.clone(),
            before: wave.declared,
            wave: wave.wanted,
            written,
            by_hand,
        }
    }

    /// Enters a wave into the values that the root makes Applications of; nothing where the service
    /// is not described there.
    fn in_values(
        &mut self,
        environment: &str,
        wave: &SyncWave,
    ) -> Option<Result<(String, String), String>> {
        let service = wave.service.as_str();
        let own = format!("environments/values-{environment}.yaml");
        let describes = |files: &mut Self, file: &str, path: &[&str]| {
            let edit = files.edit(file)?;
            edit.get(path).filter(|node| !node.is_null()).map(|_| ())
        };
        // A wave that one environment has for itself stands there; the others are shared.
        let file = if describes(self, &own, &["services", service, "wave"]).is_some() {
            own
        } else if describes(self, SHARED, &["services", service]).is_some() {
            SHARED.to_owned()
        } else {
            describes(self, &own, &["services", service])?;
            own
        };
        let path = ["services", service, "wave"];
        let changed = self.change(&file, &path, &json!(wave.wanted));
        Some(changed.map(|()| (file, path.join("."))))
    }

    /// Enters a wave into an Application that is a plain manifest.
    fn in_manifest(&mut self, wave: &SyncWave) -> Result<(String, String), String> {
        let file = wave.source.file.clone();
        let annotation = format!("metadata.annotations[{ANNOTATION}]: \"{}\"", wave.wanted);
        let by_hand = |why: &str| format!("{why}: give the Application {annotation}");
        let Some(edit) = self.edit(&file) else {
            return Err(by_hand("its file is no plain YAML, but a template"));
        };
        let text = |path: &[&str]| edit.get(path).and_then(goyaml::Node::as_str);
        if text(&["kind"]) != Some("Application")
            || text(&["metadata", "name"]) != Some(wave.service.as_str())
        {
            return Err(by_hand("it is not the first and only thing in its file"));
        }
        let path = ["metadata", "annotations", ANNOTATION];
        let value = Value::String(wave.wanted.to_string());
        self.change(&file, &path, &value)
            .map_err(|why| by_hand(&why))?;
        Ok((file, path.join(".")))
    }

    /// Opens a file; nothing where it is not there, or cannot be read as YAML.
    fn edit(&self, file: &str) -> Option<YamlEdit> {
        if let Some(open) = self.open.get(file) {
            return Some(open.clone());
        }
        let read = self.repository.read_optional(file).ok()??;
        if read.text.contains("{{") {
            return None;
        }
        YamlEdit::new(read.text.clone()).ok()
    }

    fn change(&mut self, file: &str, path: &[&str], value: &Value) -> Result<(), String> {
        let mut edit = self.edit(file).ok_or("it cannot be read")?;
        edit.set(path, value)
            .map_err(|error: EditError| format!("{file}: {error}"))?;
        self.open.insert(file.to_owned(), edit);
        Ok(())
    }
}

//! A new repository: takes a directory's name and what is known of the platform, gives a whole small
//! platform: Argo CD, certificates, an ingress controller and one service, never writes.

use std::path::Path;

use serde_json::json;

use crate::definition::{Position, YamlEdit};

use super::error::NewError;
use super::house::{CATALOGUE, cannot};
use super::service::{hello, hello_entry};
use super::skeleton::{PLATFORM, REPOSITORY, filled};
use super::{FileChange, Proposal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// The URL under which Argo CD will read it.
    pub url: String,
    /// The branch that Argo CD will read.
    pub revision: String,
    /// The host name of the first environment.
    pub host: String,
}

/// Returns what a new repository is.
pub fn repository(directory: &Path, asked: &NewRepository) -> Result<Proposal, NewError> {
    let is_empty = match std::fs::read_dir(directory) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if !is_empty {
        return Err(NewError::NotEmpty(directory.to_owned()));
    }
    let names = [
        ("url", quoted(&asked.url)),
        ("revision", quoted(&asked.revision)),
        ("host", quoted(&asked.host)),
    ];
    let names: Vec<(&str, &str)> = names
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut changes = Vec::new();
    for (path, text) in REPOSITORY {
        let mut text = filled(text, &names);
        // The first service gets in as any later one would.
        if *path != "README.md" {
            let mut edit = YamlEdit::new(text).map_err(|cause| cannot(path, cause))?;
            let result = if *path == CATALOGUE {
                edit.add(&["services"], HELLO, &hello_entry(), Position::Sorted)
                    .and_then(|()| {
                        edit.push(&["projects", "applications", "namespaces"], &json!(HELLO))
                    })
            } else {
                let entry = json!({"enabled": true});
                edit.add(&["services"], HELLO, &entry, Position::Sorted)
            };
            result.map_err(|cause| cannot(path, cause))?;
            text = edit.into_text();
        }
        changes.push(FileChange::new(*path, text));
    }
    changes.extend((PLATFORM.iter()).map(|(path, text)| FileChange::new(*path, *text)));
    changes.extend(hello(&format!("services/{HELLO}")));
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    let mut notes = Vec::new();
    if asked.url.contains("example.com") {
        notes.push(format!(
            "repository.url in {CATALOGUE} is an example: Argo CD has to reach it"
        ));
    }
    Ok(Proposal {
        changes,
        notes,
        next: vec![
            "git init && git add . && git commit -m 'A platform'".to_owned(),
            "firstlight lint sandbox".to_owned(),
            "firstlight plan sandbox".to_owned(),
        ],
    })
}

/// The first service.
const HELLO: &str = "hello";

fn quoted(text: &str) -> String {
    let text = goyaml::to_string(&json!(text)).unwrap_or_else(|_| json!(text).to_string());
    text.trim_end().to_owned()
}

//! `firstlight.lock`: takes and gives which version and which content each chart of the repository
//! is, and which commit each revision of another repository, sorted and stable; never resolves one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::definition::SourceFile;
use crate::problem::Problem;
use crate::source::Source;

use super::fetch::git::{Asker, GitRequest};
use super::fetch::{ChartRequest, Digest};

/// The name of the file, at the root of the repository.
pub const LOCK_FILE: &str = "firstlight.lock";

const HEADER: &str = "\
# Written by firstlight: which version and which content every fetched chart is, and which commit
# every revision of another repository. It belongs into Git.
# `firstlight lock --update` chooses anew.
";

const FORMAT: u64 = 1;

const FIELDS: &[&str] = &["repository", "name", "range", "version", "digest"];

const REPOSITORY_FIELDS: &[&str] = &["repository", "revision", "commit", "for"];

/// What was chosen for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedChart {
    /// The version.
    pub version: String,
    /// The digest of the archive.
    pub digest: Digest,
}

/// What was chosen for all requests of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartLock {
    /// The choices.
    pub charts: BTreeMap<ChartRequest, LockedChart>,
    /// The commits of revisions of Git repositories.
    pub repositories: BTreeMap<GitRequest, String>,
    /// The contents of files that kustomizations name by URL.
    pub files: BTreeMap<String, Digest>,
}

impl ChartLock {
    /// Reads the lock of a repository; there is none at first.
    pub fn read(root: &Path) -> Result<Self, Problem> {
        match std::fs::read_to_string(root.join(LOCK_FILE)) {
            Ok(text) => Self::parse(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Problem::new(format!("cannot read {LOCK_FILE}: {error}"))),
        }
    }

    /// Reads the text of a lock.
    pub fn parse(text: String) -> Result<Self, Problem> {
        let file = Arc::new(SourceFile {
            path: LOCK_FILE.to_owned(),
            text,
        });
        let wrong = |what: &str, line: u32| {
            Problem::new(format!("{LOCK_FILE} {what}"))
                .at(Source::line(LOCK_FILE, line))
                .help("`firstlight lock` writes it; after a merge, keep the entries of both sides")
        };
        let node = goyaml::parse_strict(&file.text)
            .map_err(|error| Problem::of_yaml(LOCK_FILE, error.line, error.column, &error))?;
        let document = node.to_json();
        if document.get("version").and_then(Value::as_u64) != Some(FORMAT) {
            let what = "has another format than this firstlight knows (version: 1)";
            return Err(wrong(what, 1));
        }
        let mut lock = Self::default();
        let charts = document.get("charts").unwrap_or(&Value::Null);
        let entries = charts.as_array().map(Vec::as_slice).unwrap_or_default();
        if !charts.is_array() && !charts.is_null() {
            return Err(wrong("has charts that are no list", 1));
        }
        for (index, entry) in entries.iter().enumerate() {
            let span = node
                .get("charts")
                .and_then(|charts| charts.as_sequence()?.get(index));
            let line = span.map_or(1, |entry| entry.span.line);
            let place = |what: String| wrong(&format!("has a chart {what}"), line);
            let fields = entry
                .as_object()
                .ok_or_else(|| place("that is no map".to_owned()))?;
            if let Some(unknown) = fields.keys().find(|key| !FIELDS.contains(&key.as_str())) {
                return Err(place(format!("with an unknown field {unknown}")));
            }
            let text = |key: &str| {
                fields
                    .get(key)
                    .and_then(Value::as_str)
                    .ok_or_else(|| place(format!("without {key}")))
            };
            let request = ChartRequest::new(text("repository")?, text("name")?, text("range")?)
                .map_err(|error| place(format!("that cannot be asked for: {error}")))?;
            let digest = Digest::parse(text("digest")?)
                .ok_or_else(|| place("whose digest is no SHA-256".to_owned()))?;
            let version = text("version")?.to_owned();
            if chart::Version::parse(&version).is_err() && !is_tag(&version) {
                return Err(place("whose version is none".to_owned()));
            }
            let chosen = LockedChart { version, digest };
            if let Some(other) = lock.charts.insert(request, chosen.clone())
                && other != chosen
            {
                return Err(place("that it has already, with another choice".to_owned()));
            }
        }
        let repositories = document.get("repositories").unwrap_or(&Value::Null);
        if !repositories.is_array() && !repositories.is_null() {
            return Err(wrong("has repositories that are no list", 1));
        }
        for (index, entry) in repositories.as_array().into_iter().flatten().enumerate() {
            let span = node
                .get("repositories")
                .and_then(|entries| entries.as_sequence()?.get(index));
            let line = span.map_or(1, |entry| entry.span.line);
            let (request, commit) = repository(entry)
                .map_err(|what| wrong(&format!("has a repository {what}"), line))?;
            if let Some(other) = lock.repositories.insert(request, commit.clone())
                && other != commit
            {
                let what = "has a repository twice, with another commit";
                return Err(wrong(what, line));
            }
        }
        let files = document.get("files").unwrap_or(&Value::Null);
        if !files.is_array() && !files.is_null() {
            return Err(wrong("has files that are no list", 1));
        }
        for (index, entry) in files.as_array().into_iter().flatten().enumerate() {
            let span = node
                .get("files")
                .and_then(|entries| entries.as_sequence()?.get(index));
            let line = span.map_or(1, |entry| entry.span.line);
            let (url, digest) =
                remote_file(entry).map_err(|what| wrong(&format!("has a file {what}"), line))?;
            if let Some(other) = lock.files.insert(url, digest.clone())
                && other != digest
            {
                return Err(wrong("has a file twice, with another digest", line));
            }
        }
        Ok(lock)
    }

    /// Returns the text of the file.
    pub fn text(&self) -> String {
        let charts: Vec<Value> = self
            .charts
            .iter()
            .map(|(request, chosen)| {
                json!({
                    "repository": request.repository,
                    "name": request.name,
                    "range": request.range,
                    "version": chosen.version,
                    "digest": chosen.digest.to_string(),
                })
            })
            .collect();
        let repositories: Vec<Value> = self
            .repositories
            .iter()
            .map(|(request, commit)| {
                let mut entry = json!({
                    "repository": request.repository,
                    "revision": request.revision,
                    "commit": commit,
                });
                if request.asker != Asker::ArgoCd {
                    entry["for"] = request.asker.name().into();
                }
                entry
            })
            .collect();
        let mut document = json!({"version": FORMAT, "charts": charts});
        if !repositories.is_empty() {
            document["repositories"] = Value::Array(repositories);
        }
        let files = self
            .files
            .iter()
            .map(|(url, digest)| json!({"url": url, "digest": digest.to_string()}));
        let files: Vec<Value> = files.collect();
        if !files.is_empty() {
            document["files"] = Value::Array(files);
        }
        let body = goyaml::to_string(&document).unwrap_or_else(|_| document.to_string());
        format!("{HEADER}{body}")
    }

    /// Writes the file in one piece, unless it is so already. Returns whether it was written.
    ///
    /// What another process added meanwhile is kept, unless `only` says that the file has nothing
    /// but this.
    pub fn write(&self, root: &Path, only: bool) -> Result<bool, Problem> {
        let mut whole = self.clone();
        if !only {
            let there = Self::read(root)?;
            for (request, chosen) in there.charts {
                whole.charts.entry(request).or_insert(chosen);
            }
            for (request, commit) in there.repositories {
                whole.repositories.entry(request).or_insert(commit);
            }
            for (url, digest) in there.files {
                whole.files.entry(url).or_insert(digest);
            }
        }
        let text = whole.text();
        let path = root.join(LOCK_FILE);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return Ok(false);
        }
        super::fetch::write_whole(&path, text.as_bytes())
            .map(|()| true)
            .map_err(|error| Problem::new(format!("cannot write {LOCK_FILE}: {error}")))
    }
}

/// Reads the entry of a file.
fn remote_file(entry: &Value) -> Result<(String, Digest), String> {
    let fields = entry.as_object().ok_or("that is no map")?;
    let mut unknown = fields.keys();
    if let Some(unknown) = unknown.find(|key| !["url", "digest"].contains(&key.as_str())) {
        return Err(format!("with an unknown field {unknown}"));
    }
    let text = |key: &str| {
        let text = fields.get(key).and_then(Value::as_str);
        text.ok_or_else(|| format!("without {key}"))
    };
    let digest = Digest::parse(text("digest")?).ok_or("whose digest is no SHA-256")?;
    Ok((text("url")?.to_owned(), digest))
}

/// Reads the entry of a repository.
fn repository(entry: &Value) -> Result<(GitRequest, String), String> {
    let fields = entry.as_object().ok_or("that is no map")?;
    let unknown = fields
        .keys()
        .find(|key| !REPOSITORY_FIELDS.contains(&key.as_str()));
    if let Some(unknown) = unknown {
        return Err(format!("with an unknown field {unknown}"));
    }
    let text = |key: &str| {
        let text = fields.get(key).and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| format!("without {key}"))
    };
    let commit = text("commit")?;
    if commit.len() != 40
        || !commit
            .bytes()
            .all(|byte| b"0123456789abcdef".contains(&byte))
    {
        return Err("whose commit is no name of one (40 digits of 0-9 and a-f)".to_owned());
    }
    let asker = match fields.get("for").map(Value::as_str) {
        None => Asker::ArgoCd,
        Some(name) => (Asker::ALL.into_iter())
            .find(|asker| name == Some(asker.name()))
            .ok_or("that is for somebody unknown")?,
    };
    let request = GitRequest {
        repository: text("repository")?,
        revision: text("revision")?,
        asker,
    };
    Ok((request, commit))
}

/// Tells whether a version is the tag of an OCI repository that names no version.
fn is_tag(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
    !text.is_empty() && !text.starts_with(['.', '-']) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(entries: &[(&str, &str, &str)]) -> ChartLock {
        let charts = entries.iter().map(|(name, range, version)| {
            let request = ChartRequest::new("https://charts.example.org", *name, *range);
            let chosen = LockedChart {
                version: (*version).to_owned(),
                digest: Digest::of(version.as_bytes()),
            };
            (request.expect("a request"), chosen)
        });
        ChartLock {
            charts: charts.collect(),
            ..ChartLock::default()
        }
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let lock = lock(&[
            ("redis", "^1", "1.2.3"),
            ("redis", "", "1.10"),
            ("nginx", "yes", "1e3"),
        ]);
        let text = lock.text();
        assert_eq!(ChartLock::parse(text.clone()), Ok(lock.clone()));
        assert!(text.find("nginx") < text.find("redis"), "{text}");
        let directory = tempfile::tempdir().expect("a directory");
        assert_eq!(ChartLock::read(directory.path()), Ok(ChartLock::default()));
        assert_eq!(lock.write(directory.path(), false), Ok(true));
        assert_eq!(lock.write(directory.path(), false), Ok(false));
        assert_eq!(ChartLock::read(directory.path()), Ok(lock));
    }

    #[test]
    fn bases_and_files_are_read_as_they_were_written() {
        let mut lock = lock(&[("a", "1", "1.0.0")]);
        for asker in Asker::ALL {
            let request = GitRequest {
                repository: "https://git.example.org/a.git".to_owned(),
                revision: "main".to_owned(),
                asker,
            };
            lock.repositories.insert(request, "0a".repeat(20));
        }
        let url = "https://example.org/a.yaml?x=y".to_owned();
        lock.files.insert(url, Digest::of(b"a"));
        let text = lock.text();
        assert_eq!(ChartLock::parse(text.clone()), Ok(lock));
        for (from, to) in [
            ("for: kustomize\n", "for: nobody\n"),
            ("  url:", "  uri:"),
            ("- digest: sha256:ca978112", "- digest: sha256:xx978112"),
        ] {
            let wrong = text.replace(from, to);
            assert_ne!(wrong, text, "{from}");
            assert!(ChartLock::parse(wrong).is_err(), "{to}");
        }
    }

    #[test]
    fn what_others_wrote_is_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let (one, two) = (lock(&[("a", "1", "1.0.0")]), lock(&[("b", "1", "1.0.0")]));
        assert_eq!(one.write(directory.path(), false), Ok(true));
        assert_eq!(two.write(directory.path(), false), Ok(true));
        let both = ChartLock::read(directory.path()).expect("a lock");
        assert_eq!(both.charts.len(), 2);
        assert_eq!(two.write(directory.path(), true), Ok(true));
        assert_eq!(ChartLock::read(directory.path()), Ok(two));
    }

    #[test]
    fn broken_locks_are_refused() {
        let good = lock(&[("a", "1", "1.0.0")]).text();
        for (from, to) in [
            ("version: 1\n", "version: 2\n"),
            ("name: a", "nome: a"),
            ("digest: sha256:", "digest: md5:"),
            ("name: a", "name: ../a"),
            ("version: 1.0.0", "version: ../../x"),
            ("<<<<", ">>>>"),
        ] {
            let text = if from == "<<<<" {
                format!("<<<<<<< HEAD\n{good}")
            } else {
                good.replace(from, to)
            };
            assert_ne!(text, good, "{from}");
            assert!(ChartLock::parse(text).is_err(), "{to}");
        }
    }
}

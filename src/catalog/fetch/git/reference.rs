//! Which commit a revision is: takes what a repository lists, gives the commit that Argo CD takes
//! (`lsRemote` of its Git client), never asks anybody.

use std::collections::BTreeMap;

use chart::{Constraint, Version};

use crate::suggest::nearest;

use super::error::GitError;

/// What a repository lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct References {
    /// Names with commits; tags with the commits that they stand for.
    commits: BTreeMap<String, String>,
    /// Names that stand for other names, as HEAD.
    symbolic: BTreeMap<String, String>,
}

/// What a revision is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The commit; the beginning of one where the repository has to be asked for the rest.
    pub(super) commit: String,
    /// The name that it was found under.
    pub(super) name: Option<String>,
    /// True where the revision names a tag, which does not move without somebody's doing.
    pub(super) fixed: bool,
}

impl References {
    /// Reads what `git ls-remote --symref` prints.
    pub(super) fn parse(text: &str) -> Self {
        let mut references = Self::default();
        let mut peeled = Vec::new();
        for line in text.lines() {
            let Some((left, name)) = line.split_once('\t') else {
                continue;
            };
            if let Some(target) = left.strip_prefix("ref: ") {
                let symbolic = &mut references.symbolic;
                symbolic.insert(name.to_owned(), target.to_owned());
            } else if let Some(tag) = name.strip_suffix("^{}") {
                peeled.push((tag.to_owned(), left.to_owned()));
            } else if is_commit(left) {
                references.commits.insert(name.to_owned(), left.to_owned());
            }
        }
        // A tag with a message is an object of its own: what counts is the commit that it names.
        references.commits.extend(peeled);
        references
    }

    fn tags(&self) -> impl Iterator<Item = &str> {
        let names = self.commits.keys();
        names.filter_map(|name| name.strip_prefix("refs/tags/"))
    }

    /// Finds a revision: a commit, HEAD, a range of versions among the tags, a name.
    pub(super) fn resolve(&self, revision: &str) -> Result<Resolved, GitError> {
        let asked = if revision.is_empty() {
            "HEAD"
        } else {
            revision
        };
        if is_commit(asked) {
            return Ok(Resolved {
                commit: asked.to_lowercase(),
                name: None,
                fixed: true,
            });
        }
        let highest = highest(asked, self.tags());
        let revision = highest.unwrap_or(asked);
        let mut found: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for (name, commit) in &self.commits {
            if name == revision || short(name) == revision {
                let kind = if name.starts_with("refs/tags/") {
                    "tag"
                } else if name.starts_with("refs/heads/") {
                    "branch"
                } else {
                    "other"
                };
                found.insert(kind, (name, commit));
            }
        }
        if let (Some((_, branch)), Some((_, tag))) = (found.get("branch"), found.get("tag"))
            && branch != tag
        {
            return Err(GitError::Ambiguous {
                revision: revision.to_owned(),
                branch: (*branch).to_owned(),
                tag: (*tag).to_owned(),
            });
        }
        for kind in ["tag", "branch", "other"] {
            if let Some((name, commit)) = found.get(kind) {
                return Ok(Resolved {
                    commit: (*commit).to_owned(),
                    name: Some((*name).to_owned()),
                    fixed: kind == "tag" && highest.is_none(),
                });
            }
        }
        let target = self.symbolic.get(revision);
        if let Some((name, commit)) =
            target.and_then(|target| Some((target, self.commits.get(target)?)))
        {
            return Ok(Resolved {
                commit: commit.clone(),
                name: Some(name.clone()),
                fixed: false,
            });
        }
        if is_beginning(asked) {
            return Ok(Resolved {
                commit: asked.to_lowercase(),
                name: None,
                fixed: true,
            });
        }
        let known = self.commits.keys().map(|name| short(name));
        Err(GitError::UnknownRevision {
            revision: asked.to_owned(),
            nearest: nearest(asked, known).map(str::to_owned),
        })
    }
}

/// Where `git fetch` looks for a name that is written short, in its order.
///
/// Source: git's documentation of revisions (`gitrevisions`).
const LOOKED_UP: &[&str] = &["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];

impl References {
    /// Finds a revision as `git fetch REPOSITORY REVISION` does: no ranges, no short names of commits.
    pub(super) fn fetched(&self, revision: &str) -> Result<Resolved, GitError> {
        let asked = if revision.is_empty() {
            "HEAD"
        } else {
            revision
        };
        if is_commit(asked) {
            return self.resolve(asked);
        }
        for prefix in LOOKED_UP {
            let name = format!("{prefix}{asked}");
            if let Some(commit) = self.commits.get(&name) {
                return Ok(Resolved {
                    commit: commit.clone(),
                    fixed: name.starts_with("refs/tags/"),
                    name: Some(name),
                });
            }
        }
        if let Some(target) = self.symbolic.get(asked)
            && let Some(commit) = self.commits.get(target)
        {
            return Ok(Resolved {
                commit: commit.clone(),
                name: Some(target.clone()),
                fixed: false,
            });
        }
        let known = self.commits.keys().map(|name| short(name));
        Err(GitError::UnknownRevision {
            revision: asked.to_owned(),
            nearest: nearest(asked, known).map(str::to_owned),
        })
    }
}

/// Returns the highest tag in a range; nothing where the revision is a version itself, or no range,
/// or no tag lies in it.
fn highest<'t>(range: &str, tags: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    if Version::parse(range).is_ok() {
        return None;
    }
    let constraint = Constraint::parse(range).ok()?;
    let mut highest: Option<(Version, &str)> = None;
    for tag in tags {
        let Ok(version) = Version::parse(tag) else {
            continue;
        };
        if constraint.check(&version)
            && highest
                .as_ref()
                .is_none_or(|(known, _)| version.compare(known).is_gt())
        {
            highest = Some((version, tag));
        }
    }
    highest.map(|(_, tag)| tag)
}

/// Tells whether a revision may be another commit tomorrow without anybody's fault.
pub(super) fn check(revision: &str) -> Result<(), GitError> {
    let refused = |why| GitError::Revision {
        revision: revision.chars().filter(|one| !one.is_control()).collect(),
        why,
    };
    if revision.starts_with('-') {
        return Err(refused("it begins with `-`"));
    }
    if revision.chars().any(char::is_control) {
        return Err(refused("it has control characters"));
    }
    Ok(())
}

fn short(name: &str) -> &str {
    ["refs/tags/", "refs/heads/", "refs/remotes/", "refs/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

/// Tells whether a text is a whole commit's name.
pub(super) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Tells whether a text may be the beginning of a commit's name.
pub(super) fn is_beginning(text: &str) -> bool {
    (7..40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

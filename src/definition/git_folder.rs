//! What Git says of the files at hand: takes a repository's root, reads `.git` as files, gives the
//! commit, the branch, the remote and what was fetched of it; never runs git and never shows a login.

use std::path::{Path, PathBuf};

/// References may name each other; a longer way is a mistake.
const DEPTH: usize = 5;

/// The folder in which Git keeps what it knows of a working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitFolder {
    /// That of this working tree.
    own: PathBuf,
    /// That of all working trees of the repository.
    common: PathBuf,
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The branch; nothing where HEAD is detached.
    pub branch: Option<String>,
    /// The commit.
    pub commit: String,
}

fn text(path: &Path) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
}

fn is_commit(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl GitFolder {
    /// Finds the folder of a directory; nothing where it is the root of no working tree.
    pub fn of(root: &Path) -> Option<Self> {
        let mut own = root.join(".git");
        if own.is_file() {
            // A further work tree names its own folder, which names the common one.
            let named = text(&own)?;
            own = root.join(named.strip_prefix("gitdir: ")?);
        }
        if !own.is_dir() {
            return None;
        }
        let common = text(&own.join("commondir"));
        let common = common.map_or_else(|| own.clone(), |common| own.join(common));
        Some(Self { own, common })
    }

    /// Returns what is checked out; nothing where Git's files are not of the usual form.
    pub fn head(&self) -> Option<Head> {
        let found = text(&self.own.join("HEAD"))?;
        if is_commit(&found) {
            return Some(Head {
                branch: None,
                commit: found,
            });
        }
        let name = found.strip_prefix("ref: ")?;
        Some(Head {
            branch: name.strip_prefix("refs/heads/").map(str::to_owned),
            commit: self.reference(name)?,
        })
    }

    /// Returns what a reference such as `refs/remotes/origin/main` is at.
    pub fn reference(&self, name: &str) -> Option<String> {
        if name
            .split('/')
            .any(|part| part.is_empty() || part.starts_with('.'))
        {
            return None;
        }
        let mut name = name.to_owned();
        for _ in 0..DEPTH {
            let found = text(&self.own.join(&name))
                .or_else(|| text(&self.common.join(&name)))
                .or_else(|| self.packed(&name))?;
            if is_commit(&found) {
                return Some(found);
            }
            found.strip_prefix("ref: ")?.clone_into(&mut name);
        }
        None
    }

    fn packed(&self, name: &str) -> Option<String> {
        let packed = text(&self.common.join("packed-refs"))?;
        let of_it = |line: &str| {
            let (commit, other) = line.split_once(' ')?;
            (other == name).then(|| commit.to_owned())
        };
        packed.lines().find_map(of_it)
    }

    /// Returns the name of the remote and its URL without a login: `origin`, or the only one.
    pub fn remote(&self) -> Option<(String, String)> {
        let settings = text(&self.common.join("config"))?;
        let mut remotes: Vec<(String, String)> = Vec::new();
        let mut section = None;
        for line in settings.lines().map(str::trim) {
            if line.starts_with('[') {
                let name = line.strip_prefix("[remote \"");
                section = name.and_then(|name| name.strip_suffix("\"]"));
            } else if let (Some(name), Some((key, url))) = (section, line.split_once('='))
                && key.trim() == "url"
            {
                remotes.push((name.to_owned(), without_login(url.trim())));
            }
        }
        let origin = remotes.iter().position(|(name, _)| name == "origin");
        match (origin, remotes.len()) {
            (Some(at), _) => Some(remotes.swap_remove(at)),
            (None, 1) => remotes.pop(),
            _ => None,
        }
    }
}

/// Returns a URL without the login of a web address; that of ssh is no secret.
fn without_login(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) if scheme.starts_with("http") => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_commit_and_remote_are_read_from_files() {
        let root = tempfile::TempDir::new().expect("a directory");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        };
        assert_eq!(GitFolder::of(root.path()), None);
        let (old, new) = ("a".repeat(40), "b".repeat(40));
        write(".git/HEAD", "ref: refs/heads/main\n");
        write(".git/refs/heads/main", &new);
        write(
            ".git/refs/remotes/origin/HEAD",
            "ref: refs/remotes/origin/main\n",
        );
        write(
            ".git/packed-refs",
            &format!("# pack-refs\n{old} refs/remotes/origin/main\n"),
        );
        write(
            ".git/config",
            "[remote \"other\"]\n\turl = x\n[remote \"origin\"]\n\turl = https://me:word@example.org/x.git\n",
        );
        let folder = GitFolder::of(root.path()).expect("a folder");
        let head = folder.head().expect("a head");
        assert_eq!((head.branch.as_deref(), head.commit), (Some("main"), new));
        assert_eq!(folder.reference("refs/remotes/origin/HEAD"), Some(old));
        assert_eq!(folder.reference("refs/../config"), None);
        let url = folder.remote().map(|(_, url)| url);
        assert_eq!(url.as_deref(), Some("https://example.org/x.git"));
    }
}

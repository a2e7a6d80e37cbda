//! The files of a commit, by those of another one that are here already: takes both, gives a
//! directory in which equal files are one file with two names, never changes the other directory.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::error::GitError;
use super::store::file_error;
use super::tree::Objects;

/// Writes the files of a commit into an empty directory. Neither commit may have submodules.
pub(super) async fn write_near(
    objects: &Objects<'_>,
    commit: &str,
    (near, files): (&str, &Path),
    into: &Path,
) -> Result<(), GitError> {
    let arguments = [
        "diff-tree",
        "-r",
        "-z",
        "--name-status",
        "--no-renames",
        near,
        commit,
    ];
    let listed = objects.ask(arguments).await?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let mut fields = listed.split('\0').filter(|field| !field.is_empty());
    let (mut changed, mut gone) = (BTreeSet::new(), BTreeSet::new());
    while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
        let set = if status == "D" {
            &mut gone
        } else {
            &mut changed
        };
        set.insert(path);
    }
    // Attributes say how other files are written; names that are no UTF-8 cannot be told apart.
    let is_plain = |path: &&str| !path.ends_with(".gitattributes") && !path.contains('\u{fffd}');
    if !changed.iter().chain(&gone).all(is_plain) {
        return objects.write(commit, into).await;
    }
    let skipped: BTreeSet<&str> = changed.union(&gone).copied().collect();
    let mut link = Link {
        skipped: &skipped,
        links: true,
    };
    link.directory(files, into, "")?;
    let changed: Vec<&str> = changed.into_iter().collect();
    objects.write_some(commit, &changed, into).await
}

struct Link<'l> {
    /// What is left out.
    skipped: &'l BTreeSet<&'l str>,
    /// Whether the file system takes a second name for a file.
    links: bool,
}

impl Link<'_> {
    /// Links a directory's files; one without any is not made, as Git has none.
    fn directory(&mut self, from: &Path, into: &Path, path: &str) -> Result<(), GitError> {
        let failed = |at: &Path| {
            let at = at.to_owned();
            move |error: std::io::Error| file_error(&at, &error)
        };
        let mut made = path.is_empty();
        for entry in fs::read_dir(from).map_err(failed(from))? {
            let entry = entry.map_err(failed(from))?;
            let name = entry.file_name();
            let below = match path {
                "" => name.to_string_lossy().into_owned(),
                path => format!("{path}/{}", name.to_string_lossy()),
            };
            let (source, target) = (entry.path(), into.join(&name));
            let kind = entry.file_type().map_err(failed(&source))?;
            if self.skipped.contains(below.as_str()) {
                continue;
            }
            if kind.is_dir() {
                self.directory(&source, &target, &below)?;
                continue;
            }
            if !made {
                fs::create_dir_all(into).map_err(failed(into))?;
                made = true;
            }
            self.file(&source, &target, kind.is_symlink())
                .map_err(failed(&target))?;
        }
        Ok(())
    }

    fn file(&mut self, source: &Path, target: &Path, is_link: bool) -> std::io::Result<()> {
        #[cfg(unix)]
        if is_link {
            return std::os::unix::fs::symlink(fs::read_link(source)?, target);
        }
        #[cfg(not(unix))]
        let _ = is_link;
        if self.links {
            match fs::hard_link(source, target) {
                Ok(()) => return Ok(()),
                Err(_) => self.links = false,
            }
        }
        fs::copy(source, target).map(|_| ())
    }
}

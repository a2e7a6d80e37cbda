//! Which files of a directory are manifests: takes the directory, gives paths in Argo CD's order,
//! never a file outside of the repository.

use crate::catalog::DirectoryOptions;
use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use crate::glob::Glob;

/// Directories deeper than this are a mistake.
const MAXIMUM_DEPTH: usize = 32;

/// Which files are taken.
pub(super) struct Filter {
    include: Option<Glob>,
    exclude: Option<Glob>,
}

impl Filter {
    pub(super) fn new(options: &DirectoryOptions) -> Self {
        Self {
            include: options.include.as_deref().map(glob),
            exclude: options.exclude.as_deref().map(glob),
        }
    }

    fn takes(&self, file: &str) -> bool {
        let excluded = self.exclude.as_ref().is_some_and(|glob| glob.matches(file));
        !excluded && self.include.as_ref().is_none_or(|glob| glob.matches(file))
    }
}

/// Returns a pattern; one that cannot be read matches nothing, in Argo CD as here.
fn glob(pattern: &str) -> Glob {
    Glob::new(pattern, &[])
}

/// A directory that is gone through.
pub(super) struct Search<'s> {
    /// The repository.
    pub(super) repository: &'s Repository,
    /// The directory, relative to the repository.
    pub(super) path: &'s str,
    /// Whether directories below are read, too.
    pub(super) recurse: bool,
    /// Which files are taken.
    pub(super) filter: &'s Filter,
}

impl Search<'_> {
    /// Returns the files, relative to the repository, in the order of their names, directories in
    /// their place.
    pub(super) fn files(&self) -> Result<Vec<String>, Problem> {
        let mut files = Vec::new();
        self.find("", 0, &mut files)?;
        Ok(files)
    }

    fn find(&self, below: &str, depth: usize, files: &mut Vec<String>) -> Result<(), Problem> {
        let path = joined(self.path, below);
        let directory = self.repository.root().join(&path);
        let unreadable = |error: std::io::Error| {
            Problem::new(format!("cannot read the directory {path}: {error}"))
        };
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&directory).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            if let Ok(name) = entry.file_name().into_string() {
                entries.push((name, kind));
            }
        }
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        for (name, kind) in entries {
            let relative = joined(below, &name);
            if kind.is_dir() {
                if self.recurse && depth >= MAXIMUM_DEPTH {
                    let what = format!(
                        "the directory {} lies deeper than {MAXIMUM_DEPTH} levels",
                        joined(self.path, &relative)
                    );
                    return Err(Problem::new(what));
                }
                if self.recurse {
                    self.find(&relative, depth + 1, files)?;
                }
            } else if is_manifest(&name) {
                let file = joined(self.path, &relative);
                let regular = kind.is_file() || (kind.is_symlink() && self.leads_to_file(&file)?);
                if regular && self.filter.takes(&relative) {
                    files.push(file);
                }
            }
        }
        Ok(())
    }

    /// Tells whether a link leads to a file; one that leads out of the repository is refused, as
    /// Argo CD refuses it, and one that leads nowhere is passed over.
    fn leads_to_file(&self, file: &str) -> Result<bool, Problem> {
        let root = self.repository.root();
        let (Ok(root), Ok(real)) = (root.canonicalize(), root.join(file).canonicalize()) else {
            return Ok(false);
        };
        if real.starts_with(&root) {
            return Ok(real.is_file());
        }
        Err(
            Problem::new(format!("{file} is a link that leads out of the repository"))
                .at(Source::file(file))
                .help("put the file itself there; Argo CD refuses such links, too"),
        )
    }
}

fn joined(directory: &str, name: &str) -> String {
    match (directory, name) {
        ("", name) => name.to_owned(),
        (directory, "") => directory.to_owned(),
        (directory, name) => format!("{directory}/{name}"),
    }
}

fn is_manifest(name: &str) -> bool {
    [".yaml", ".yml", ".json", ".jsonnet"]
        .iter()
        .any(|end| name.ends_with(end))
}

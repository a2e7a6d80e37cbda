//! Where a kustomization is: takes paths as they are written in it, gives files and the places of
//! other kustomizations, never reads what Kustomize's load restrictions forbid.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;

use crate::definition::{Kustomization, Placed, read::read};
use crate::error::{Error, Place};
use crate::files::{FileSystem, is_below, resolve};
use crate::options::Options;
use crate::outside::Tools;
use crate::remote::{Remote, is_http, without_credentials};
use crate::schema::Schema;

/// The names that a kustomization file may have.
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// How deep kustomizations may refer to each other.
const MAX_NESTING: usize = 50;
/// How many times a build may go into kustomizations: one that is reached on several ways is built
/// anew each time.
const MAX_BUILDS: usize = 5000;

/// What all kustomizations of a build have in common.
pub(crate) struct Session<'b> {
    /// What the caller does for the build.
    pub(crate) tools: Tools<'b>,
    /// Files outside of a kustomization's folder may be read.
    pub(crate) unrestricted: bool,
    /// The folder that names of files in messages are relative to.
    pub(crate) shown_from: Option<String>,
    /// How many times the build went into a kustomization.
    pub(crate) builds: Cell<usize>,
    /// The schemas that one of the kustomizations has chosen.
    pub(crate) schema: RefCell<Option<Schema>>,
}

impl<'b> Session<'b> {
    /// Returns what a build with options begins with.
    pub(crate) fn new(options: &Options, tools: Tools<'b>) -> Self {
        Self {
            tools,
            unrestricted: options.unrestricted,
            shown_from: options.shown_from.clone(),
            builds: Cell::new(0),
            schema: RefCell::new(None),
        }
    }
}

/// A folder with a kustomization.
#[derive(Clone)]
pub(crate) struct Loader<'b> {
    pub(crate) session: &'b Session<'b>,
    files: Rc<dyn FileSystem + 'b>,
    /// The remote repository that the files are of.
    pub(crate) remote: Option<Remote>,
    /// The folder, relative to the root of the files.
    pub(crate) directory: String,
    /// The URLs that lead here, as they are written.
    urls: Vec<String>,
    /// The folders that lead here, this one included, each with the number of URLs before it.
    trail: Vec<(usize, String)>,
}

impl<'b> Loader<'b> {
    /// Returns the place of a kustomization that nothing refers to.
    pub(crate) fn new(
        session: &'b Session<'b>,
        files: &'b dyn FileSystem,
        directory: &str,
    ) -> Result<Self, Error> {
        let real = files.real(directory).map_err(|reason| Error::Unreadable {
            place: Place::file(directory),
            path: directory.to_owned(),
            reason,
        })?;
        Ok(Self {
            session,
            files: Rc::new(files),
            remote: None,
            urls: Vec::new(),
            trail: vec![(0, real.clone())],
            directory: real,
        })
    }

    /// Returns how a file is named in messages.
    pub(crate) fn named(&self, path: &str) -> String {
        match &self.remote {
            None => match &self.session.shown_from {
                None => path.to_owned(),
                Some(folder) if path == folder => ".".to_owned(),
                Some(folder) => path
                    .strip_prefix(folder.as_str())
                    .and_then(|rest| rest.strip_prefix('/'))
                    .map_or_else(|| format!("/{path}"), str::to_owned),
            },
            Some(remote) => format!("{}//{path}", without_credentials(&remote.repository)),
        }
    }

    /// Returns how the folder is named in messages.
    fn shown_directory(&self) -> String {
        match self.named(&self.directory) {
            empty if empty.is_empty() => ".".to_owned(),
            other => other,
        }
    }

    /// Returns true where another kustomization leads here.
    pub(crate) fn is_inner(&self) -> bool {
        self.trail.len() > 1
    }

    /// Reads the kustomization file.
    pub(crate) fn read(&self) -> Result<Kustomization, Error> {
        let mut found = Vec::new();
        for name in FILE_NAMES {
            let path = Placed {
                value: name.to_owned(),
                place: Place::file(&self.named(&join(&self.directory, name))),
            };
            match self.find(&path) {
                Ok(Some(content)) => found.push((path.place, content)),
                Ok(None) | Err(Error::Outside { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let shown = || self.shown_directory();
        if found.len() > 1 {
            let files = found.into_iter().map(|(place, _)| place.file).collect();
            return Err(Error::SeveralKustomizations {
                directory: shown(),
                files,
            });
        }
        let Some((place, content)) = found.pop() else {
            return Err(Error::NoKustomization { directory: shown() });
        };
        read(&place.file, &utf8(&place, &place.file, content)?)
    }

    /// Returns a path as relative to the root of the files.
    fn resolve(&self, path: &Placed<String>) -> Result<String, Error> {
        resolve(&self.directory, &path.value).ok_or_else(|| Error::Outside {
            place: path.place.clone(),
            path: path.value.clone(),
            limit: "the root".to_owned(),
        })
    }

    /// Returns true where a path leads to a folder.
    pub(crate) fn is_directory(&self, path: &Placed<String>) -> bool {
        resolve(&self.directory, &path.value).is_some_and(|target| self.files.is_directory(&target))
    }

    /// Returns how a file is named in messages.
    pub(crate) fn name_of(&self, path: &Placed<String>) -> String {
        match resolve(&self.directory, &path.value) {
            Some(target) if !is_http(&path.value) => self.named(&target),
            _ => without_credentials(&path.value),
        }
    }

    /// Reads a file, which must be in the folder or below it.
    pub(crate) fn load(&self, path: &Placed<String>) -> Result<Vec<u8>, Error> {
        self.find(path)?.ok_or_else(|| Error::Unreadable {
            place: path.place.clone(),
            path: path.value.clone(),
            reason: "there is no such file".to_owned(),
        })
    }

    /// Reads a file of text.
    pub(crate) fn text(&self, path: &Placed<String>) -> Result<String, Error> {
        text_of(path, self.load(path)?)
    }

    /// Reads a file where there is one.
    pub(crate) fn find(&self, path: &Placed<String>) -> Result<Option<Vec<u8>>, Error> {
        let unreadable = |reason: String| Error::Unreadable {
            place: path.place.clone(),
            path: without_credentials(&path.value),
            reason,
        };
        if is_http(&path.value) {
            return match self.session.tools.remotes {
                Some(remotes) => remotes.file(&path.value).map_err(unreadable),
                None => Err(refused(path)),
            };
        }
        let target = self.resolve(path)?;
        let real = self.files.real(&target).map_err(unreadable)?;
        // Kustomize lifts the restriction in no repository that it has fetched.
        let restricted = !self.session.unrestricted || self.remote.is_some();
        if restricted && !is_below(&real, &self.directory) {
            return Err(Error::Outside {
                place: path.place.clone(),
                path: path.value.clone(),
                limit: format!("the kustomization's folder {}", self.shown_directory()),
            });
        }
        self.files.read(&real).map_err(unreadable)
    }

    /// Goes into another kustomization's folder, here or in another repository.
    pub(crate) fn enter(&self, path: &Placed<String>) -> Result<Self, Error> {
        let fail = |message: String| Err(Error::failed(&path.place, message));
        if self.trail.len() >= MAX_NESTING {
            return fail(format!(
                "more than {MAX_NESTING} kustomizations lead to one another"
            ));
        }
        if path.value.is_empty() {
            return fail("the path is empty".to_owned());
        }
        if let Some(remote) = Remote::parse(&path.value) {
            return self.enter_remote(path, &remote);
        }
        if is_http(&path.value) {
            return Err(refused(path));
        }
        let merged = |part: &str| part != ".." && part.contains("..");
        if path.value.split('/').any(merged) {
            return fail(format!(
                "{} has .. within a name: are two lines of a list one here?",
                path.value
            ));
        }
        let directory = self.resolve(path)?;
        let unreadable = |reason: String| Error::Unreadable {
            place: path.place.clone(),
            path: path.value.clone(),
            reason,
        };
        let directory = self.files.real(&directory).map_err(unreadable)?;
        if !self.files.is_directory(&directory) {
            return fail(format!("there is no file and no folder {}", path.value));
        }
        let inner = Self {
            directory,
            remote: self.remote.clone(),
            ..self.clone()
        };
        inner.extend(self, path)
    }

    fn enter_remote(&self, path: &Placed<String>, remote: &Remote) -> Result<Self, Error> {
        let Some(remotes) = self.session.tools.remotes else {
            return Err(refused(path));
        };
        let unreadable = |reason: String| Error::Unreadable {
            place: path.place.clone(),
            path: remote.shown(),
            reason,
        };
        // Kustomize compares URLs as they are written: another revision is no circle.
        if self.urls.iter().any(|url| url.starts_with(&path.value)) {
            let message = format!("{} leads to itself: a cycle", remote.shown());
            return Err(Error::failed(&path.place, message));
        }
        let files = remotes.repository(remote).map_err(unreadable)?;
        let directory = files.real(&remote.folder).map_err(unreadable)?;
        if !files.is_directory(&directory) {
            return Err(unreadable("it has no such folder".to_owned()));
        }
        let mut urls = self.urls.clone();
        urls.push(path.value.clone());
        let inner = Self {
            session: self.session,
            files,
            remote: Some(remote.clone()),
            directory,
            urls,
            trail: self.trail.clone(),
        };
        inner.extend(self, path)
    }

    /// Notes the way, which must not lead in a circle.
    fn extend(mut self, outer: &Self, path: &Placed<String>) -> Result<Self, Error> {
        // What is fetched anew is a place of its own.
        let number = self.urls.len();
        let circle = outer
            .trail
            .iter()
            .find(|(other, folder)| *other == number && is_below(folder, &self.directory));
        if let Some((_, folder)) = circle {
            let folder = if folder.is_empty() { "." } else { folder };
            let message = format!(
                "{} contains {folder}, which leads to it: a cycle",
                without_credentials(&path.value)
            );
            return Err(Error::failed(&path.place, message));
        }
        let builds = &self.session.builds;
        builds.set(builds.get() + 1);
        if builds.get() > MAX_BUILDS {
            let message = format!("the build goes into more than {MAX_BUILDS} kustomizations");
            return Err(Error::failed(&path.place, message));
        }
        self.trail.clone_from(&outer.trail);
        self.trail.push((number, self.directory.clone()));
        Ok(self)
    }

    /// Returns the name of the folder.
    pub(crate) fn folder_name(&self) -> &str {
        self.directory.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the root of the files on disk, where they are there.
    pub(crate) fn root(&self) -> Option<&Path> {
        self.files.root()
    }

    /// Returns a folder below this one as relative to the root of the files.
    pub(crate) fn below(&self, path: &Placed<String>) -> Result<String, Error> {
        self.resolve(path)
    }
}

/// Returns the refusal of what would be fetched from elsewhere.
fn refused(path: &Placed<String>) -> Error {
    let url = Remote::parse(&path.value)
        .map_or_else(|| without_credentials(&path.value), |remote| remote.shown());
    Error::Remote {
        place: path.place.clone(),
        url,
    }
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// Returns the text of a file that was read.
pub(crate) fn text_of(path: &Placed<String>, content: Vec<u8>) -> Result<String, Error> {
    utf8(&path.place, &path.value, content)
}

fn utf8(place: &Place, path: &str, content: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(content).map_err(|_| Error::Unreadable {
        place: place.clone(),
        path: path.to_owned(),
        reason: "it is not UTF-8".to_owned(),
    })
}

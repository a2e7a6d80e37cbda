//! What kustomizations have from elsewhere: takes what was fetched, gives remote bases and files to
//! a build, and what is still lacking; never fetches.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use kustomize::{DiskFiles, FileSystem, Options, Remote, Remotes, Wanted};

use crate::problem::Problem;
use crate::source::Source;

use super::charts::Needs;
use super::checkouts::Checkouts;
use super::fetch::ChartRequest;
use super::fetch::git::{Checkout, GitRequest};

/// What kustomizations have from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bases {
    repositories: Checkouts,
    /// Files by address; nothing for an address that is no file's.
    files: BTreeMap<String, Option<Arc<[u8]>>>,
    /// Files that cannot be had, and why.
    failed: BTreeMap<String, Problem>,
}

/// What kustomizations lack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseNeeds {
    /// Remote bases, with the place that asks for each and how long it may take.
    pub repositories: BTreeMap<GitRequest, (Source, Option<Duration>)>,
    /// Files, with the place that asks for each, and the base that each may be instead.
    pub files: BTreeMap<String, (Source, Option<GitRequest>)>,
    /// Charts; one that can never be fetched is told when it is to be rendered.
    pub charts: Needs,
    /// Why what is lacking cannot be had, as far as it was tried.
    pub failed: Vec<Problem>,
}

impl Bases {
    /// Adds a remote base.
    pub fn add(&mut self, checkout: Checkout) {
        self.repositories.add(checkout);
    }

    /// Notes that a remote base cannot be had.
    pub fn fail(&mut self, request: GitRequest, problem: Problem) {
        self.repositories.fail(request, problem);
    }

    /// Adds a file, or that an address is no file's.
    pub fn add_file(&mut self, url: String, content: Option<Vec<u8>>) {
        self.files.insert(url, content.map(Into::into));
    }

    /// Notes that a file cannot be had.
    pub fn fail_file(&mut self, url: String, problem: Problem) {
        self.failed.insert(url, problem);
    }

    /// Returns the remote bases.
    pub fn checkouts(&self) -> impl Iterator<Item = &Checkout> {
        self.repositories.iter()
    }

    /// Returns the addresses of all files.
    pub fn urls(&self) -> impl Iterator<Item = (&String, &[u8])> {
        let files = self.files.iter();
        files.filter_map(|(url, content)| Some((url, content.as_deref()?)))
    }

    /// Takes over all that another one has.
    pub fn extend(&mut self, other: &Self) {
        for checkout in other.repositories.iter() {
            self.repositories.add(checkout.clone());
        }
        for (url, content) in &other.files {
            self.files.insert(url.clone(), content.clone());
        }
    }

    /// Takes over what another one has of what is lacking here; the rest is left to be fetched.
    pub fn take(&mut self, needs: &mut BaseNeeds, other: &Self) {
        needs.repositories.retain(|request, _| {
            let had = other
                .repositories
                .iter()
                .find(|one| one.request == *request);
            had.inspect(|had| self.add((*had).clone())).is_none()
        });
        needs.files.retain(|url, _| {
            let had = other.files.get(url);
            had.inspect(|had| {
                self.files.insert(url.clone(), (*had).clone());
            })
            .is_none()
        });
    }

    /// Returns what the build of a folder lacks.
    pub fn needs(&self, files: &DiskFiles, directory: &str, options: &Options) -> BaseNeeds {
        let mut needs = BaseNeeds::default();
        for need in kustomize::needs(files, directory, options, self) {
            let source = Source {
                file: need.place.file.clone(),
                line: (need.place.line > 0).then_some(need.place.line),
                column: (need.place.column > 0).then_some(need.place.column),
            };
            match need.wanted {
                Wanted::Base(remote) => {
                    let request = GitRequest::of_base(&remote);
                    if let Some(problem) = self.repositories.failure(&request) {
                        needs.failed.push(problem.clone());
                    } else if !self.repositories.knows(&request) {
                        let entry = (source, remote.timeout);
                        needs.repositories.entry(request).or_insert(entry);
                    }
                }
                Wanted::File { url, or } => {
                    if let Some(problem) = self.failed.get(&url) {
                        needs.failed.push(problem.clone());
                    } else {
                        let or = or.as_ref().map(GitRequest::of_base);
                        needs.files.entry(url).or_insert((source, or));
                    }
                }
                Wanted::Chart {
                    repository,
                    name,
                    version,
                } => {
                    if let Ok(request) = ChartRequest::new(repository, name, version) {
                        needs.charts.entry(request).or_insert(source);
                    }
                }
            }
        }
        needs
    }
}

impl BaseNeeds {
    /// Adds others, whose places are told as those of their files.
    pub fn extend(&mut self, other: Self, place: impl Fn(Source) -> Source) {
        for (request, (source, timeout)) in other.repositories {
            let entry = (place(source), timeout);
            self.repositories.entry(request).or_insert(entry);
        }
        for (url, (source, or)) in other.files {
            self.files.entry(url).or_insert((place(source), or));
        }
        for (request, source) in other.charts {
            self.charts.entry(request).or_insert(place(source));
        }
        self.failed.extend(other.failed);
    }
}

impl Remotes for Bases {
    fn repository(&self, remote: &Remote) -> Result<Rc<dyn FileSystem>, String> {
        let checkout = self.repositories.get(&GitRequest::of_base(remote))?;
        let files = DiskFiles::new(&checkout.root).map_err(|error| error.to_string())?;
        Ok(Rc::new(files))
    }

    fn file(&self, url: &str) -> Result<Option<Vec<u8>>, String> {
        match (self.files.get(url), self.failed.get(url)) {
            (Some(content), _) => Ok(content.as_deref().map(<[u8]>::to_vec)),
            (None, Some(problem)) => Err(problem.message.clone()),
            (None, None) if Remote::parse(url).is_some() && Remote::is_marked(url) => Ok(None),
            (None, None) => Err("it was not fetched".to_owned()),
        }
    }
}

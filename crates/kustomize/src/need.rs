//! What a build will ask of its caller: takes a folder with a kustomization, gives the remote bases,
//! remote files and charts that are not at hand, all of them at once; never builds, never fetches.
//!
//! Whatever is wrong with a kustomization is left to the build to tell.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::definition::{Chart, Kustomization, Placed, ReplacementField};
use crate::error::Place;
use crate::files::FileSystem;
use crate::helm;
use crate::loader::{Loader, Session};
use crate::options::Options;
use crate::outside::{Remotes, Tools};
use crate::plugin::{self, Plugin};
use crate::remote::{Remote, is_http};
use crate::resource::read_resources;

/// Something that is not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Where it is asked for.
    pub place: Place,
    /// What it is.
    pub wanted: Wanted,
}

/// What has to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A remote base.
    Base(Remote),
    /// A file, or a remote base where the server has no such file.
    File {
        /// Its URL.
        url: String,
        /// What the URL is read as where it is no file's.
        or: Option<Remote>,
    },
    /// A chart.
    Chart {
        /// The repository.
        repository: String,
        /// The name.
        name: String,
        /// The version, or empty.
        version: String,
    },
}

/// Returns what the build of a folder needs. What `remotes` refuses is not at hand; what it has is
/// looked into.
pub fn needs(
    files: &dyn FileSystem,
    directory: &str,
    options: &Options,
    remotes: &dyn Remotes,
) -> Vec<Need> {
    let tools = Tools {
        charts: None,
        remotes: Some(remotes),
    };
    let session = Session::new(options, tools);
    let walk = Walk {
        remotes,
        needs: RefCell::default(),
        seen: RefCell::default(),
    };
    if let Ok(loader) = Loader::new(&session, files, directory.trim_matches('/'))
        && let Ok(mut kustomization) = loader.read()
        && options.apply(&mut kustomization).is_ok()
    {
        walk.kustomization(&loader, &kustomization);
    }
    walk.needs.into_inner()
}

struct Walk<'w> {
    remotes: &'w dyn Remotes,
    needs: RefCell<Vec<Need>>,
    /// Folders by repository.
    seen: RefCell<BTreeSet<(String, String)>>,
}

impl Walk<'_> {
    fn kustomization(&self, loader: &Loader<'_>, kustomization: &Kustomization) {
        let repository = loader.remote.as_ref();
        let repository = repository.map_or_else(String::new, Remote::shown);
        let folder = (repository, loader.directory.clone());
        if !self.seen.borrow_mut().insert(folder) {
            return;
        }
        let entries = (kustomization.resources.iter())
            .chain(&kustomization.generators)
            .chain(&kustomization.transformers)
            .chain(&kustomization.validators);
        for path in entries {
            self.entry(loader, path);
        }
        for path in &kustomization.components {
            self.folder(loader, path);
        }
        let patches = (kustomization.patches.iter()).chain(&kustomization.patches_json6902);
        let generators = (kustomization.config_maps.iter()).chain(&kustomization.secrets);
        let sources = generators.flat_map(|one| one.files.iter().chain(&one.envs));
        let files = (kustomization.definitions.iter())
            .chain(&kustomization.configurations)
            .chain(&kustomization.patches_strategic_merge)
            .chain(patches.map(|patch| &patch.path));
        for path in files {
            self.file(path, &path.value);
        }
        for replacement in &kustomization.replacements {
            if let ReplacementField::File(path) = replacement {
                self.file(path, &path.value);
            }
        }
        if let Some(schema) = &kustomization.schema
            && let Some(url) = schema.value.get("path")
        {
            let path = Placed {
                value: url.clone(),
                place: schema.place.clone(),
            };
            self.file(&path, url);
        }
        for path in sources {
            // `key=path` or a path.
            let value = path
                .value
                .split_once('=')
                .map_or(&*path.value, |(_, it)| it);
            self.file(
                path,
                if is_http(&path.value) {
                    &path.value
                } else {
                    value
                },
            );
        }
        for chart in &kustomization.charts {
            self.chart(loader, chart, &kustomization.helm_globals.chart_home);
        }
    }

    /// Looks at what may be a file, a folder or a URL of either.
    fn entry(&self, loader: &Loader<'_>, path: &Placed<String>) {
        if path.value.is_empty() || path.value.contains('\n') {
            self.plugins(loader, &path.place, &path.value);
            return;
        }
        if loader.is_directory(path) {
            return self.folder(loader, path);
        }
        if is_http(&path.value) && !self.is_no_file(path) {
            return;
        }
        if Remote::parse(&path.value).is_some() {
            return self.folder(loader, path);
        }
        if let Ok(Some(content)) = loader.find(path) {
            let text = String::from_utf8_lossy(&content);
            self.plugins(loader, &path.place, &text);
        }
    }

    /// Tells whether it is known that a URL is no file's; notes it where nothing is known.
    fn is_no_file(&self, path: &Placed<String>) -> bool {
        if let Ok(found) = self.remotes.file(&path.value) {
            return found.is_none();
        }
        let wanted = Wanted::File {
            url: path.value.clone(),
            or: Remote::parse(&path.value),
        };
        self.note(&path.place, wanted);
        false
    }

    fn file(&self, path: &Placed<String>, url: &str) {
        if is_http(url) && self.remotes.file(url).is_err() {
            let url = url.to_owned();
            self.note(&path.place, Wanted::File { url, or: None });
        }
    }

    fn folder(&self, loader: &Loader<'_>, path: &Placed<String>) {
        if let Some(remote) = Remote::parse(&path.value)
            && self.remotes.repository(&remote).is_err()
        {
            return self.note(&path.place, Wanted::Base(remote));
        }
        if let Ok(inner) = loader.enter(path)
            && let Ok(kustomization) = inner.read()
        {
            self.kustomization(&inner, &kustomization);
        }
    }

    /// Looks for charts among plugins.
    fn plugins(&self, loader: &Loader<'_>, place: &Place, text: &str) {
        if !text.contains("HelmChartInflationGenerator") {
            return;
        }
        for resource in read_resources(&place.file, text).unwrap_or_default() {
            if let Ok(Plugin::Chart(chart, home)) = plugin::read(&resource) {
                self.chart(loader, &chart, &home);
            }
        }
    }

    fn chart(&self, loader: &Loader<'_>, chart: &Chart, home: &str) {
        if helm::is_remote(loader, chart, home) {
            let wanted = Wanted::Chart {
                repository: chart.repository.clone(),
                name: chart.name.clone(),
                version: chart.version.clone(),
            };
            self.note(&chart.place, wanted);
        }
    }

    fn note(&self, place: &Place, wanted: Wanted) {
        let mut needs = self.needs.borrow_mut();
        if needs.iter().all(|need| need.wanted != wanted) {
            let place = place.clone();
            needs.push(Need { place, wanted });
        }
    }
}

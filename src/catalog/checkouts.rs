//! Sources that stand in other repositories, or at other revisions of this one: takes what was
//! fetched, gives the files of a source, and what is still lacking; never fetches.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::definition::GitReference;
use crate::problem::Problem;
use crate::source::Source;

use super::fetch::git::{Checkout, GitRequest, RepositoryLogin, RepositoryLogins, same_repository};
use super::manifest::Manifest;

/// The label by which Argo CD knows its Secrets about repositories.
const SECRET_TYPE: &str = "/metadata/labels/argocd.argoproj.io~1secret-type";

/// Argo CD's known keys of hosts for ssh.
const KNOWN_HOSTS: &str = "argocd-ssh-known-hosts-cm";

/// Argo CD's certificates by host name.
const CERTIFICATES: &str = "argocd-tls-certs-cm";

/// What has to be fetched, with the place that asks for it.
pub type GitNeeds = BTreeMap<GitRequest, Source>;

/// The files of other repositories and revisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checkouts {
    checkouts: BTreeMap<GitRequest, Checkout>,
    /// What could not be had, and why.
    failed: BTreeMap<GitRequest, Problem>,
}

/// Where the files of a source are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In the platform's own repository, as it lies there.
    Own,
    /// In a directory of their own.
    Elsewhere(Checkout),
    /// They have to be fetched.
    Missing(GitRequest),
    /// They could not be had.
    Failed(Problem),
}

impl Checkouts {
    /// Adds the files of a revision.
    pub fn add(&mut self, checkout: Checkout) {
        self.checkouts.insert(checkout.request.clone(), checkout);
    }

    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = &Checkout> {
        self.checkouts.values()
    }

    /// Returns the files of a revision, or why there are none.
    pub fn get(&self, request: &GitRequest) -> Result<&Checkout, String> {
        match (self.checkouts.get(request), self.failed.get(request)) {
            (Some(checkout), _) => Ok(checkout),
            (None, Some(problem)) => Err(problem.message.clone()),
            (None, None) => Err("it was not fetched".to_owned()),
        }
    }

    /// Notes that a revision cannot be had.
    pub fn fail(&mut self, request: GitRequest, problem: Problem) {
        self.failed.insert(request, problem);
    }

    /// Returns why a revision cannot be had.
    pub fn failure(&self, request: &GitRequest) -> Option<&Problem> {
        self.failed.get(request)
    }

    /// Tells whether a revision is here, or cannot be had.
    pub fn knows(&self, request: &GitRequest) -> bool {
        self.checkouts.contains_key(request) || self.failed.contains_key(request)
    }

    /// Finds the files of a source. The platform's own repository is meant by its URL, as Argo CD
    /// compares it, at the revision that the environment follows.
    pub fn locate(&self, own: &GitReference, url: &str, revision: &str) -> Location {
        let followed = matches!(revision, "" | "HEAD") || revision == own.revision;
        if followed && same_repository(url, &own.url) {
            return Location::Own;
        }
        let request = GitRequest::of_application(url, revision);
        match (self.checkouts.get(&request), self.failed.get(&request)) {
            (Some(checkout), _) => Location::Elsewhere(checkout.clone()),
            (None, Some(problem)) => Location::Failed(problem.clone()),
            (None, None) => Location::Missing(request),
        }
    }
}

/// Returns the logins to repositories that are among manifests.
pub(super) fn logins(manifests: &[Manifest]) -> RepositoryLogins {
    let logins = manifests.iter().filter_map(|manifest| {
        let value = &manifest.value;
        let template = match value.pointer(SECRET_TYPE).and_then(Value::as_str) {
            Some("repository") => false,
            Some("repo-creds") => true,
            _ => return None,
        };
        if manifest.kind() != "Secret" {
            return None;
        }
        let mut fields = BTreeMap::new();
        for (name, encoded) in entries(manifest, "data") {
            let decoded = STANDARD.decode(encoded).unwrap_or_default();
            fields.insert(name.clone(), String::from_utf8_lossy(&decoded).into_owned());
        }
        for (name, text) in entries(manifest, "stringData") {
            fields.insert(name.clone(), text.to_owned());
        }
        let name = manifest.name().to_owned();
        Some(RepositoryLogin::new(name, template, fields))
    });
    let of_map = |name: &str| {
        let mut maps = manifests.iter();
        maps.find(|manifest| manifest.kind() == "ConfigMap" && manifest.name() == name)
    };
    let known_hosts = of_map(KNOWN_HOSTS).and_then(|map| {
        let mut hosts = entries(map, "data");
        let (_, text) = hosts.find(|(name, _)| *name == "ssh_known_hosts")?;
        Some(text.to_owned())
    });
    let authorities = of_map(CERTIFICATES).into_iter().flat_map(|map| {
        let certificates = entries(map, "data");
        certificates.map(|(host, text)| (host.clone(), text.to_owned()))
    });
    RepositoryLogins {
        logins: logins.collect(),
        known_hosts,
        authorities: authorities.collect(),
    }
}

/// Returns the texts of a field of a Secret or ConfigMap.
fn entries<'m>(manifest: &'m Manifest, field: &str) -> impl Iterator<Item = (&'m String, &'m str)> {
    let entries = manifest.value.get(field).and_then(Value::as_object);
    let entries = entries.into_iter().flatten();
    entries.map(|(name, text)| (name, text.as_str().unwrap_or_default()))
}

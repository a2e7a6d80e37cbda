//! Charts from real servers: a registry with encryption and a password that the real helm filled, and
//! web servers with an index that the real helm made. Takes the checkout, needs no cluster.

mod authority;
mod commands;
mod error;
mod files;
mod keep;
mod publish;
mod refuse;
mod resolve;
mod servers;
mod user;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::{Context, Failure};
use crate::report;

use authority::Authority;
pub(crate) use error::ChartsError;
use error::{read, write};
use publish::{pack, publish};
use servers::{Registry, Shelves};
use user::{Origin, User};

/// Nobody else uses it, so it can be looked for in every output.
const PASSWORD: &str = "e2e-reader-8c41d7";

/// What the run has.
struct Stage<'c> {
    context: &'c Context,
    folder: PathBuf,
    authority: Authority,
    registry: Registry,
    shelves: Shelves,
    user: User,
}

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    let stage = Stage::new(context)?;
    report::step("servers are up and filled");
    stage.ranges_are_resolved_as_helm_does()?;
    stage.credentials_stay_with_their_host()?;
    stage.chart_commands_do_what_helm_does()?;
    stage.a_lock_holds_against_newer_versions()?;
    stage.the_cache_is_enough_without_network()?;
    stage.vendored_charts_are_enough_for_anybody()?;
    stage.other_content_under_a_locked_version_is_refused()?;
    stage.a_wrong_password_is_told()?;
    stage.a_server_that_nobody_vouches_for_is_refused()
}

impl<'c> Stage<'c> {
    fn new(context: &'c Context) -> Result<Self, Failure> {
        let folder = context.output.join("charts");
        std::fs::create_dir_all(&folder).map_err(ChartsError::file(&folder))?;
        let authority = Authority::new(&folder, "firstlight e2e")?;
        let users = servers::users(&folder, PASSWORD)?;
        let registry = Registry::start(&folder, &authority, &users)?;
        let shelves = Shelves::start(&folder, &users)?;
        let origin = Origin {
            folder: &folder,
            checkout: &context.repository,
            firstlight: &context.firstlight,
            authority: &authority.certificate,
            password: PASSWORD,
        };
        let user = User::new(&origin, &registry, &shelves)?;
        // The web server's index must be there before helm adds the repository.
        write(
            &shelves.closed_files.join("index.yaml"),
            "apiVersion: v1\nentries: {}\n",
        )?;
        user.log_in(&registry, &shelves)?;
        publish(
            &user,
            &context.repository,
            &authority.certificate,
            (&registry, &shelves),
        )?;
        Ok(Self {
            context,
            folder,
            authority,
            registry,
            shelves,
            user,
        })
    }

    /// Returns the person with the same logins and lock and an empty cache.
    fn fresh(&self, name: &str) -> Result<User, Failure> {
        let home = self.folder.join(name).join("home");
        for file in ["registry.json", "repositories.yaml"] {
            write(&home.join(file), read(&self.user.home.join(file))?)?;
        }
        let user = self.user.with_home(&home);
        user.with_copy_of_platform(&self.folder.join(name).join("platform"))
    }

    fn pack(&self, folder: &str, chart: (&str, &str, &str)) -> Result<PathBuf, Failure> {
        let into = self.folder.join("packed").join(folder);
        pack(&self.user, &self.context.repository, &into, chart)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    found: &T,
) -> Result<(), Failure> {
    if expected == found {
        return Ok(());
    }
    Err(Failure::Assertion {
        what: format!("{what}: not as expected"),
        details: vec![
            format!("expected {expected:?}"),
            format!("found    {found:?}"),
        ],
    })
}

/// Returns which version of the chart stands behind each of its objects.
fn versions(manifests: &[Value]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    manifests
        .iter()
        .filter(|each| each["kind"] == "ConfigMap")
        .map(|each| {
            (
                text(&each["metadata"]["name"]),
                text(&each["data"]["version"]),
            )
        })
        .collect()
}

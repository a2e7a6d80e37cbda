//! What stays once it is fetched: the lock, the cache, the charts in the repository.

use super::files::{first_archive, flip};
use super::publish::{index, lay};
use super::user::User;
use super::{Stage, same, versions};
use crate::report;
use crate::scenario::Failure;

impl Stage<'_> {
    /// What is locked stays, also when there is something newer, until it is asked for.
    pub(super) fn a_lock_holds_against_newer_versions(&self) -> Result<(), Failure> {
        let user = self
            .user
            .with_copy_of_platform(&self.folder.join("newer"))?;
        let newer = self.pack("newer", ("greeting", "1.1.2", "hello"))?;
        lay(&newer, &self.shelves.open_files)?;
        index(&user, &self.shelves.open_files, &self.shelves.open)?;
        let version = |user: &User| -> Result<Option<String>, Failure> {
            Ok(versions(&user.rendered(&[])?).remove("web-greeting"))
        };
        user.must(&["lock"])?;
        same(
            "the locked version",
            &Some("1.1.1".to_owned()),
            &version(&user)?,
        )?;
        user.must(&["lock", "--update"])?;
        same(
            "the updated version",
            &Some("1.1.2".to_owned()),
            &version(&user)?,
        )?;
        report::step("a lock holds against newer versions until it is updated");
        Ok(())
    }

    /// Whoever has fetched everything once needs no server any more.
    pub(super) fn the_cache_is_enough_without_network(&self) -> Result<(), Failure> {
        let before = self.shelves.requests()?.len();
        let online = self.user.rendered(&[])?;
        same(
            "the rendering without network",
            &online,
            &self.user.rendered(&["--offline"])?,
        )?;
        same(
            "the number of requests",
            &before,
            &self.shelves.requests()?.len(),
        )?;
        let stranger = self.user.with_home(&self.folder.join("stranger"));
        stranger.must_refuse(
            "without cache and network",
            &["render", "test", "--offline"],
            &["greeting", "neither in vendor/charts nor in the cache"],
        )?;
        report::step("with the cache no server is asked; without it, --offline says what lacks");
        Ok(())
    }

    /// A repository with its charts in it is whole: no cache, no login, no network.
    pub(super) fn vendored_charts_are_enough_for_anybody(&self) -> Result<(), Failure> {
        let user = self
            .user
            .with_copy_of_platform(&self.folder.join("vendored"))?;
        user.must(&["vendor"])?;
        let stranger = user.with_home(&self.folder.join("vendor-stranger"));
        same(
            "the rendering of vendored charts",
            &self.user.rendered(&[])?,
            &stranger.rendered(&["--offline"])?,
        )?;
        // One bit is enough.
        let archive = first_archive(&user.platform.join("vendor"))?;
        flip(&archive)?;
        stranger.must_refuse(
            "a vendored chart that was changed",
            &["render", "test", "--offline"],
            &["sha256:", "vendor"],
        )?;
        report::step("vendored charts need nothing else, and changed ones are refused");
        Ok(())
    }
}

//! What must be refused: other content than was locked or announced, a wrong password, a server that
//! nobody vouches for. Every step leaves the servers as they were.

use super::Stage;
use super::authority::Authority;
use super::error::ChartsError;
use super::files::{files, flip_archives, is_changed};
use super::publish::{index, lay, push};
use crate::report;
use crate::scenario::Failure;

impl Stage<'_> {
    /// Who changes what a version is, on the server or on the way, is found out.
    pub(super) fn other_content_under_a_locked_version_is_refused(&self) -> Result<(), Failure> {
        let other = self.pack("other", ("greeting", "1.1.1", "other"))?;
        lay(&other, &self.shelves.open_files)?;
        index(&self.user, &self.shelves.open_files, &self.shelves.open)?;
        let fresh = self.fresh("tampered")?;
        fresh.must_refuse(
            "another chart under a locked version of the web server",
            &["render", "test"],
            &["greeting", "sha256:", &self.shelves.open],
        )?;
        let packed = self.user.home.join("packed");
        lay(&packed.join("greeting-1.1.1.tgz"), &self.shelves.open_files)?;
        index(&self.user, &self.shelves.open_files, &self.shelves.open)?;
        report::step("another chart under a locked version is refused, from the web server");

        let other = self.pack("pushed", ("greeting", "1.2.0", "other"))?;
        push(
            &self.user,
            &self.registry,
            &self.authority.certificate,
            &other,
        )?;
        let fresh = self.fresh("pushed-over")?;
        fresh.must_refuse(
            "another chart under a locked version of the registry",
            &["render", "test"],
            &["greeting", "sha256:"],
        )?;
        let first = packed.join("greeting-1.2.0.tgz");
        push(
            &self.user,
            &self.registry,
            &self.authority.certificate,
            &first,
        )?;
        report::step("another chart under a locked version is refused, from the registry");

        // Now the registry itself lies about a blob: what it sends is not what it announces.
        let changed = flip_archives(&self.registry.storage)?;
        if changed == 0 {
            return Err(Failure::of("the registry's storage has no chart to change"));
        }
        let fresh = self.fresh("blob")?;
        std::fs::remove_file(fresh.platform.join("firstlight.lock"))
            .map_err(ChartsError::file(&fresh.platform))?;
        fresh.must_refuse(
            "a blob that is not what its digest says",
            &["lock"],
            &["greeting", "sha256:", &self.registry.address],
        )?;
        flip_archives(&self.registry.storage)?;
        let left = files(&fresh.home.join("cache"))?;
        let broken: Vec<String> = left
            .iter()
            .filter(|path| is_changed(path))
            .map(|path| path.display().to_string())
            .collect();
        Failure::unless_empty("a refused chart is left in the cache", broken)?;
        report::step("a blob that is not what its digest says is refused, and not kept");
        Ok(())
    }

    pub(super) fn a_wrong_password_is_told(&self) -> Result<(), Failure> {
        let mut user = self.fresh("password")?;
        user.forget_password("e2e-wrong-55ab02")?;
        user.must_refuse(
            "a wrong password",
            &["render", "test"],
            // Two ranges of each server; the open one has nothing to do with it.
            &[
                &self.registry.address,
                &self.shelves.closed,
                "401",
                "4 charts",
            ],
        )?;
        report::step("a wrong password is told by the names of the servers, not by itself");
        Ok(())
    }

    pub(super) fn a_server_that_nobody_vouches_for_is_refused(&self) -> Result<(), Failure> {
        let user = self.fresh("unknown-authority")?;
        let other = Authority::new(&self.folder.join("other-authority"), "somebody else")?;
        user.trusting(&other.certificate).must_refuse(
            "a certificate of an unknown authority",
            &["render", "test"],
            &[&self.registry.address, "certificate", "2 charts"],
        )?;
        report::step("a registry with a certificate of an unknown authority is refused");
        Ok(())
    }
}

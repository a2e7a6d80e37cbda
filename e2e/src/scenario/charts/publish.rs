//! Charts for the servers: takes the scenario's own chart, gives it packed in several versions by the
//! real helm, pushed to the registry and laid onto the web servers with an index by `helm repo index`.

use std::path::{Path, PathBuf};

use super::error::{ChartsError, read, write};
use super::servers::{Registry, Shelves};
use super::user::User;
use crate::scenario::Failure;

/// The versions of the chart. The last one of each major version is the newest.
pub(super) const VERSIONS: [&str; 6] = ["1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0", "2.1.0-rc.1"];

/// Packs the chart in one version; `text` makes its content another.
pub(super) fn pack(
    user: &User,
    checkout: &Path,
    into: &Path,
    (name, version, text): (&str, &str, &str),
) -> Result<PathBuf, Failure> {
    let source = into.join("source").join(name);
    for part in ["Chart.yaml", "values.yaml", "templates/greeting.yaml"] {
        let from = checkout.join("e2e/charts/greeting").join(part);
        let content = String::from_utf8_lossy(&read(&from)?)
            .replace("name: greeting\n", &format!("name: {name}\n"))
            .replace("text: hello\n", &format!("text: {text}\n"));
        write(&source.join(part), content)?;
    }
    user.helm()
        .args(["package", "--version", version, "--destination"])
        .arg(into)
        .arg(&source)
        .text()?;
    Ok(into.join(format!("{name}-{version}.tgz")))
}

/// Pushes a packed chart to the registry.
pub(super) fn push(
    user: &User,
    registry: &Registry,
    authority: &Path,
    archive: &Path,
) -> Result<(), Failure> {
    user.helm()
        .arg("push")
        .arg(archive)
        .arg(format!("oci://{}/charts", registry.address))
        .arg("--ca-file")
        .arg(authority)
        .text()?;
    Ok(())
}

/// Lays all versions onto all servers.
pub(super) fn publish(
    user: &User,
    checkout: &Path,
    authority: &Path,
    (registry, shelves): (&Registry, &Shelves),
) -> Result<(), Failure> {
    let packed = user.home.join("packed");
    for version in VERSIONS {
        let archive = pack(user, checkout, &packed, ("greeting", version, "hello"))?;
        push(user, registry, authority, &archive)?;
        for shelf in [&shelves.open_files, &shelves.closed_files] {
            lay(&archive, shelf)?;
        }
    }
    // The index of the closed shelf names an address of its own server, which sends elsewhere.
    let moved = pack(user, checkout, &packed, ("farewell", "1.0.0", "bye"))?;
    let away = shelves.closed_files.join("moved");
    lay(&moved, &away)?;
    index(user, &shelves.open_files, &shelves.open)?;
    index(user, &shelves.closed_files, &shelves.closed)?;
    let elsewhere = shelves.elsewhere_files.join("moved");
    std::fs::create_dir_all(&elsewhere).map_err(ChartsError::file(&elsewhere))?;
    let name = "farewell-1.0.0.tgz";
    std::fs::rename(away.join(name), elsewhere.join(name)).map_err(ChartsError::file(&away))?;
    Ok(())
}

/// Puts a packed chart onto a shelf.
pub(super) fn lay(archive: &Path, shelf: &Path) -> Result<(), ChartsError> {
    let name = archive.file_name().unwrap_or_default();
    write(&shelf.join(name), read(archive)?)
}

/// Makes the index of a shelf.
pub(super) fn index(user: &User, shelf: &Path, address: &str) -> Result<(), Failure> {
    user.helm()
        .args(["repo", "index", "--url", address])
        .arg(shelf)
        .text()?;
    Ok(())
}

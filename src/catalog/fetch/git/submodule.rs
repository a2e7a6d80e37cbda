//! Addresses of submodules: takes a commit's `.gitmodules`, gives an address for each path, never
//! runs what the file asks for.

use std::collections::BTreeMap;

use super::error::GitError;
use super::tree::Objects;

/// Submodules of submodules: no platform has more.
pub(super) const MAXIMUM_DEPTH: usize = 8;

/// All submodules of one source together.
pub(super) const MAXIMUM_COUNT: usize = 1_000;

/// Returns the addresses by path; nothing where there is no such file, for then Argo CD leaves the
/// directories empty.
pub(super) async fn addresses(
    objects: &Objects<'_>,
    commit: &str,
) -> Result<Option<BTreeMap<String, String>>, GitError> {
    let blob = format!("{commit}:.gitmodules");
    if objects.ask(["cat-file", "-e", &blob]).await.is_err() {
        return Ok(None);
    }
    let listed = objects
        .ask(["config", "--blob", &blob, "--list", "-z"])
        .await?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let mut modules: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    for entry in listed.split('\0') {
        let Some((key, value)) = entry.split_once('\n') else {
            continue;
        };
        let Some((name, field)) = key
            .strip_prefix("submodule.")
            .and_then(|rest| rest.rsplit_once('.'))
        else {
            continue;
        };
        let module = modules.entry(name.to_owned()).or_default();
        match field {
            "path" => module.0 = Some(value.to_owned()),
            "url" => module.1 = Some(value.to_owned()),
            _ => {}
        }
    }
    let known = modules.into_values();
    Ok(Some(
        known
            .filter_map(|(path, url)| Some((path?, url?)))
            .collect(),
    ))
}

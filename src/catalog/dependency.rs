//! Which charts a chart still lacks: takes a chart as it was loaded, gives what has to be fetched for
//! it, as `helm dependency build` does: by its lock file, if that fits; never fetches.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chart::{Chart, Dependency};
use serde::Serialize;
use serde_json::Value;

use crate::problem::Problem;
use crate::source::Source;

use super::fetch::{ChartRequest, Digest};

/// Returns what has to be fetched for a chart, each once. `path` is where it stands.
pub(super) fn missing(chart: &Chart, path: &str) -> Result<Vec<ChartRequest>, Problem> {
    // Without a repository it would have to stand in `charts/`; a local one has been read.
    let remote =
        |one: &Dependency| !one.repository.is_empty() && !one.repository.starts_with("file://");
    let missing: Vec<&Dependency> = chart
        .missing_dependencies()
        .into_iter()
        .filter(|one| remote(one))
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let first = chart.metadata.api_version == "v1";
    let (lock_file, file) = if first {
        ("requirements.lock", "requirements.yaml")
    } else {
        ("Chart.lock", "Chart.yaml")
    };
    let place = |file: &str| {
        Source::file(if path.is_empty() {
            file.to_owned()
        } else {
            format!("{path}/{file}")
        })
    };
    if let Some(lock) = chart.lock() {
        let wanted = &chart.metadata.dependencies;
        let fits = lock.digest == lock_digest(wanted, &lock.dependencies)
            || (first && lock.digest == old_lock_digest(wanted));
        if !fits {
            let message = format!(
                "{} is out of step with {}: it was made for other dependencies",
                place(lock_file),
                place(file)
            );
            return Err(Problem::new(message)
                .at(place(lock_file))
                .help(format!("`helm dependency update {path}` makes it anew")));
        }
    }
    let mut requests: Vec<ChartRequest> = Vec::new();
    for dependency in missing {
        let locked = chart.lock().and_then(|lock| {
            lock.dependencies
                .iter()
                .filter(|one| one.name == dependency.name)
                // One name may be locked twice, for two aliases.
                .find(|one| chart::is_compatible(&dependency.version, &one.version))
        });
        let version = locked.map_or(&dependency.version, |locked| &locked.version);
        let request = ChartRequest::new(&dependency.repository, &dependency.name, version)
            .map_err(|error| {
                let message = format!("the dependency {}: {error}", dependency.name);
                Problem::new(message).at(place(file))
            })?;
        if !requests.contains(&request) {
            requests.push(request);
        }
    }
    Ok(requests)
}

/// A dependency with the fields, and in the order, of Helm's own type: its digest depends on it.
#[derive(Serialize)]
struct Fields<'d> {
    name: &'d str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'d str,
    repository: &'d str,
    #[serde(skip_serializing_if = "str::is_empty")]
    condition: &'d str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'d [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    enabled: bool,
    #[serde(rename = "import-values", skip_serializing_if = "<[_]>::is_empty")]
    import_values: &'d [Value],
    #[serde(skip_serializing_if = "str::is_empty")]
    alias: &'d str,
}

fn fields(dependencies: &[Dependency]) -> Vec<Fields<'_>> {
    let of = dependencies.iter().map(|one| Fields {
        name: &one.name,
        version: &one.version,
        repository: &one.repository,
        condition: &one.condition,
        tags: &one.tags,
        enabled: one.enabled,
        import_values: &one.import_values,
        alias: &one.alias,
    });
    of.collect()
}

/// Returns the digest that Helm writes into a lock file: of what was asked for and what was chosen.
pub fn lock_digest(wanted: &[Dependency], locked: &[Dependency]) -> String {
    digest(&[fields(wanted), fields(locked)])
}

/// Returns the digest that Helm 2 computed.
pub fn old_lock_digest(wanted: &[Dependency]) -> String {
    digest(&BTreeMap::from([("dependencies", fields(wanted))]))
}

/// Returns the digest of what Go's writer makes of a value.
fn digest(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // Such characters stand in texts alone, where Go's writer escapes them.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            character => text.push(character),
        }
    }
    Digest::of(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use chart::File;

    use super::*;

    const REPOSITORY: &str = "http://127.0.0.1:18473";

    fn chart(dependencies: &str, lock: Option<&str>) -> Chart {
        let file = |path: &str, text: String| File {
            path: path.to_owned(),
            data: text.into_bytes(),
        };
        let mut files = vec![file(
            "Chart.yaml",
            format!(
                "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n{}",
                dependencies.replace("REPOSITORY", REPOSITORY)
            ),
        )];
        let lock = lock.map(|digest| {
            format!(
                "dependencies:\n- {{name: redis, version: 1.2.3, repository: '{REPOSITORY}'}}\n\
                 digest: sha256:{digest}\n"
            )
        });
        files.extend(lock.map(|lock| file("Chart.lock", lock)));
        Chart::from_files(files).expect("a chart")
    }

    /// The digests are those that Helm wrote for the same dependencies.
    #[test]
    fn helms_lock_files_are_obeyed_where_they_fit() {
        for (dependency, digest) in [
            (
                "- {name: redis, version: 1.2.3, repository: 'REPOSITORY'}",
                "73d0dfaf3ce45fcbc5c463dc77477d22b699950cff91e68031b658a863127882",
            ),
            (
                "- {name: redis, version: '>=1.0.0 <2', repository: 'REPOSITORY'}",
                "ba759204897ae91aa66d5bc8bb9b242c4a9eb4c3c258d5685845e21bf3609112",
            ),
            (
                "- {name: redis, version: 1.2.3, repository: 'REPOSITORY', tags: ['a&b']}",
                "7bf98dc20156496653884b6f614011a559bbade5b48336ed820739664d6b62e4",
            ),
            (
                "- name: redis\n  version: '>=1.0.0 <2'\n  repository: 'REPOSITORY'\n  alias: cache\n  \
                 condition: cache.enabled\n  tags: [a, 'b&c']\n  import-values:\n  - data\n  \
                 - child: x\n    parent: y\n",
                "d0470e4b1c3b153e94982bc676254ae76c684623f200e045740c1e8525749665",
            ),
        ] {
            let found = missing(&chart(dependency, Some(digest)), "services/app");
            let requests = found.expect("a lock that fits");
            assert_eq!(requests.len(), 1);
            assert_eq!(requests[0].range, "1.2.3", "{dependency}");
            let other = dependency.replace("name: redis", "name: redis-cluster");
            let error = missing(&chart(&other, Some(digest)), "services/app");
            let error = error.expect_err("a lock that does not fit");
            assert!(
                error.message.contains("services/app/Chart.lock"),
                "{}",
                error.message
            );
        }
    }

    #[test]
    fn what_is_local_is_not_fetched() {
        let found = missing(
            &chart(
                "- {name: a, version: '*', repository: 'file://../a'}\n\
                 - {name: b, version: '*', repository: ''}\n\
                 - {name: c, version: ^1, repository: 'oci://registry.example.org/charts'}\n\
                 - {name: c, version: ^1, repository: 'oci://registry.example.org/charts', alias: d}\n",
                None,
            ),
            "services/app",
        );
        let names: Vec<String> = found
            .expect("requests")
            .into_iter()
            .map(|request| request.to_string())
            .collect();
        assert_eq!(names, ["c ^1 of oci://registry.example.org/charts"]);
    }
}

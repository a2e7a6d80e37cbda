//! The files that new things begin with: takes what is asked for, gives texts of our own with the
//! names filled in, never reads a repository.

/// Files with their places.
pub(super) type Skeleton = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($directory:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("skeleton/", $directory, "/", $path)))),*]
    };
}

/// A Deployment with its Service.
pub(super) const DEPLOYMENT: Skeleton =
    files!("deployment": "values.yaml", "templates/deployment.yaml", "templates/service.yaml");

/// A StatefulSet with its Service and a volume.
pub(super) const STATEFULSET: Skeleton =
    files!("statefulset": "values.yaml", "templates/statefulset.yaml", "templates/service.yaml");

/// A `CronJob`.
pub(super) const CRON_JOB: Skeleton = files!("cronjob": "values.yaml", "templates/cronjob.yaml");

/// What a new repository has besides the services of the reference platform.
pub(super) const REPOSITORY: Skeleton = files!("repository":
    "README.md", "environments/values.yaml", "environments/values-sandbox.yaml");

/// The services of the reference platform that every platform has, and its root.
pub(super) const PLATFORM: Skeleton = include!(concat!(env!("OUT_DIR"), "/platform.rs"));

/// Returns a text with `@name@` and the like filled in.
pub(super) fn filled(text: &str, names: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('@') {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let known = names.iter().find_map(|(name, value)| {
            let after = rest[1..].strip_prefix(name)?.strip_prefix('@')?;
            Some((value, after))
        });
        if let Some((value, after)) = known {
            filled.push_str(value);
            rest = after;
        } else {
            filled.push('@');
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn only_known_marks_are_filled() {
        let names = [("name", "web"), ("image", "@name@")];
        assert_eq!(
            filled("a@name@b @image@ @b.c @", &names),
            "awebb @name@ @b.c @"
        );
    }
}

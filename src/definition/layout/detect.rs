//! Layouts that are known: takes a repository's directory, gives its layout where its files are
//! those of one, never reads more of a file than its name.

use std::path::Path;

use super::{Clusters, Layout, LayoutKind, NamePattern, Root};

/// The files that make a directory a platform repository, `firstlight.yaml` aside.
const MARKERS: &[&str] = &["environments/values.yaml", "science-platform/Chart.yaml"];

/// Tells whether a directory has the files of a known layout.
pub(in crate::definition) fn is_marked(root: &Path) -> bool {
    MARKERS.iter().any(|marker| root.join(marker).is_file())
}

/// Returns the known layout that a repository has; firstlight's own where it has none.
///
/// Phalanx has had its parent chart in two places: `science-platform/` until January 2023, with
/// charts in `services/`, and `environments/` since, with charts in `applications/`.
pub(in crate::definition) fn detected(root: &Path) -> Layout {
    let has = |path: &str| root.join(path).is_file();
    if has("bootstrap/Chart.yaml") && has("environments/values.yaml") {
        return own();
    }
    for (parent, services) in [
        ("environments", "applications"),
        ("science-platform", "services"),
    ] {
        if has(&format!("{parent}/Chart.yaml")) {
            return phalanx(parent, services);
        }
    }
    own()
}

fn own() -> Layout {
    Layout {
        kind: LayoutKind::Own,
        environments: pattern("environments/values-*.yaml"),
        roots: vec![Root {
            path: "bootstrap".to_owned(),
            value_files: vec![
                "environments/values.yaml".to_owned(),
                "environments/values-*.yaml".to_owned(),
            ],
            name: Some("platform".to_owned()),
            namespace: Some("argocd".to_owned()),
            ..Root::default()
        }],
        services: Some("services".to_owned()),
        url: None,
        revision: None,
        clusters: Clusters::Own,
    }
}

fn phalanx(parent: &str, services: &str) -> Layout {
    let own = format!("{parent}/values-*.yaml");
    Layout {
        kind: LayoutKind::Phalanx,
        environments: pattern(&own),
        roots: vec![Root {
            path: parent.to_owned(),
            value_files: vec![format!("{parent}/values.yaml"), own],
            name: Some("science-platform".to_owned()),
            namespace: Some("argocd".to_owned()),
            ..Root::default()
        }],
        services: Some(services.to_owned()),
        url: None,
        revision: None,
        clusters: Clusters::Own,
    }
}

fn pattern(text: &str) -> Vec<NamePattern> {
    NamePattern::parse(text).into_iter().collect()
}

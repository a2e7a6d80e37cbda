//! The rules about `crds/`: takes a loaded chart, tells which files hold something else than
//! custom resource definitions, never renders (these files are no templates).

use super::templates::Head;
use super::{EntryKind, Linter};
use crate::chart::Chart;
use crate::manifest::{self, Cut};

const DIRECTORY: &str = "crds";

pub(super) fn check(linter: &mut Linter<'_>, chart: &Chart) {
    match linter.material.kind(DIRECTORY) {
        EntryKind::Missing => return,
        EntryKind::File => {
            linter.error("crds-directory", DIRECTORY, None, "not a directory");
            return;
        }
        EntryKind::Directory => {}
    }
    for (path, text) in files(chart, "") {
        for Cut {
            line,
            text: document,
            ..
        } in manifest::split(&text)
        {
            let head = match Head::read(document) {
                Ok(Some(head)) => head,
                Ok(None) => continue,
                Err(error) => {
                    let at = line + error.line.saturating_sub(1);
                    let message = format!("unable to parse YAML: {}", error.message);
                    linter.error("invalid-yaml", &path, Some(at), message);
                    return;
                }
            };
            if !head.api_version.starts_with("apiextensions.k8s.io") {
                let message = "apiVersion is not in \"apiextensions.k8s.io\"";
                linter.error("no-definition", &path, Some(line), message);
            }
            if head.kind != "CustomResourceDefinition" {
                let message = "the kind is not \"CustomResourceDefinition\"";
                linter.error("no-definition", &path, Some(line), message);
            }
        }
    }
}

/// Returns the files of the chart and of those below it, with their paths.
fn files(chart: &Chart, prefix: &str) -> Vec<(String, String)> {
    let own = chart
        .crds()
        .map(|file| (format!("{prefix}{}", file.path), file.text().into_owned()));
    let below = chart
        .subcharts
        .iter()
        .flat_map(|below| files(below, &format!("{prefix}charts/{}/", below.name())));
    own.chain(below).collect()
}

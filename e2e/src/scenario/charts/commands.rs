//! `firstlight chart` beside helm: the same words, the same archives, the same output.

use std::path::Path;

use serde_json::Value;

use super::error::{ChartsError, read, write};
use super::files::files;
use super::{Stage, same};
use crate::manifest;
use crate::report;
use crate::scenario::Failure;

impl Stage<'_> {
    /// `firstlight chart` is for people without helm: the same archives, the same output.
    pub(super) fn chart_commands_do_what_helm_does(&self) -> Result<(), Failure> {
        let registry = format!("oci://{}/charts/greeting", self.registry.address);
        let oci = [registry.as_str(), "--version", "^1.0.0"];
        let web = [
            "greeting",
            "--repo",
            &self.shelves.open,
            "--version",
            "~1.1",
        ];
        let authority = self.authority.certificate.display().to_string();
        for (chart, archive) in [
            (oci.as_slice(), "greeting-1.2.0.tgz"),
            (&web, "greeting-1.1.1.tgz"),
        ] {
            for words in [
                &["show", "chart"][..],
                &["show", "values"],
                &["template", "rel"],
            ] {
                let helm = self.user.helm().args(words).args(chart);
                let helm = helm.args(["--ca-file", &authority]).text()?;
                let ours = self.user.must(&[&["chart"], words, chart].concat())?;
                same(&format!("`chart {}`", words.join(" ")), &helm, &ours)?;
            }
            let (ours, helm) = (
                self.folder.join("pulled"),
                self.folder.join("pulled-by-helm"),
            );
            for folder in [&ours, &helm] {
                std::fs::create_dir_all(folder).map_err(ChartsError::file(folder))?;
            }
            let into = ours.display().to_string();
            self.user
                .must(&[&["chart", "pull"], chart, &["--destination", &into]].concat())?;
            let pull = self.user.helm().arg("pull").args(chart);
            pull.args(["--ca-file", &authority, "--destination"])
                .arg(&helm)
                .text()?;
            let same_bytes = read(&ours.join(archive))? == read(&helm.join(archive))?;
            same(&format!("the bytes of {archive}"), &true, &same_bytes)?;
        }
        self.dependencies_are_built_as_by_helm()?;
        report::step("chart template, show, pull and dependency do what helm does");
        Ok(())
    }

    /// After `chart dependency update`, the folder holds what helm left in its own copy.
    fn dependencies_are_built_as_by_helm(&self) -> Result<(), Failure> {
        for service in ["registry", "web", "login", "moved"] {
            let helm = self.folder.join("by-helm").join(service);
            let ours = self.folder.join("by-firstlight").join(service);
            std::fs::create_dir_all(&ours).map_err(ChartsError::file(&ours))?;
            let metadata = read(&helm.join("Chart.yaml"))?;
            write(&ours.join("Chart.yaml"), metadata)?;
            let folder = ours.display().to_string();
            self.user
                .must(&["chart", "dependency", "update", &folder])?;
            let content = |root: &Path| -> Result<Vec<(String, Vec<u8>)>, ChartsError> {
                let archives = files(&root.join("charts"))?;
                archives
                    .iter()
                    .map(|path| {
                        let name = path.strip_prefix(root).unwrap_or(path);
                        Ok((name.display().to_string(), read(path)?))
                    })
                    .collect()
            };
            let lock = |root: &Path| -> Result<Vec<Value>, Failure> {
                let text = String::from_utf8_lossy(&read(&root.join("Chart.lock"))?).into_owned();
                let mut lock = manifest::from_yaml(&text)?;
                for each in &mut lock {
                    // Each was written at its own time.
                    each["generated"] = Value::Null;
                }
                Ok(lock)
            };
            let what = format!("the charts that {service} depends on");
            same(&what, &true, &(content(&helm)? == content(&ours)?))?;
            same(
                &format!("Chart.lock of {service}"),
                &lock(&helm)?,
                &lock(&ours)?,
            )?;
        }
        Ok(())
    }
}

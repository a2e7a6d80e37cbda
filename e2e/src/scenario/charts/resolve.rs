//! Which chart is meant: ranges, digests and redirects, held against helm and the web servers' log.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::error::{ChartsError, read};
use super::servers::Request;
use super::{Stage, same, versions};
use crate::command::Command;
use crate::manifest;
use crate::report;
use crate::scenario::Failure;

impl Stage<'_> {
    /// Every range gives the version that helm chooses, and the manifests that helm renders with it.
    pub(super) fn ranges_are_resolved_as_helm_does(&self) -> Result<(), Failure> {
        self.user.must(&["lock"])?;
        let found = versions(&self.user.rendered(&[])?);
        let expected: BTreeMap<String, String> = [
            ("registry-greeting", "1.2.0"),
            ("web-greeting", "1.1.1"),
            ("login-greeting", "1.2.0"),
            ("moved-farewell", "1.0.0"),
            ("chart-of-registry-greeting", "2.0.0"),
            ("chart-of-web-greeting", "1.0.0"),
        ]
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .into();
        same("the versions", &expected, &found)?;
        for service in ["registry", "web", "login", "moved"] {
            self.helm_renders_the_same(service)?;
        }
        self.the_lock_has_the_digests_of_helm()?;
        report::step(&format!(
            "{} ranges are resolved as helm does",
            expected.len()
        ));
        Ok(())
    }

    fn helm_renders_the_same(&self, service: &str) -> Result<(), Failure> {
        let copy = self.folder.join("by-helm").join(service);
        std::fs::create_dir_all(&copy).map_err(ChartsError::file(&copy))?;
        let chart = self.user.platform.join("services").join(service);
        Command::new("cp")
            .arg("-R")
            .arg(chart.join("."))
            .arg(&copy)
            .text()?;
        self.user
            .helm()
            .args(["dependency", "update", "--ca-file"])
            .arg(&self.authority.certificate)
            .arg(&copy)
            .text()?;
        let text = self
            .user
            .helm()
            .args(["template", service])
            .arg(&copy)
            .args(["--namespace", service])
            .text()?;
        let mut helm = manifest::from_yaml(&text)?;
        for each in &mut helm {
            each["metadata"]["namespace"] = service.into();
        }
        let ours = self
            .user
            .must(&["render", "test", service, "--format", "json"])?;
        let ours: Vec<Value> = serde_json::from_str(&ours)?;
        Failure::unless_empty(
            &format!("{service} is rendered otherwise than by helm"),
            manifest::differences(&helm, &ours),
        )
    }

    /// The lock names each archive by the digest that helm's index gives it. The registry has the same
    /// archives.
    fn the_lock_has_the_digests_of_helm(&self) -> Result<(), Failure> {
        let documents = |path: PathBuf| -> Result<Value, Failure> {
            let text = String::from_utf8_lossy(&read(&path)?).into_owned();
            let mut documents = manifest::from_yaml(&text)?;
            documents
                .pop()
                .ok_or_else(|| Failure::of(format!("{} is empty", path.display())))
        };
        let index = documents(self.shelves.closed_files.join("index.yaml"))?;
        let lock = documents(self.user.platform.join("firstlight.lock"))?;
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let locked = list(&lock["charts"]);
        let mut wrong: Vec<String> = Vec::new();
        for chart in &locked {
            let entries = list(&index["entries"][chart["name"].as_str().unwrap_or_default()]);
            let helm = entries
                .iter()
                .find(|entry| entry["version"] == chart["version"])
                .and_then(|entry| entry["digest"].as_str());
            let digest = chart["digest"].as_str().unwrap_or_default();
            if helm.map(|helm| format!("sha256:{helm}")).as_deref() != Some(digest) {
                wrong.push(format!("{chart}, helm: {helm:?}"));
            }
        }
        same("the number of locked charts", &6, &locked.len())?;
        Failure::unless_empty("the lock has other digests than helm's index", wrong)
    }

    /// A server that redirects to another host makes nobody show the password there.
    pub(super) fn credentials_stay_with_their_host(&self) -> Result<(), Failure> {
        let requests = self.shelves.requests()?;
        for server in ["closed", "elsewhere"] {
            let asked =
                |each: &Request| each.server == server && each.path == "/moved/farewell-1.0.0.tgz";
            if !requests.iter().any(asked) {
                let what = format!("the redirected chart was not asked for at {server}");
                return Err(Failure::of(what));
            }
        }
        let closed = |each: &Request| each.server == "closed";
        if !(requests.iter()).any(|each| closed(each) && each.authorized && each.status == 200) {
            return Err(Failure::of("the closed web server saw no password at all"));
        }
        let leaked: Vec<String> = requests
            .iter()
            .filter(|each| each.authorized && !closed(each))
            .map(|each| format!("{} {}", each.server, each.path))
            .collect();
        Failure::unless_empty("a password went to a host that it is not for", leaked)?;
        report::step("a redirect to another host carries no password");
        Ok(())
    }
}

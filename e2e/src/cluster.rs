//! The way to a cluster: takes a kubeconfig and a context, gives kubectl's answers as JSON. Never
//! writes unless a scenario asks for it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::command::{Command, CommandError};

/// How to reach the cluster, as the scripts say it.
#[derive(Debug, Args)]
pub(crate) struct Access {
    /// The kubeconfig; without it there is no cluster.
    #[arg(long)]
    kubeconfig: Option<PathBuf>,
    /// The context in it.
    #[arg(long, default_value = "kind-firstlight")]
    context: String,
    /// The API server's audit log.
    #[arg(long)]
    audit_log: Option<PathBuf>,
    /// The address of this machine as pods see it.
    #[arg(long, default_value = "127.0.0.1")]
    gateway: String,
    /// The address at which the ingress controller listens on ports 80 and 443.
    #[arg(long, default_value = "127.0.0.1")]
    ingress: String,
}

impl Access {
    /// Returns the cluster, where there is one.
    pub(crate) fn into_cluster(self) -> Option<Cluster> {
        Some(Cluster {
            kubeconfig: self.kubeconfig?,
            context: self.context,
            audit_log: self.audit_log,
            gateway: self.gateway,
            ingress: self.ingress,
        })
    }
}

/// A cluster that scenarios run on.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    /// The kubeconfig.
    pub(crate) kubeconfig: PathBuf,
    /// The context in it.
    pub(crate) context: String,
    /// The API server's audit log, where it can be read.
    pub(crate) audit_log: Option<PathBuf>,
    /// The address of this machine as pods see it.
    pub(crate) gateway: String,
    /// The address of the ingress controller.
    pub(crate) ingress: String,
}

impl Cluster {
    /// Returns a kubectl command for this cluster.
    pub(crate) fn kubectl<W: AsRef<std::ffi::OsStr>>(
        &self,
        words: impl IntoIterator<Item = W>,
    ) -> Command {
        Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(["--context", &self.context])
            .args(words)
    }

    /// Returns what `kubectl get WORDS -o json` says.
    pub(crate) fn get(&self, words: &[&str]) -> Result<Value, CommandError> {
        self.kubectl(["get", "-o", "json"]).args(words).json()
    }

    /// Returns the items of what `kubectl get WORDS -o json` says.
    pub(crate) fn list(&self, words: &[&str]) -> Result<Vec<Value>, CommandError> {
        let mut answer = self.get(words)?;
        match answer["items"].take() {
            Value::Array(items) => Ok(items),
            _ => Ok(vec![answer]),
        }
    }

    /// Returns one value of a Secret, decoded.
    pub(crate) fn secret(
        &self,
        namespace: &str,
        name: &str,
        key: &str,
    ) -> Result<String, CommandError> {
        let template = format!("{{{{index .data \"{key}\" | base64decode}}}}");
        self.kubectl([
            "--namespace",
            namespace,
            "get",
            "secret",
            name,
            "-o",
            "go-template",
        ])
        .arg(format!("--template={template}"))
        .text()
    }

    /// Returns the plural name of each group and kind that the cluster serves.
    pub(crate) fn resources(&self) -> Result<BTreeMap<(String, String), String>, CommandError> {
        let text = self.kubectl(["api-resources", "--no-headers"]).text()?;
        Ok(parse_resources(&text))
    }
}

/// Reads kubectl's table: the short names in the second column may be missing.
fn parse_resources(text: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [plural, .., version, _, kind] = words.as_slice() {
            let group = version.split_once('/').map_or("", |(group, _)| group);
            found.insert((group.to_owned(), (*kind).to_owned()), (*plural).to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::parse_resources;

    #[test]
    fn kinds_lead_to_plurals_with_and_without_short_names() {
        let table = "pods          po       v1        true  Pod\n\
                     deployments   deploy   apps/v1   true  Deployment\n\
                     bindings               v1        true  Binding\n";
        let found = parse_resources(table);
        assert_eq!(found[&("apps".into(), "Deployment".into())], "deployments");
        assert_eq!(found[&(String::new(), "Binding".into())], "bindings");
    }
}

//! The cluster's state after a failure: takes the cluster, gives a folder with everything that may tell
//! why, and a summary on the screen. Never fails: what cannot be read is left out and said.

use std::path::Path;

use serde_json::Value;

use crate::cluster::Cluster;
use crate::report;

/// Writes the state into a folder and the most telling part of it on the screen.
pub(crate) fn dump(cluster: &Cluster, folder: &Path) {
    if let Err(error) = std::fs::create_dir_all(folder) {
        report::say(&format!("failed to make {}: {error}", folder.display()));
        return;
    }
    report::say(&format!(
        "the state of the cluster is in {}",
        folder.display()
    ));
    let kinds = "pods,deployments,statefulsets,daemonsets,jobs,services,ingresses,\
                 persistentvolumeclaims,persistentvolumes,namespaces,nodes,configmaps";
    save(
        cluster,
        folder,
        "pods.txt",
        &["get", "pods", "-A", "-o", "wide"],
    );
    save(
        cluster,
        folder,
        "events.txt",
        &["get", "events", "-A", "--sort-by=.lastTimestamp"],
    );
    save(
        cluster,
        folder,
        "objects.yaml",
        &["get", kinds, "-A", "-o", "yaml"],
    );
    save(cluster, folder, "describe.txt", &["describe", "pods", "-A"]);
    for kind in [
        "applications.argoproj.io",
        "appprojects.argoproj.io",
        "certificates.cert-manager.io",
        "certificaterequests.cert-manager.io",
        "clusterissuers.cert-manager.io",
        "vaultsecrets.ricoberger.de",
        "customresourcedefinitions",
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
    ] {
        save(
            cluster,
            folder,
            &format!("{kind}.yaml"),
            &["get", kind, "-A", "-o", "yaml"],
        );
    }
    if let Some(log) = &cluster.audit_log {
        copy(log, &folder.join("audit.log"));
        // Beside it lie the logs of the daemons that carry the cluster.
        if let Some(logs) = log
            .parent()
            .and_then(Path::parent)
            .map(|run| run.join("log"))
            && let Ok(entries) = std::fs::read_dir(logs)
        {
            for entry in entries.flatten() {
                copy(&entry.path(), &folder.join(entry.file_name()));
            }
        }
    }
    pods(cluster, folder);
    applications(cluster);
}

fn save(cluster: &Cluster, folder: &Path, name: &str, words: &[&str]) {
    // A kind that is not there yet is no news.
    if let Ok(text) = cluster.kubectl(words).text() {
        let _ = std::fs::write(folder.join(name), text);
    }
}

fn copy(from: &Path, to: &Path) {
    if let Err(error) = std::fs::copy(from, to) {
        report::say(&format!("failed to copy {}: {error}", from.display()));
    }
}

/// Saves the logs of all containers, and shows the pods that are not ready with their last lines.
fn pods(cluster: &Cluster, folder: &Path) {
    let Ok(pods) = cluster.list(&["pods", "-A"]) else {
        report::say("the API server does not answer");
        return;
    };
    let logs = folder.join("logs");
    let _ = std::fs::create_dir_all(&logs);
    for pod in &pods {
        let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let ready = is_ready(pod);
        if !ready {
            report::say(&format!("pod {namespace}/{name}: {}", state(pod)));
        }
        for list in ["initContainers", "containers"] {
            for container in pod["spec"][list].as_array().into_iter().flatten() {
                let container = container["name"].as_str().unwrap_or_default();
                let read = |previous: &[&str]| {
                    cluster
                        .kubectl([
                            "--namespace",
                            namespace,
                            "logs",
                            name,
                            "--container",
                            container,
                        ])
                        .args(previous)
                        .output()
                        .map(|output| output.stdout)
                        .unwrap_or_default()
                };
                let text = read(&[]);
                let before = read(&["--previous"]);
                let file = logs.join(format!("{namespace}_{name}_{container}.log"));
                if !before.is_empty() {
                    let _ = std::fs::write(file.with_extension("previous.log"), &before);
                }
                if !ready {
                    let last = if text.trim().is_empty() {
                        &before
                    } else {
                        &text
                    };
                    let lines: Vec<&str> = last.lines().collect();
                    for line in &lines[lines.len().saturating_sub(5)..] {
                        report::say(&format!("    {container}: {line}"));
                    }
                }
                let _ = std::fs::write(file, text);
            }
        }
    }
}

fn is_ready(pod: &Value) -> bool {
    let ready = pod["status"]["conditions"]
        .as_array()
        .is_some_and(|conditions| {
            conditions
                .iter()
                .any(|each| each["type"] == "Ready" && each["status"] == "True")
        });
    ready || pod["status"]["phase"] == "Succeeded"
}

/// Returns why a pod is not ready: its phase, and what its containers wait for or died of.
fn state(pod: &Value) -> String {
    let status = &pod["status"];
    let mut told = vec![status["phase"].as_str().unwrap_or("?").to_owned()];
    for condition in status["conditions"].as_array().into_iter().flatten() {
        if condition["type"] == "PodScheduled" && condition["status"] == "False" {
            told.push(condition["message"].as_str().unwrap_or_default().to_owned());
        }
    }
    for list in ["initContainerStatuses", "containerStatuses"] {
        for container in status[list].as_array().into_iter().flatten() {
            let waiting = &container["state"]["waiting"];
            let ended = &container["state"]["terminated"];
            if let Some(reason) = waiting["reason"].as_str() {
                let message = waiting["message"].as_str().unwrap_or_default();
                told.push(format!("{} {reason} {message}", container["name"]));
            } else if let Some(reason) = ended["reason"].as_str().filter(|it| *it != "Completed") {
                told.push(format!(
                    "{} {reason} {}",
                    container["name"], ended["exitCode"]
                ));
            }
        }
    }
    told.join("; ")
}

/// Shows every Application that is not well, with its conditions and the resources that are not.
fn applications(cluster: &Cluster) {
    let Ok(applications) = cluster.list(&["applications.argoproj.io", "-A"]) else {
        return;
    };
    for application in &applications {
        let status = &application["status"];
        let (sync, health) = (&status["sync"]["status"], &status["health"]["status"]);
        if sync == "Synced" && health == "Healthy" {
            continue;
        }
        report::say(&format!(
            "Application {}: {sync}, {health} {}",
            application["metadata"]["name"], status["health"]["message"]
        ));
        for condition in status["conditions"].as_array().into_iter().flatten() {
            report::say(&format!(
                "    {}: {}",
                condition["type"], condition["message"]
            ));
        }
        for resource in status["resources"].as_array().into_iter().flatten() {
            let health = &resource["health"]["status"];
            if resource["status"] != "Synced" || !(health.is_null() || health == "Healthy") {
                report::say(&format!(
                    "    {} {}/{}: {} {health} {}",
                    resource["kind"],
                    resource["namespace"],
                    resource["name"],
                    resource["status"],
                    resource["health"]["message"],
                ));
            }
        }
        let operation = &status["operationState"];
        if operation["phase"].is_string() && operation["phase"] != "Succeeded" {
            report::say(&format!(
                "    {}: {}",
                operation["phase"], operation["message"]
            ));
        }
    }
}

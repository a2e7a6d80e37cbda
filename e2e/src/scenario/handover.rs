//! Handover: Argo CD says of all Applications that they are Synced and Healthy, without having written
//! to any object; then a change pushed to Git reaches the cluster through it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::install::{self, ENVIRONMENT};
use super::{Context, Failure, Installed};
use crate::audit::{AuditLog, Event};
use crate::cluster::Cluster;
use crate::command::Command;
use crate::manifest;
use crate::report::{self, Stopwatch};
use crate::wait;

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    install::install(context)?;
    let cluster = context.cluster()?;
    let Some(installed) = &context.installed else {
        return Err(Failure::of("nothing is installed"));
    };
    let services = installed.plan.by_name();
    let Some(home) = services
        .get("argocd")
        .map(|service| service.namespace.clone())
    else {
        return Err(Failure::of("the plan has no argocd"));
    };
    let applications = all_are_well(cluster, &home, installed)?;
    report::step(&format!(
        "{applications} Applications are Synced and Healthy"
    ));
    argocd_wrote_nothing(cluster, &home)?;
    a_change_reaches_the_cluster(context, cluster, &home, installed)
}

/// Waits until Argo CD says of the root and of every service that it is Synced and Healthy. Returns
/// how many Applications there are.
fn all_are_well(cluster: &Cluster, home: &str, installed: &Installed) -> Result<usize, Failure> {
    wait::until(
        "that Argo CD finds all as it is in Git",
        Duration::from_mins(4),
        || {
            let live = cluster.list(&["applications.argoproj.io", "--namespace", home])?;
            let mut missing: BTreeSet<&str> = installed.plan.by_name().into_keys().collect();
            let mut told = Vec::new();
            for application in &live {
                let name = application["metadata"]["name"].as_str().unwrap_or_default();
                missing.remove(name);
                let status = &application["status"];
                let (sync, health) = (&status["sync"]["status"], &status["health"]["status"]);
                if sync != "Synced" || health != "Healthy" {
                    told.push(format!("{name} is {sync} and {health}"));
                }
            }
            told.extend(
                missing
                    .iter()
                    .map(|name| format!("{name} has no Application")),
            );
            if live.len() <= installed.plan.services.len() {
                told.push("there is no root Application".to_owned());
            }
            Ok(if told.is_empty() {
                Ok(live.len())
            } else {
                Err(told.join(", "))
            })
        },
    )
}

/// Asserts that Argo CD's controller changed nothing but the status of Applications.
fn argocd_wrote_nothing(cluster: &Cluster, home: &str) -> Result<(), Failure> {
    let Some(path) = &cluster.audit_log else {
        report::step("no audit log: Argo CD's writes were not looked at");
        return Ok(());
    };
    let writes: Vec<String> = AuditLog::whole(path)
        .writes()?
        .iter()
        .filter(|event| by_controller(event, home) && !is_bookkeeping(event, home))
        .map(Event::line)
        .collect();
    Failure::unless_empty("Argo CD wrote to objects that it took over", writes)?;
    report::step("Argo CD wrote to none of the objects that it took over");
    Ok(())
}

fn by_controller(event: &Event, home: &str) -> bool {
    event.user.username == format!("system:serviceaccount:{home}:argocd-application-controller")
}

/// Tells whether a write of the controller is about its own records: the status of its Applications
/// and projects, which it patches without naming a field manager. A synchronisation names one, and
/// begins with an update of the Application: neither is bookkeeping.
fn is_bookkeeping(event: &Event, home: &str) -> bool {
    let object = &event.object_ref;
    object.api_group == "argoproj.io"
        && object.namespace == home
        && event.verb == "patch"
        && !event.request_uri.contains("fieldManager=")
        && matches!(object.resource.as_str(), "applications" | "appprojects")
}

/// Adds an object to a service in Git, pushes, and waits until Argo CD has brought it to the cluster.
fn a_change_reaches_the_cluster(
    context: &Context,
    cluster: &Cluster,
    home: &str,
    installed: &Installed,
) -> Result<(), Failure> {
    let change = Change::of(&context.repository, &installed.platform.folder)?;
    let name = "changed-in-git";
    let stamp = format!("{:?}", std::time::SystemTime::now());
    let file = installed.platform.folder.join(&change.file);
    let manifest = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name}, "data": {"stamp": stamp},
    });
    std::fs::write(&file, format!("{manifest}\n"))
        .map_err(|error| Failure::of(format!("failed to write {}: {error}", file.display())))?;
    installed.platform.push("Add an object")?;
    let began = Stopwatch::start();

    let service = change.service.as_str();
    let application = ["applications.argoproj.io", service, "--namespace", home];
    let live = cluster.get(&application)?;
    // What a webhook of the Git server would do, instead of waiting for the next look at Git.
    let mut patch = json!({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}});
    if !is_automated(&live) {
        // Where a person decides when to synchronise, be that person.
        patch["operation"] = json!({"sync": {}, "initiatedBy": {"username": "e2e"}});
    }
    cluster
        .kubectl(["patch", "--type", "merge", "--patch", &patch.to_string()])
        .args(application)
        .text()?;
    let namespace = live["spec"]["destination"]["namespace"]
        .as_str()
        .unwrap_or_default();
    wait::until(
        "that the change in Git is in the cluster",
        Duration::from_mins(3),
        || {
            let output = cluster
                .kubectl([
                    "get",
                    "configmap",
                    name,
                    "--namespace",
                    namespace,
                    "-o",
                    "json",
                ])
                .output()?;
            let found: Value = serde_json::from_str(&output.stdout).unwrap_or_default();
            Ok::<_, Failure>(if found["data"]["stamp"] == stamp.as_str() {
                Ok(())
            } else {
                Err(format!(
                    "ConfigMap {namespace}/{name} is not there or not this one: {}",
                    output.stderr
                ))
            })
        },
    )?;
    if let Some(path) = &cluster.audit_log {
        let came_by_argocd = AuditLog::whole(path).writes()?.iter().any(|event| {
            event.object_ref.resource == "configmaps"
                && event.object_ref.name == name
                && by_controller(event, home)
        });
        if !came_by_argocd {
            return Err(Failure::of(
                "the change reached the cluster, but not through Argo CD",
            ));
        }
    }
    all_are_well(cluster, home, installed)?;
    report::step(&format!(
        "a change in Git reached the cluster through Argo CD in {began}"
    ));
    Ok(())
}

fn is_automated(application: &Value) -> bool {
    let automated = &application["spec"]["syncPolicy"]["automated"];
    automated.is_object() && automated["enabled"] != false
}

/// Where to add an object: a service whose Application reads a plain directory, where a new file is a
/// new object.
struct Change {
    service: String,
    file: String,
}

impl Change {
    fn of(checkout: &Path, platform: &Path) -> Result<Self, Failure> {
        let text = Command::new("helm")
            .args([
                "template",
                "platform",
                "bootstrap",
                "--values",
                "environments/values.yaml",
            ])
            .arg("--values")
            .arg(format!("environments/values-{ENVIRONMENT}.yaml"))
            .folder(checkout)
            .text()?;
        for application in manifest::from_yaml(&text)? {
            let Some(path) = application["spec"]["source"]["path"].as_str() else {
                continue;
            };
            let folder = platform.join(path);
            let other = ["Chart.yaml", "kustomization.yaml", "kustomization.yml"];
            if application["kind"] == "Application"
                && !other.iter().any(|it| folder.join(it).exists())
            {
                return Ok(Self {
                    service: application["metadata"]["name"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    file: format!("{path}/changed-in-git.yaml"),
                });
            }
        }
        Err(Failure::of(
            "no service of the platform is a plain directory",
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{by_controller, is_bookkeeping};
    use crate::audit::Event;

    fn event(verb: &str, uri: &str) -> Event {
        serde_json::from_value(json!({
            "verb": verb, "requestURI": uri, "requestReceivedTimestamp": "",
            "user": {"username": "system:serviceaccount:argocd:argocd-application-controller"},
            "objectRef": {"apiGroup": "argoproj.io", "resource": "applications", "namespace": "argocd", "name": "a"},
        }))
        .unwrap()
    }

    #[test]
    fn a_synchronisation_is_no_bookkeeping() {
        let status = event(
            "patch",
            "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a",
        );
        assert!(by_controller(&status, "argocd") && is_bookkeeping(&status, "argocd"));
        assert!(!is_bookkeeping(
            &event("patch", "/x?fieldManager=argocd-controller"),
            "argocd"
        ));
        assert!(!is_bookkeeping(&event("update", "/x"), "argocd"));
    }
}

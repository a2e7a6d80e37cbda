//! Installation: the reference platform, copied as a user would, comes up on an empty cluster as real
//! pods; the portal answers over TLS with what its database holds; the order of writes respects every
//! edge of the plan; a second run writes nothing.

use std::time::Duration;

use serde_json::Value;

use super::{Context, Failure, Installed};
use crate::audit::AuditLog;
use crate::cluster::Cluster;
use crate::command::Command;
use crate::order::{Log, condition};
use crate::plan::{Plan, Service};
use crate::platform::Platform;
use crate::report::{self, Stopwatch};
use crate::wait;

pub(super) const ENVIRONMENT: &str = "kind";

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    install(context)?;
    let cluster = context.cluster()?;
    let Some(installed) = &context.installed else {
        return Err(Failure::of("nothing is installed"));
    };
    let pods = workloads_are_ready(cluster, &installed.plan)?;
    report::step(&format!(
        "{} services ready, {pods} pods",
        installed.plan.services.len()
    ));
    portal_answers(context, cluster, &installed.plan)?;
    report::step("the portal answers over TLS, from its database");
    order_is_kept(cluster, &installed.plan)?;
    second_run_writes_nothing(context, cluster)
}

/// Installs the platform, unless a scenario of this run did.
pub(super) fn install(context: &mut Context) -> Result<(), Failure> {
    if context.installed.is_some() {
        return Ok(());
    }
    let cluster = context.cluster()?;
    let platform = Platform::new(
        &context.repository,
        &context.output,
        ENVIRONMENT,
        &cluster.gateway,
    )?;
    let text = Command::new(&context.firstlight)
        .args(["plan", ENVIRONMENT, "--format", "json"])
        .folder(&platform.folder)
        .text()?;
    let plan: Plan = serde_json::from_str(&text)?;
    if plan.version != 1 || plan.services.is_empty() {
        return Err(Failure::of(format!(
            "the plan is of version {} and has {} services",
            plan.version,
            plan.services.len()
        )));
    }
    waves_grow(&plan)?;
    let began = Stopwatch::start();
    let log = context.output.join("install.log");
    firstlight_install(context, cluster, &platform).into_file(&log)?;
    report::step(&format!(
        "installed in {began}; its output: {}",
        log.display()
    ));
    context.installed = Some(Installed { platform, plan });
    Ok(())
}

/// Returns the command that a user would type.
fn firstlight_install(context: &Context, cluster: &Cluster, platform: &Platform) -> Command {
    Command::new(&context.firstlight)
        .args(["install", ENVIRONMENT, "--context", &cluster.context, "-y"])
        .folder(&platform.folder)
        .variable("KUBECONFIG", &cluster.kubeconfig)
}

/// Every service's wave is greater than those of the services that it waits for.
fn waves_grow(plan: &Plan) -> Result<(), Failure> {
    let services = plan.by_name();
    let mut told = Vec::new();
    for service in &plan.services {
        for edge in &service.edges {
            match services.get(edge.service.as_str()) {
                Some(awaited) if awaited.wave < service.wave => {}
                Some(awaited) => told.push(format!(
                    "{} of wave {} waits for {} of wave {}",
                    service.name, service.wave, awaited.name, awaited.wave
                )),
                None => told.push(format!(
                    "{} waits for {}, which is not there",
                    service.name, edge.service
                )),
            }
        }
    }
    Failure::unless_empty("the plan's waves do not respect its edges", told)
}

/// Asserts that all workloads of all services are ready, as pods with containers that run. Returns how
/// many pods there are.
fn workloads_are_ready(cluster: &Cluster, plan: &Plan) -> Result<usize, Failure> {
    let mut told = Vec::new();
    let mut count = 0;
    for service in &plan.services {
        let mut wanted = 0;
        for object in &service.objects {
            let resource = match object.kind.as_str() {
                "Deployment" => "deployments.apps",
                "StatefulSet" => "statefulsets.apps",
                "DaemonSet" => "daemonsets.apps",
                _ => continue,
            };
            let namespace = object.namespace.as_deref().unwrap_or(&service.namespace);
            let live = cluster.get(&[resource, &object.name, "--namespace", namespace])?;
            let status = &live["status"];
            let replicas = live["spec"]["replicas"]
                .as_i64()
                .or(status["desiredNumberScheduled"].as_i64())
                .unwrap_or(1);
            let ready = status["readyReplicas"]
                .as_i64()
                .or(status["numberReady"].as_i64())
                .unwrap_or(0);
            wanted += replicas;
            if ready < replicas || replicas < 1 {
                told.push(format!(
                    "{}: {} has {ready} of {replicas} ready",
                    service.name,
                    object.spoken()
                ));
            }
        }
        let running = running_pods(cluster, service)?;
        count += running;
        if i64::try_from(running).unwrap_or(i64::MAX) < wanted {
            told.push(format!(
                "{}: {running} running pods, not {wanted}",
                service.name
            ));
        }
    }
    Failure::unless_empty("not everything is ready after the installation", told)?;
    Ok(count)
}

/// Returns how many pods in a service's namespace run with containers that a container runtime gave
/// an identity to.
fn running_pods(cluster: &Cluster, service: &Service) -> Result<usize, Failure> {
    let pods = cluster.list(&["pods", "--namespace", &service.namespace])?;
    Ok(pods
        .iter()
        .filter(|pod| pod["status"]["phase"] == "Running")
        .filter(|pod| {
            pod["status"]["containerStatuses"]
                .as_array()
                .is_some_and(|containers| {
                    !containers.is_empty()
                        && containers.iter().all(|container| {
                            container["ready"] == true
                                && container["containerID"]
                                    .as_str()
                                    .is_some_and(|id| id.starts_with("containerd://"))
                        })
                })
        })
        .count())
}

/// Asserts that the portal's certificate was issued, and that the portal answers through the ingress,
/// with a certificate that the platform's own authority signed, with what only its database knows.
fn portal_answers(context: &Context, cluster: &Cluster, plan: &Plan) -> Result<(), Failure> {
    let services = plan.by_name();
    let (Some(portal), Some(issuer_home)) = (services.get("portal"), services.get("cert-manager"))
    else {
        return Err(Failure::of("the plan has no portal or no cert-manager"));
    };
    let namespace = portal.namespace.as_str();
    let certificates = cluster.list(&["certificates.cert-manager.io", "--namespace", namespace])?;
    let Some(certificate) = certificates.first() else {
        return Err(Failure::of("the portal has no Certificate"));
    };
    if !certificates.iter().all(|each| condition(each, "Ready")) {
        return Err(Failure::of("the portal's Certificate is not issued"));
    }
    let authority = authority(cluster, certificate, &issuer_home.namespace)?;
    let bundle = context.output.join("authority.pem");
    std::fs::write(&bundle, authority)
        .map_err(|error| Failure::of(format!("failed to write {}: {error}", bundle.display())))?;

    let ingresses = cluster.list(&["ingresses", "--namespace", namespace])?;
    let host = ingresses
        .iter()
        .find_map(|each| each["spec"]["rules"][0]["host"].as_str())
        .ok_or_else(|| Failure::of("the portal has no Ingress with a host"))?;
    let password = cluster.secret(namespace, "portal", "admin-password")?;
    let ask = |path: &str| {
        Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--fail",
                "--max-time",
                "10",
                "--noproxy",
                "*",
            ])
            .arg("--cacert")
            .arg(&bundle)
            .arg("--resolve")
            .arg(format!("{host}:443:{}", cluster.ingress))
            .args(["--config", "-"])
            .input(format!("user = \"admin:{password}\"\n"))
            .arg(format!("https://{host}{path}"))
    };
    // The ingress controller may read the certificate a moment after it was issued.
    let page = wait::until::<_, Failure>("the portal's page", Duration::from_secs(30), || {
        let output = ask("/").output()?;
        Ok(if output.code == 0 {
            Ok(output.stdout)
        } else {
            Err(output.stderr)
        })
    })?;
    if !page.contains("Miniflux") {
        return Err(Failure::of(format!(
            "the portal's page is not Miniflux's: {page:.300}"
        )));
    }
    // Who it is that asks stands in the database's table of users, and nowhere else.
    let me = ask("/v1/me").json()?;
    if me["username"] != "admin" || me["is_admin"] != true {
        return Err(Failure::of(format!(
            "the portal does not know its administrator: {me}"
        )));
    }
    let output = ask("/v1/me").input("user = \"admin:wrong\"\n").output()?;
    if output.code == 0 {
        return Err(Failure::of(
            "the portal lets in whoever comes: it did not ask its database",
        ));
    }
    Ok(())
}

/// Returns the certificate of the authority that a Certificate's issuer signs with, from the cluster.
fn authority(cluster: &Cluster, certificate: &Value, home: &str) -> Result<String, Failure> {
    let reference = &certificate["spec"]["issuerRef"];
    let name = reference["name"].as_str().unwrap_or_default();
    let (issuer, namespace) = if reference["kind"] == "ClusterIssuer" {
        (
            cluster.get(&["clusterissuers.cert-manager.io", name])?,
            home,
        )
    } else {
        let namespace = certificate["metadata"]["namespace"]
            .as_str()
            .unwrap_or_default();
        (
            cluster.get(&["issuers.cert-manager.io", name, "--namespace", namespace])?,
            namespace,
        )
    };
    let Some(secret) = issuer["spec"]["ca"]["secretName"].as_str() else {
        return Err(Failure::of(format!(
            "issuer {name} has no authority of the platform's own"
        )));
    };
    Ok(cluster.secret(namespace, secret, "tls.crt")?)
}

/// Asserts that no service was begun before what it waits for had come far enough.
fn order_is_kept(cluster: &Cluster, plan: &Plan) -> Result<(), Failure> {
    let Some(path) = &cluster.audit_log else {
        report::step("no audit log: the order of writes was not looked at");
        return Ok(());
    };
    let events = AuditLog::whole(path).writes()?;
    let resources = cluster.resources()?;
    let ours = events.iter().filter(|event| event.by_firstlight()).count();
    if ours == 0 {
        return Err(Failure::of("the audit log has no write by firstlight"));
    }
    let edges: usize = plan
        .services
        .iter()
        .map(|service| service.edges.len())
        .sum();
    Failure::unless_empty(
        "the order of writes does not respect the plan",
        Log::new(&events, &resources).faults(plan),
    )?;
    report::step(&format!(
        "{ours} writes in the audit log respect {edges} edges"
    ));
    Ok(())
}

/// Asserts that installing again changes nothing.
fn second_run_writes_nothing(context: &Context, cluster: &Cluster) -> Result<(), Failure> {
    let Some(installed) = &context.installed else {
        return Err(Failure::of("nothing is installed"));
    };
    let since = cluster
        .audit_log
        .as_deref()
        .map(AuditLog::from_now)
        .transpose()?;
    let began = Stopwatch::start();
    let log = context.output.join("install-again.log");
    firstlight_install(context, cluster, &installed.platform).into_file(&log)?;
    let Some(since) = since else {
        report::step("no audit log: the writes of the second run were not looked at");
        return Ok(());
    };
    let writes: Vec<String> = since
        .writes()?
        .iter()
        .filter(|event| event.by_firstlight())
        .map(crate::audit::Event::line)
        .collect();
    Failure::unless_empty("the second installation wrote", writes)?;
    report::step(&format!("the second run took {began} and wrote nothing"));
    Ok(())
}

//! Rendering: for every environment and every service, firstlight's objects equal those of the real
//! helm with the Application's values and parameters, of the real kustomize, or of the files as they
//! are; and for our own small charts, `firstlight chart template` prints what the real helm prints.
//! Takes the checkout, needs no cluster.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Context, Failure, small_charts};
use crate::command::Command;
use crate::manifest::{self, Scopes};
use crate::report;

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    let environments = environments(&context.repository)?;
    let mut told = Vec::new();
    let mut objects = 0;
    for environment in &environments {
        let before = objects;
        let applications = applications(&context.repository, environment)?;
        let mut rendered = Vec::new();
        let mut scopes = Scopes::default();
        for application in &applications {
            let manifests = render(&context.repository, application)?;
            scopes.learn(&manifests);
            rendered.push((application, manifests));
        }
        for (application, mut manifests) in rendered {
            let name = string(&application["metadata"]["name"]);
            let namespace = string(&application["spec"]["destination"]["namespace"]);
            for manifest in &mut manifests {
                scopes.fill(manifest, &namespace);
            }
            objects += manifests.len();
            match firstlight_render(context, environment, &name) {
                Ok(found) => told.extend(
                    manifest::differences(&manifests, &found)
                        .into_iter()
                        .map(|line| format!("{environment} {name}: {line}")),
                ),
                // The other services are still worth a look.
                Err(error) => told.push(format!("{environment} {name}: {error}")),
            }
        }
        report::step(&format!(
            "{environment}: {} services, {} objects",
            applications.len(),
            objects - before
        ));
    }
    if objects == 0 {
        return Err(Failure::of("no environment renders any object"));
    }
    Failure::unless_empty(
        "firstlight renders something else than the real renderers",
        told,
    )?;
    small_charts::run(context)
}

/// Returns what firstlight renders for a service.
fn firstlight_render(
    context: &Context,
    environment: &str,
    service: &str,
) -> Result<Vec<Value>, Failure> {
    let rendered = Command::new(&context.firstlight)
        .args(["render", environment, service, "--format", "json"])
        .folder(&context.repository)
        .json()?;
    match rendered {
        Value::Array(manifests) => Ok(manifests),
        _ => Err(Failure::of(
            "`firstlight render --format json` printed no array",
        )),
    }
}

/// Returns the names of the environments: of the files environments/values-NAME.yaml.
fn environments(repository: &Path) -> Result<BTreeSet<String>, Failure> {
    let folder = repository.join("environments");
    let entries = std::fs::read_dir(&folder)
        .map_err(|error| Failure::of(format!("failed to read {}: {error}", folder.display())))?;
    Ok(entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(
                name.strip_prefix("values-")?
                    .strip_suffix(".yaml")?
                    .to_owned(),
            )
        })
        .collect())
}

/// Returns the Applications of services, as the real helm renders them from bootstrap/.
fn applications(repository: &Path, environment: &str) -> Result<Vec<Value>, Failure> {
    let text = Command::new("helm")
        .args(["template", "platform", "bootstrap"])
        .args(["--values", "environments/values.yaml"])
        .arg("--values")
        .arg(format!("environments/values-{environment}.yaml"))
        .folder(repository)
        .text()?;
    let mut manifests = manifest::from_yaml(&text)?;
    // The root is an Application, too: the one whose source is bootstrap/ itself.
    manifests.retain(|each| {
        each["kind"] == "Application" && each["spec"]["source"]["path"] != "bootstrap"
    });
    Ok(manifests)
}

/// Returns what Argo CD would render for an Application.
fn render(repository: &Path, application: &Value) -> Result<Vec<Value>, Failure> {
    let source = &application["spec"]["source"];
    let Some(path) = source["path"].as_str() else {
        return Err(Failure::of(format!(
            "Application {} has no single source with a path, which this scenario cannot render",
            application["metadata"]["name"]
        )));
    };
    let folder = repository.join(path);
    if folder.join("Chart.yaml").exists() {
        helm(&folder, application)
    } else if ["kustomization.yaml", "kustomization.yml"]
        .iter()
        .any(|it| folder.join(it).exists())
    {
        allow(source, "kustomize", &[])?;
        let text = Command::new("kustomize").arg("build").arg(&folder).text()?;
        Ok(manifest::from_yaml(&text)?)
    } else {
        allow(source, "directory", &["recurse"])?;
        let mut all = Vec::new();
        for file in files(&folder, source["directory"]["recurse"] == true)? {
            let text = std::fs::read_to_string(&file).map_err(|error| {
                Failure::of(format!("failed to read {}: {error}", file.display()))
            })?;
            all.extend(manifest::from_yaml(&text)?);
        }
        Ok(all)
    }
}

/// Fails where an Application asks for something that the oracle here would leave out.
fn allow(source: &Value, section: &str, known: &[&str]) -> Result<(), Failure> {
    let unknown: Vec<String> = source[section]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .filter(|key| !known.contains(&key.as_str()))
        .collect();
    Failure::unless_empty(
        &format!("this scenario does not know these fields of source.{section}"),
        unknown,
    )
}

fn helm(folder: &Path, application: &Value) -> Result<Vec<Value>, Failure> {
    let source = &application["spec"]["source"];
    let settings = &source["helm"];
    allow(
        source,
        "helm",
        &[
            "valueFiles",
            "values",
            "valuesObject",
            "parameters",
            "releaseName",
            "ignoreMissingValueFiles",
            "skipCrds",
        ],
    )?;
    let release = settings["releaseName"]
        .as_str()
        .or(application["metadata"]["name"].as_str());
    let mut command = Command::new("helm")
        .args(["template", release.unwrap_or_default(), "."])
        .args([
            "--namespace",
            &string(&application["spec"]["destination"]["namespace"]),
        ])
        .arg("--skip-tests")
        .folder(folder);
    if settings["skipCrds"] != true {
        command = command.arg("--include-crds");
    }
    for file in settings["valueFiles"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if settings["ignoreMissingValueFiles"] == true && !folder.join(file).exists() {
            continue;
        }
        command = command.arg("--values").arg(file);
    }
    // One inline block at most; helm reads JSON as YAML.
    let inline = match &settings["valuesObject"] {
        Value::Null => settings["values"].as_str().map(str::to_owned),
        object => Some(object.to_string()),
    };
    if let Some(inline) = inline {
        command = command.args(["--values", "-"]).input(inline);
    }
    for parameter in settings["parameters"].as_array().into_iter().flatten() {
        let option = if parameter["forceString"] == true {
            "--set-string"
        } else {
            "--set"
        };
        // Argo CD escapes commas, which would begin another parameter.
        let value = string(&parameter["value"]).replace(',', "\\,");
        command = command
            .arg(option)
            .arg(format!("{}={value}", string(&parameter["name"])));
    }
    Ok(manifest::from_yaml(&command.text()?)?)
}

/// Returns the manifests of a plain directory, as Argo CD chooses them.
fn files(folder: &Path, recurse: bool) -> Result<Vec<PathBuf>, Failure> {
    let read = |error| Failure::of(format!("failed to read {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.is_dir() {
            if recurse {
                found.extend(files(&path, true)?);
            }
        } else if path
            .extension()
            .is_some_and(|it| it == "yaml" || it == "yml" || it == "json")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

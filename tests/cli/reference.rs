//! What must hold on the reference platform, whatever becomes of it.

use std::collections::BTreeMap;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const ENVIRONMENTS: [&str; 3] = ["sandbox", "kind", "datacenter"];

fn json(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env_clear()
        .args(arguments)
        .output()
        .expect("the program runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}\n{error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn the_shape_of_a_plan_is_what_other_tools_rely_on() {
    for environment in ENVIRONMENTS {
        let plan = json(&["plan", environment, "--format", "json"]);
        assert_eq!(
            keys(&plan),
            ["environment", "findings", "services", "version"]
        );
        assert_eq!(
            (&plan["version"], &plan["environment"]),
            (&1.into(), &environment.into())
        );
        for service in list(&plan["services"]) {
            assert_eq!(
                keys(service),
                ["edges", "name", "namespace", "objects", "project", "wave"]
            );
            for object in list(&service["objects"]) {
                assert_eq!(
                    keys(object),
                    ["apiVersion", "kind", "name", "namespace", "source"]
                );
                let file = object["source"]["file"].as_str().expect("a file");
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
                let text = std::fs::read_to_string(&path).expect(file);
                if let Some(line) = object["source"]["line"].as_u64() {
                    let lines = text.lines().count() as u64;
                    assert!(line <= lines, "{file}:{line}");
                }
            }
            for edge in list(&service["edges"]) {
                assert_eq!(keys(edge), ["evidence", "reason", "service", "until"]);
                let until = edge["until"].as_str().expect("a milestone");
                assert!(["applied", "established", "ready"].contains(&until));
            }
        }
    }
}

#[test]
fn every_wave_is_greater_than_those_it_waits_for() {
    for environment in ENVIRONMENTS {
        let plan = json(&["plan", environment, "--format", "json"]);
        let waves: BTreeMap<&str, u64> = list(&plan["services"])
            .iter()
            .map(|service| {
                (
                    service["name"].as_str().expect("a name"),
                    service["wave"].as_u64().expect("a wave"),
                )
            })
            .collect();
        for service in list(&plan["services"]) {
            for edge in list(&service["edges"]) {
                let own = waves[service["name"].as_str().expect("a name")];
                assert!(
                    own > waves[edge["service"].as_str().expect("a name")],
                    "{edge}"
                );
            }
        }
        assert!(waves["portal"] > waves["postgres"], "{environment}");
    }
}

#[test]
fn what_is_found_is_what_a_person_has_to_do() {
    for environment in ENVIRONMENTS {
        let lint = json(&["lint", environment, "--format", "json"]);
        let found: Vec<String> = list(&lint["findings"])
            .iter()
            .map(|finding| format!("{} {}", finding["code"], finding["object"]["name"]))
            .collect();
        // Where Vault stands outside, its credentials are made by hand.
        let expected: &[&str] = match environment {
            "datacenter" => &["\"secret-not-produced\" \"vault-secrets-operator\""],
            _ => &[],
        };
        assert_eq!(found, expected, "{environment}");
    }
}

#[test]
fn rendering_again_gives_the_same_bytes() {
    let first = json(&["render", "sandbox", "--format", "json"]);
    assert_eq!(first, json(&["render", "sandbox", "--format", "json"]));
    assert!(list(&first).len() > 50);
}

#[test]
fn every_image_of_the_reference_platform_is_known_and_has_a_version() {
    for environment in ENVIRONMENTS {
        let found = json(&["images", environment, "--format", "json"]);
        assert_eq!(
            keys(&found),
            ["environment", "findings", "images", "mentioned", "version"]
        );
        let told: Vec<String> = list(&found["findings"])
            .iter()
            .map(|finding| format!("{} {}", finding["code"], finding["object"]["kind"]))
            .collect();
        // Where certificates come from an ACME server, cert-manager starts pods by itself.
        let expected: &[&str] = match environment {
            "datacenter" => &["\"image-left-to-operator\" \"ClusterIssuer\""],
            _ => &[],
        };
        assert_eq!(told, expected, "{environment}");
        let names: Vec<&str> = list(&found["images"])
            .iter()
            .map(|image| image["name"].as_str().expect("a name"))
            .collect();
        assert!(names.is_sorted(), "{names:?}");
        let has = |part: &str| names.iter().any(|name| name.starts_with(part));
        assert!(has("docker.io/library/postgres:"), "{names:?}");
        // From a Kustomize overlay and from plain manifests.
        let more = environment != "sandbox";
        assert_eq!(has("docker.io/grafana/grafana:"), more, "{names:?}");
        assert_eq!(has("quay.io/prometheus/prometheus:"), more, "{names:?}");
        for one in list(&found["images"])
            .iter()
            .flat_map(|image| list(&image["uses"]))
        {
            assert_eq!(keys(one)[..4], ["field", "given", "object", "pullPolicy"]);
        }
    }
}

/// What the services declare and what the seeding Job of the inside Vault writes are two files of
/// one truth: a key in one alone is a Secret that never comes.
#[test]
fn the_inside_vault_is_seeded_with_what_the_services_declare() {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("services");
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("a readable file");
        goyaml::parse(&text).expect("YAML").to_json()
    };
    let mut declared = BTreeMap::new();
    for folder in std::fs::read_dir(&services).expect("services") {
        let folder = folder.expect("a service").path();
        let file = folder.join("secrets.yaml");
        if !file.exists() {
            continue;
        }
        let name = folder.file_name().expect("a name").to_string_lossy();
        let secrets = read(&file);
        for (key, secret) in secrets.as_object().expect("a map of secrets") {
            declared.insert(format!("{name}/{key}"), secret["copy"].clone());
        }
    }
    let mut seeded = BTreeMap::new();
    for secret in list(&read(&services.join("vault/values.yaml"))["secrets"]) {
        let name = secret["service"].as_str().expect("a service");
        for key in list(&secret["generate"]) {
            let key = key.as_str().expect("a key");
            seeded.insert(format!("{name}/{key}"), Value::Null);
        }
        for (key, original) in secret["copy"].as_object().into_iter().flatten() {
            let (service, from) = (&original["service"], &original["key"]);
            let from = format!(
                "{}/{}",
                service.as_str().expect("a service"),
                from.as_str().expect("a key")
            );
            assert!(seeded.contains_key(&from), "{name}/{key} precedes {from}");
            seeded.insert(format!("{name}/{key}"), original.clone());
        }
    }
    assert_eq!(declared, seeded);
}

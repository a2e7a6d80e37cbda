//! What `kustomize build` v5.8.2 printed for our own cases: takes the folders in `cases/`, gives a
//! list of those that are built otherwise here. A case with a folder `overlay` is built there.

use std::path::{Path, PathBuf};

use kustomize::{DiskFiles, Options, build};
use serde_json::Value;

/// Returns the first difference between a case's resources and the expected ones.
fn check(case: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(case.join("expected.yaml")).map_err(|it| it.to_string())?;
    let expected = goyaml::parse_stream(&text).map_err(|it| it.to_string())?;
    let files = DiskFiles::new(case).map_err(|it| it.to_string())?;
    let folder = if case.join("overlay").is_dir() {
        "overlay"
    } else {
        ""
    };
    let built = build(&files, folder, &Options::default()).map_err(|it| it.to_string())?;
    let expected: Vec<Value> = expected.iter().map(goyaml::Node::to_json).collect();
    for (at, (built, expected)) in built.iter().zip(&expected).enumerate() {
        if built.manifest != *expected {
            let show = |value: &Value| goyaml::to_string(value).unwrap_or_default();
            return Err(format!(
                "resource {at} is\n{}instead of\n{}",
                show(&built.manifest),
                show(expected)
            ));
        }
    }
    if built.len() != expected.len() {
        return Err(format!(
            "{} resources instead of {}",
            built.len(),
            expected.len()
        ));
    }
    Ok(())
}

#[test]
fn builds_what_kustomize_builds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 35, "only {} cases", cases.len());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let name = case
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            check(case).err().map(|why| format!("== {name}: {why}"))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

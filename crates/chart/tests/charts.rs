//! What Helm 4.3.1 made of small charts, one for each rule: `charts/*/cases.txt` names the cases
//! with the arguments of `helm template`; `CASE.out` is what Helm printed, `CASE.error` its error.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::error::Error;
use std::path::{Path, PathBuf};

use chart::{
    Capabilities, Chart, KubeVersion, Manifest, ReleaseOptions, RenderError, RenderOptions,
    Rendered, Values, render,
};

fn home(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/charts")
        .join(name)
}

/// Renders as `helm template rel . --namespace ns --include-crds --kube-version 1.34.0` does with
/// further arguments.
fn rendered(home: &Path, arguments: &[&str]) -> Result<Rendered, Box<dyn Error>> {
    let mut versions = Vec::new();
    let mut release = ReleaseOptions::new("rel", "ns");
    let mut given = Vec::new();
    let mut words = arguments.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "--api-versions" => versions.extend(words.next().unwrap().split(',')),
            "--is-upgrade" => (release.is_upgrade, release.is_install) = (true, false),
            _ => given.push((word, words.next().unwrap())),
        }
    }
    let values = support::values(home, &given)?;
    let chart = Chart::load_dir(home)?;
    let capabilities = Capabilities::new(KubeVersion::parse("1.34.0")?, versions);
    Ok(render(
        &chart,
        &release,
        &values,
        &capabilities,
        &RenderOptions::default(),
    )?)
}

/// Writes manifests as Helm prints them.
fn printed(manifests: &[Manifest]) -> String {
    let text =
        |manifest: &Manifest| format!("---\n# Source: {}\n{}\n", manifest.template, manifest.text);
    let (hooks, plain): (Vec<_>, Vec<_>) = manifests
        .iter()
        .partition(|manifest| manifest.hook.is_some());
    let plain: String = plain.into_iter().map(text).collect();
    let hooks: String = hooks.into_iter().map(text).collect();
    format!("{}\n{hooks}", plain.trim())
}

/// Takes out what Helm prints of documents that are nothing but comments.
fn without_empty_documents(text: &str) -> String {
    let content = |document: &&str| {
        document
            .lines()
            .any(|line| !line.trim().is_empty() && !line.starts_with('#'))
    };
    let documents: Vec<&str> = text.split("---\n").filter(content).map(str::trim).collect();
    documents.join("\n---\n")
}

/// Returns the words that Helm must have used, too.
fn told(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<RenderError>() {
        Some(RenderError::Template(error)) => error.message.clone(),
        Some(RenderError::Document(error)) => error.message.clone(),
        Some(RenderError::MissingDependencies { names, .. }) => {
            names[0].split(' ').next().unwrap().to_owned()
        }
        Some(RenderError::Values(error)) => format!("type mismatch on {}", error.chart),
        // The innermost cause is what Helm words, too.
        _ => error.source().map_or_else(|| error.to_string(), told),
    }
}

#[track_caller]
fn check(name: &str) {
    let home = home(name);
    let cases = std::fs::read_to_string(home.join("cases.txt")).unwrap();
    let mut wrong = Vec::new();
    for case in cases.lines() {
        let mut words = case.split(' ');
        let case = words.next().unwrap();
        let ours = rendered(&home, &words.collect::<Vec<_>>());
        let answer = |extension: &str| {
            std::fs::read_to_string(home.join(case).with_extension(extension)).ok()
        };
        match (answer("out"), answer("error"), ours) {
            (Some(helm), _, Ok(ours)) => {
                let (helm, ours) = (
                    without_empty_documents(&helm),
                    without_empty_documents(&printed(&ours.manifests)),
                );
                if helm != ours {
                    let difference = helm.lines().zip(ours.lines()).find(|(a, b)| a != b);
                    wrong.push(format!("{case}: helm, ours {difference:?}\n{ours}"));
                }
            }
            (Some(_), _, Err(error)) => wrong.push(format!("{case}: {error}")),
            (None, Some(helm), Err(error)) => {
                let told = told(&*error);
                if !helm.contains(&told) {
                    wrong.push(format!("{case}: helm {helm}ours {told}"));
                }
            }
            (None, _, Ok(_)) => wrong.push(format!("{case}: helm refuses it")),
            (None, None, Err(_)) => wrong.push(format!("{case}: no answer recorded")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! charts {
    ($($test:ident $name:literal)*) => {
        $(#[test]
        fn $test() {
            check($name);
        })*
    };
}

charts! {
    dependencies "dependencies"
    hooks_and_order "hooks"
    files_and_ignore_rules "files"
    values "values"
    maps_with_types_of_their_own "named-maps"
    templates "templates"
    local_dependencies "local"
    fail_in_an_include "error-fail"
    required_value "error-required"
    nil_pointer "error-nil"
    unknown_function "error-unknown-function"
    unclosed_action "error-unclosed"
    broken_document "error-bad-yaml"
    document_that_is_no_map "error-not-a-map"
    annotation_that_is_no_text "error-annotation"
    endless_include "error-endless"
    fail_in_a_text "error-tpl"
    wrong_type "error-wrong-type"
    kube_version "error-kube-version"
    library "error-library"
    missing_dependency "error-missing"
    version_of_the_chart "error-version"
    metadata_of_the_wrong_type "error-metadata"
    broken_values "error-values"
}

#[test]
fn a_directory_without_metadata_is_no_chart() {
    let error = Chart::load_dir(home("error-no-chart")).unwrap_err();
    assert_eq!(error.to_string(), "Chart.yaml file is missing");
}

#[test]
fn errors_name_their_place_and_the_way_there() {
    let error = rendered(&home("error-fail"), &[]).unwrap_err();
    let Some(RenderError::Template(error)) = error.downcast_ref::<RenderError>() else {
        panic!("{error}");
    };
    assert_eq!(
        (error.template.as_str(), error.line),
        ("e/templates/_h.tpl", 3)
    );
    assert!(error.told);
    assert_eq!(error.message, "told so");
    let way: Vec<_> = error
        .include_chain
        .iter()
        .map(|frame| (&*frame.place.template, frame.place.line))
        .collect();
    assert_eq!(way, [("e/templates/t.yaml", 2), ("e/templates/_h.tpl", 2)]);

    let error = rendered(&home("error-bad-yaml"), &[]).unwrap_err();
    let Some(RenderError::Document(error)) = error.downcast_ref::<RenderError>() else {
        panic!("{error}");
    };
    assert_eq!(
        (error.template.as_str(), error.line),
        ("e/templates/t.yaml", 4)
    );
}

#[test]
fn hooks_and_places_are_told() {
    let rendered = rendered(&home("hooks"), &[]).unwrap();
    assert_eq!(rendered.notes, "Thank you for rel\n");
    let find = |name: &str| {
        let named = |manifest: &&Manifest| manifest.document["metadata"]["name"] == name;
        rendered.manifests.iter().find(named).unwrap()
    };
    let hook = find("migrate").hook.clone().unwrap();
    assert_eq!(hook.events, ["pre-install", "pre-upgrade"]);
    assert_eq!(hook.weight, -5);
    assert_eq!(
        hook.delete_policies,
        ["before-hook-creation", "hook-succeeded"]
    );
    assert!(find("test").hook.clone().unwrap().is_test());
    assert_eq!((find("a").line, find("a").template_line), (3, Some(3)));
    assert_eq!(find("two").line, 10);
    assert!(find("as.example.org").from_crds);
}

#[test]
fn a_chart_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let chart = Chart::load_dir(home("templates")).unwrap();
    shared(&chart);
    let capabilities = Capabilities::new(KubeVersion::parse("1.34.0").unwrap(), ["a/v1"]);
    let texts: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let release = ReleaseOptions::new("rel", "ns");
                    let options = RenderOptions::default();
                    let rendered =
                        render(&chart, &release, &Values::new(), &capabilities, &options).unwrap();
                    printed(&rendered.manifests)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        texts
            .iter()
            .all(|text| *text == texts[0] && !text.is_empty())
    );
}

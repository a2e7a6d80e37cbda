//! `firstlight chart dependency` with charts of the file system.

use crate::support::{Fixture, assert_output};

const FILES: &[(&str, &str)] = &[
    (
        "web/Chart.yaml",
        "apiVersion: v2
name: web
version: 1.0.0
dependencies:
  - name: library
    version: \">=1.0 <2\"
    repository: file://../library
    alias: shared
    tags: [a, b]
    condition: shared.enabled
    import-values: [x, {child: a, parent: b}]
",
    ),
    (
        "library/Chart.yaml",
        "apiVersion: v2\nname: library\nversion: 1.2.3\n",
    ),
    ("library/values.yaml", "exports: {x: {y: 1}}\na: {}\n"),
    (
        "library/templates/a.yaml",
        "kind: ConfigMap\nmetadata: {name: a}\n",
    ),
    ("library/.helmignore", "*.swp\n"),
    ("library/left.swp", "not to be packed"),
];

#[test]
fn dependencies_are_put_there_and_locked() {
    let fixture = Fixture::of(FILES);
    let dependency = |command: &str| fixture.run(&["chart", "dependency", command, "web"]);
    let template = || fixture.run(&["chart", "template", "web"]);
    assert_output!("chart_dependency_list", dependency("list"));
    assert_output!("chart_dependency_missing", template());
    assert_output!("chart_dependency_update", dependency("update"));
    // What Helm 4.3 computes for the same dependencies.
    let lock = fixture.read("web/Chart.lock");
    assert!(
        lock.starts_with(
            "dependencies:\n- name: library\n  repository: file://../library\n  version: 1.2.3\n\
             digest: sha256:3946ff2232bdc889d9362a776dd5572f4545f9f0b5d2bd2e350d421f8ebf1f80\ngenerated: \"20"
        ),
        "{lock}"
    );
    assert!(dependency("list").contains("\tok    \n"));
    assert!(template().contains("# Source: web/charts/shared/templates/a.yaml"));
    let packed =
        std::fs::read(fixture.path().join("web/charts/library-1.2.3.tgz")).expect("an archive");
    let files = chart::read_archive(&packed, &chart::LoadLimits::default()).expect("readable");
    assert!(files.iter().all(|file| file.path != "left.swp"));

    // Nothing has changed: the lock stays.
    let again = dependency("update");
    assert!(
        again.contains("saved") && !again.contains("wrote"),
        "{again}"
    );
    assert_eq!(fixture.read("web/Chart.lock"), lock);

    // A new version takes the place of the old one.
    fixture.replace("library/Chart.yaml", "1.2.3", "1.4.0");
    assert_output!("chart_dependency_newer", dependency("update"));
    fixture.replace("library/Chart.yaml", "1.4.0", "2.0.0");
    assert_output!("chart_dependency_range", dependency("update"));
    assert_output!("chart_dependency_locked", dependency("build"));
    fixture.replace("web/Chart.yaml", "<2", "<3");
    assert_output!("chart_dependency_stale", dependency("build"));
}

#[test]
fn a_lock_is_obeyed() {
    let fixture = Fixture::of(FILES);
    let dependency = |command: &str| fixture.run(&["chart", "dep", command, "web"]);
    assert!(dependency("up").contains("wrote web/Chart.lock"));
    std::fs::remove_dir_all(fixture.path().join("web/charts")).expect("removed");
    assert!(dependency("build").contains("saved web/charts/library-1.2.3.tgz"));
    fixture.write(
        "web/charts/stranger/Chart.yaml",
        "apiVersion: v2\nname: stranger\nversion: 1.0.0\n",
    );
    std::fs::create_dir(fixture.path().join("web/charts/empty")).expect("a directory");
    assert_output!("chart_dependency_strangers", dependency("ls"));
}

#[test]
fn what_is_needed_is_put_there_on_demand() {
    let fixture = Fixture::of(FILES);
    let output = fixture.run(&["chart", "template", "web", "--dependency-update"]);
    assert!(
        output.contains("web/charts/shared/templates/a.yaml"),
        "{output}"
    );
}

//! `firstlight chart package`: what Helm 4.3 puts into an archive, and what it refuses.

use chart::File;

use crate::support::{Fixture, assert_output};

const FILES: &[(&str, &str)] = &[
    (
        "web/Chart.yaml",
        "# ours
version: 1.0.0
name: web
apiVersion: v2
maintainers: [{name: Ada}]
dependencies:
  - name: library
    version: \">=1.0 <2\"
    repository: file://../library
",
    ),
    ("web/values.yaml", "a: 1 # one\n"),
    ("web/values.schema.json", "{}\n"),
    ("web/templates/a.yaml", "kind: A\n"),
    ("web/.helmignore", "*.swp\n"),
    ("web/left.swp", "not to be packed"),
    ("web/files/note.txt", "hi\n"),
    ("web/README.md", "# web\n"),
    (
        "library/Chart.yaml",
        "apiVersion: v2\nname: library\nversion: 1.2.3\n",
    ),
    ("library/templates/b.yaml", "kind: B\n"),
];

/// Returns the files of an archive by their paths.
fn packed(fixture: &Fixture, path: &str) -> Vec<File> {
    let bytes = std::fs::read(fixture.path().join(path)).expect("an archive");
    let mut files = chart::read_archive(&bytes, &chart::LoadLimits::default()).expect("readable");
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn paths(files: &[File]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

fn text<'f>(files: &'f [File], path: &str) -> std::borrow::Cow<'f, str> {
    let file = files.iter().find(|file| file.path == path);
    file.expect("it is packed").text()
}

#[test]
fn a_chart_is_packed_as_helm_packs_it() {
    let fixture = Fixture::of(FILES);
    let package = |arguments: &[&str]| {
        fixture.run(&[&["chart", "package", "web", "-d", "out"], arguments].concat())
    };
    assert_output!("chart_package_missing", package(&[]));
    let arguments = ["-u", "--version", "2.0.0+x", "--app-version", "7"];
    assert_output!("chart_package", package(&arguments));
    let files = packed(&fixture, "out/web-2.0.0+x.tgz");
    assert_eq!(
        paths(&files),
        [
            ".helmignore",
            "Chart.lock",
            "Chart.yaml",
            "README.md",
            "charts/library/Chart.yaml",
            "charts/library/templates/b.yaml",
            "files/note.txt",
            "templates/a.yaml",
            "values.schema.json",
            "values.yaml",
        ]
    );
    assert_eq!(
        text(&files, "Chart.yaml"),
        "apiVersion: v2
appVersion: \"7\"
dependencies:
- name: library
  repository: file://../library
  version: '>=1.0 <2'
maintainers:
- name: Ada
name: web
version: 2.0.0+x
"
    );
    assert_eq!(text(&files, "Chart.lock"), fixture.read("web/Chart.lock"));
    assert_eq!(text(&files, "values.yaml"), "a: 1 # one\n");
    assert!(fixture.read("web/Chart.yaml").starts_with("# ours"));
    let first = std::fs::read(fixture.path().join("out/web-2.0.0+x.tgz")).expect("an archive");
    package(&arguments);
    let again = std::fs::read(fixture.path().join("out/web-2.0.0+x.tgz")).expect("an archive");
    assert!(first == again, "the same files give the same archive");
}

#[test]
fn dependencies_of_an_old_chart_stay_in_their_file() {
    let fixture = Fixture::of(FILES);
    let metadata = fixture
        .read("web/Chart.yaml")
        .replace("apiVersion: v2", "apiVersion: v1");
    fixture.write("web/Chart.yaml", &metadata);
    fixture.run(&["chart", "package", "web", "-u"]);
    let files = packed(&fixture, "web-1.0.0.tgz");
    assert!(paths(&files).contains(&"requirements.lock"));
    assert_eq!(
        text(&files, "Chart.yaml"),
        "apiVersion: v1\nmaintainers:\n- name: Ada\nname: web\nversion: 1.0.0\n"
    );
}

#[test]
fn what_cannot_be_packed_leaves_nothing() {
    let fixture = Fixture::of(FILES);
    let package = |arguments: &[&str]| fixture.run(&[&["chart", "package"], arguments].concat());
    assert_output!(
        "chart_package_version",
        package(&["library", "--version", "latest", "-d", "out"])
    );
    assert_output!("chart_package_file", package(&["library/Chart.yaml"]));
    assert_output!("chart_package_sign", package(&["library", "--sign"]));
    fixture.write("library/values.schema.json", "{\n");
    assert_output!("chart_package_schema", package(&["library", "-d", "out"]));
    assert!(!fixture.path().join("out").exists());
}

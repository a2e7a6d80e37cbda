//! What is new as values: takes small repositories, looks at the proposals, writes nothing.

use std::fs;
use std::path::Path;

use crate::definition::Repository;

use super::*;

fn write_files(root: &Path, files: &[(&str, &str)]) -> Repository {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    Repository::open(root).expect("a repository")
}

fn asked(name: &str) -> NewService {
    NewService {
        name: name.to_owned(),
        workload: Workload::Empty,
        image: None,
        namespace: None,
        project: None,
        enable: Vec::new(),
    }
}

const OURS: &[(&str, &str)] = &[
    ("bootstrap/Chart.yaml", "name: bootstrap\n"),
    (
        "environments/values.yaml",
        "# Top.\nprojects:\n  apps: {namespaces: [a, 'team-*']}\nservices:\n  # The first.\n  \
         a: {enabled: false, namespace: a, project: apps}  # why\n  c:\n    namespace: c\n",
    ),
    (
        "environments/values-one.yaml",
        "# One.\nname: one\nfqdn: one.example.org\n\n# Its cluster.\ncontext: kind-one\n\nvault: {path: secret/one}\n\
         services:\n  a: {enabled: true}\n",
    ),
    (
        "services/a/values-one.yaml",
        "host: web.one.example.org\nvault: secret/one/a\n",
    ),
    ("services/a/secrets-one.yaml", "{}\n"),
    (
        "services/a/overlays/one/deep/x.yaml",
        "x: one.example.org\n",
    ),
];

#[test]
fn a_service_gets_its_place_and_nothing_else_changes() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(directory.path(), OURS);
    let mut asked = asked("b");
    asked.enable = vec!["one".to_owned()];
    let proposal = service(&repository, &asked).expect("a service");
    let changed: Vec<&FileChange> = (proposal.changes.iter())
        .filter(|change| change.before.is_some())
        .collect();
    assert_eq!(
        changed[0].text,
        "# Top.\nprojects:\n  apps: {namespaces: [a, 'team-*', b]}\nservices:\n  # The first.\n  \
         a: {enabled: false, namespace: a, project: apps}  # why\n  b:\n    enabled: false\n    \
         namespace: b\n    project: apps\n  c:\n    namespace: c\n"
    );
    assert!(
        changed[1]
            .text
            .ends_with("  a: {enabled: true}\n  b:\n    enabled: true\n")
    );
    // A project whose pattern takes the namespace needs no line.
    asked.namespace = Some("team-b".to_owned());
    let proposal = service(&repository, &asked).expect("a service");
    let catalogue = proposal
        .changes
        .iter()
        .find(|change| change.path.ends_with("/values.yaml") && change.before.is_some());
    assert!(
        catalogue
            .expect("the catalogue")
            .text
            .contains("[a, 'team-*']")
    );
}

#[test]
fn what_is_there_is_never_replaced() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(directory.path(), OURS);
    let told = |name: &str| {
        service(&repository, &asked(name))
            .expect_err("there")
            .to_string()
    };
    assert_eq!(
        told("a"),
        "the service a is there already: environments/values.yaml:6"
    );
    fs::create_dir_all(directory.path().join("services/d")).expect("a directory");
    assert_eq!(told("d"), "the service d is there already: services/d");
    fs::create_dir_all(directory.path().join("services/a/overlays/two/deep")).expect("a directory");
    fs::write(
        directory.path().join("services/a/overlays/two/deep/x.yaml"),
        "",
    )
    .expect("a file");
    let two = NewEnvironment {
        name: "two".to_owned(),
        from: Some("one".to_owned()),
        host: None,
    };
    let error = environment(&repository, &two)
        .expect_err("there")
        .to_string();
    assert!(
        error.contains("services/a/overlays/two/deep/x.yaml"),
        "{error}"
    );
}

#[test]
fn an_environment_takes_all_files_of_another_but_not_its_cluster() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(directory.path(), OURS);
    let two = NewEnvironment {
        name: "two".to_owned(),
        from: Some("one".to_owned()),
        host: None,
    };
    let proposal = environment(&repository, &two).expect("an environment");
    let texts: Vec<(&str, &str)> = (proposal.changes.iter())
        .map(|change| (change.path.as_str(), change.text.as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            (
                "environments/values-two.yaml",
                "# One.\nname: two\nfqdn: two.example.org\n\nvault: {path: secret/two}\nservices:\n  a: {enabled: true}\n"
            ),
            (
                "services/a/values-two.yaml",
                "host: web.two.example.org\nvault: secret/two/a\n"
            ),
            ("services/a/secrets-two.yaml", "{}\n"),
            (
                "services/a/overlays/two/deep/x.yaml",
                "x: two.example.org\n"
            ),
        ]
    );
    assert_eq!(proposal.notes.len(), 3, "{:?}", proposal.notes);
}

#[test]
fn an_environment_without_a_pattern_has_what_all_others_have() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(directory.path(), OURS);
    let bare = NewEnvironment {
        name: "three".to_owned(),
        from: None,
        host: Some("x.example.net".to_owned()),
    };
    let proposal = environment(&repository, &bare).expect("an environment");
    assert!(
        proposal.changes[0]
            .text
            .starts_with("name: three\nfqdn: x.example.net\n")
    );
    assert!(
        proposal.changes[0]
            .text
            .ends_with("services:\n  a: {enabled: true}\n")
    );
}

#[test]
fn charts_are_wrapped() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(directory.path(), OURS);
    for (address, repository_url) in [
        (
            "oci://ghcr.io/example/charts/redis",
            "oci://ghcr.io/example/charts",
        ),
        (
            "https://charts.example.org/redis/",
            "https://charts.example.org",
        ),
    ] {
        let mut asked = asked("cache");
        asked.workload = Workload::Chart(ChartReference::parse(address, "1.x").expect(address));
        let proposal = service(&repository, &asked).expect("a service");
        assert!(proposal.changes[0].text.ends_with(&format!(
            "dependencies:\n  - name: redis\n    version: 1.x\n    repository: {repository_url}\n"
        )));
        assert_eq!(proposal.next[1], "firstlight lock");
    }
    for (address, told) in [
        ("redis", "neither oci:// nor https://"),
        ("oci://ghcr.io", "URL/CHART"),
        ("https://u:secret@x.org/redis", "credentials"),
        ("https://x.org/redis-1.tgz", "packed"),
        ("https://x.org/redis?a=b", "characters"),
    ] {
        let error = ChartReference::parse(address, "1")
            .expect_err(address)
            .to_string();
        assert!(error.contains(told) && !error.contains("secret"), "{error}");
    }
}

#[test]
fn phalanx_is_served_in_its_own_way() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(
        directory.path(),
        &[
            ("environments/Chart.yaml", "name: environments\n"),
            ("environments/templates/applications/apps/a.yaml", ""),
            ("environments/templates/applications/tools/b.yaml", ""),
            (
                "environments/values.yaml",
                "# All.\napplications:\n  a: true\n  c: false\n",
            ),
            (
                "environments/values-one.yaml",
                "name: one\nfqdn: one.example.org\nvaultPathPrefix: secret/one.example.org\napplications:\n  c: true\n",
            ),
            ("applications/a/values-one.yaml", "{}\n"),
        ],
    );
    let mut asked = asked("b");
    asked.enable = vec!["one".to_owned()];
    let error = service(&repository, &asked)
        .expect_err("which project")
        .to_string();
    assert!(error.contains("--project"), "{error}");
    asked.project = Some("app".to_owned());
    assert!(service(&repository, &asked).is_err());
    asked.project = Some("apps".to_owned());
    let proposal = service(&repository, &asked).expect("a service");
    let paths: Vec<&str> = proposal
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "applications/b/Chart.yaml",
            "applications/b/values.yaml",
            "applications/b/values-one.yaml",
            "environments/templates/applications/apps/b.yaml",
            "environments/values.yaml",
            "environments/values-one.yaml",
        ]
    );
    assert_eq!(
        proposal.changes[4].text,
        "# All.\napplications:\n  a: true\n  b: false\n  c: false\n"
    );
    assert!(
        proposal.changes[5]
            .text
            .ends_with("applications:\n  b: true\n  c: true\n")
    );
    let two = NewEnvironment {
        name: "two".to_owned(),
        from: Some("one".to_owned()),
        host: None,
    };
    let proposal = environment(&repository, &two).expect("an environment");
    assert!(
        proposal.changes[0]
            .text
            .contains("fqdn: two.example.org\nvaultPathPrefix: secret/two.example.org\n")
    );
}

#[test]
fn other_layouts_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let repository = write_files(
        directory.path(),
        &[("environments/values.yaml", "apps: {}\n")],
    );
    let error = service(&repository, &asked("b"))
        .expect_err("refused")
        .to_string();
    assert!(
        error.starts_with("a service cannot be added to a repository of this layout"),
        "{error}"
    );
}

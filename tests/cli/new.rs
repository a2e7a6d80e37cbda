//! `firstlight new`: what it makes must plan and lint clean, and what it refuses is told.

use std::fmt::Write;
use std::fs;

use tempfile::TempDir;

use crate::support::{assert_output, run_in};

fn begun() -> TempDir {
    let directory = TempDir::new().expect("a directory");
    let told = run_in(directory.path(), &["new", "repository", "platform", "-q"]);
    assert!(told.contains("exit 0"), "{told}");
    directory
}

#[test]
fn a_new_repository_is_clean_and_stays_so() {
    let directory = begun();
    let root = directory.path().join("platform");
    let mut told = String::new();
    for arguments in [
        &["lint", "sandbox"][..],
        &[
            "new",
            "service",
            "web",
            "--project",
            "applications",
            "--enable",
            "sandbox",
        ],
        &[
            "new",
            "service",
            "store",
            "--kind",
            "statefulset",
            "--project",
            "applications",
            "--enable",
            "sandbox",
            "-q",
        ],
        &[
            "new",
            "service",
            "nightly",
            "--kind",
            "cronjob",
            "--image",
            "example/job:1",
            "--namespace",
            "web",
            "--project",
            "applications",
            "--enable",
            "sandbox",
            "-q",
        ],
        &["new", "environment", "production", "--from", "sandbox"],
        &["new", "environment", "edge", "--fqdn", "edge.example.net"],
        &["lint", "sandbox"],
        &["lint", "production"],
        &["lint", "edge"],
    ] {
        let _ = writeln!(told, "{}", run_in(&root, arguments));
    }
    assert_output!("new_things", told);
}

#[test]
fn nothing_is_written_that_is_refused_or_only_asked_for() {
    let directory = begun();
    let root = directory.path().join("platform");
    let files = |directory: &std::path::Path| {
        let mut names = Vec::new();
        let mut open = vec![directory.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    names.push((path.clone(), fs::read(&path).expect("a file")));
                }
            }
        }
        names.sort();
        names
    };
    let before = files(directory.path());
    let mut told = String::new();
    for arguments in [
        &["new", "service", "My_Service"][..],
        &["new", "service", "hello"],
        &["new", "service", "web"],
        &["new", "service", "web", "--project", "aplications"],
        &[
            "new",
            "service",
            "web",
            "--project",
            "applications",
            "--enable",
            "sandbx",
        ],
        &[
            "new",
            "service",
            "web",
            "--chart",
            "charts.example.org/web",
            "--version",
            "1",
        ],
        &[
            "new",
            "service",
            "web",
            "--chart",
            "https://charts.example.org/web",
        ],
        &["new", "service", "web", "--kind", "deploiment"],
        &[
            "new",
            "service",
            "web",
            "--project",
            "applications",
            "--dry-run",
        ],
        &["new", "environment", "sandbox"],
        &["new", "environment", "edge", "--from", "sandbx"],
        &[
            "new",
            "environment",
            "edge",
            "--from",
            "sandbox",
            "--dry-run",
            "-v",
        ],
        &["new", "repository", "."],
    ] {
        let _ = writeln!(told, "{}", run_in(&root, arguments));
    }
    assert_eq!(files(directory.path()), before);
    assert_output!("new_refused", told);
}

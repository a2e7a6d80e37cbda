//! A platform without a finding, and defects planted in it one at a time: each is found with its code
//! and its place, and nothing else is. The platform and the list are in `tests/planted`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// One defect of the list.
#[derive(Debug, Default)]
struct Defect {
    name: String,
    options: Vec<String>,
    edits: Vec<Edit>,
    expected: Vec<String>,
}

#[derive(Debug)]
enum Edit {
    Replace {
        file: String,
        old: String,
        new: String,
    },
    Write {
        file: String,
        text: String,
    },
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/planted")
}

fn defects() -> Vec<Defect> {
    let list = fs::read_to_string(directory().join("defects.txt")).expect("the list");
    let mut defects: Vec<Defect> = Vec::new();
    let mut file = String::new();
    let mut old = String::new();
    for line in list.lines() {
        let Some((mark, rest)) = line.split_once(' ') else {
            continue;
        };
        let text = rest.replace("\\n", "\n");
        if mark == "##" {
            defects.push(Defect {
                name: text,
                ..Defect::default()
            });
            continue;
        }
        let Some(defect) = defects.last_mut() else {
            continue;
        };
        match mark {
            "!" => defect.options.push(text),
            "@" => file = text,
            "-" => old = text,
            "+" => defect.edits.push(Edit::Replace {
                file: file.clone(),
                old: old.clone(),
                new: text,
            }),
            ">" => defect.edits.push(Edit::Write {
                file: file.clone(),
                text,
            }),
            "=" if !text.trim().is_empty() => defect.expected.push(text),
            "=" => {}
            mark => panic!("what is `{mark}` in {}?", defect.name),
        }
    }
    defects
}

/// Copies the platform.
fn platform() -> TempDir {
    let target = TempDir::new().expect("a temporary directory");
    copy(&directory().join("platform"), target.path());
    target
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn plant(root: &Path, edit: &Edit) {
    match edit {
        Edit::Write { file, text } => fs::write(root.join(file), text).expect("a file"),
        Edit::Replace { file, old, new } => {
            let path = root.join(file);
            let text = fs::read_to_string(&path).expect("a file");
            assert!(text.contains(old), "{file} has no {old}");
            fs::write(path, text.replacen(old, new, 1)).expect("a file");
        }
    }
}

/// Returns the findings in a repository: code and place.
fn found(root: &Path, options: &[String]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .current_dir(root)
        .env_clear()
        .args(["lint", "test", "--format", "json"])
        .args(options)
        .output()
        .expect("the program runs");
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let findings = document["findings"].as_array().expect("findings");
    let told = |finding: &Value| {
        let source = &finding["source"];
        let mut text = format!(
            "{} {}",
            finding["code"].as_str().expect("a code"),
            source["file"].as_str().unwrap_or("-")
        );
        for key in ["line", "column"] {
            if let Some(number) = source[key].as_u64() {
                let _ = write!(text, ":{number}");
            }
        }
        text
    };
    let mut found: Vec<String> = findings.iter().map(told).collect();
    found.sort();
    found
}

#[test]
fn the_platform_itself_has_no_finding() {
    assert_eq!(found(platform().path(), &[]), Vec::<String>::new());
}

#[test]
fn every_planted_defect_is_found_and_nothing_else() {
    let defects = defects();
    assert!(defects.len() >= 80, "the list was not read");
    let mut wrong = String::new();
    for defect in &defects {
        let platform = platform();
        for edit in &defect.edits {
            plant(platform.path(), edit);
        }
        let mut expected = defect.expected.clone();
        expected.sort();
        let found = found(platform.path(), &defect.options);
        if found != expected {
            let _ = writeln!(
                wrong,
                "{}\n  expected {expected:?}\n  found    {found:?}",
                defect.name
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_kind_of_finding_about_objects_is_planted() {
    let planted: BTreeSet<String> = defects()
        .iter()
        .flat_map(|defect| defect.expected.iter())
        .filter_map(|expected| Some(expected.split_once(' ')?.0.to_owned()))
        .collect();
    assert!(planted.len() >= 50, "{} kinds: {planted:?}", planted.len());
}

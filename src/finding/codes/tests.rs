//! The registry is complete, and the documentation has what it says.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Code, TABLES, all};

#[test]
fn names_are_kebab_case_and_unique() {
    let mut seen = BTreeSet::new();
    for code in all() {
        let name = code.name();
        assert!(seen.insert(name), "{name} is there twice");
        let kebab = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        assert!(name.chars().all(kebab), "{name}");
        assert_eq!(Code::named(name), Some(code));
        let entry = code.entry();
        for text in [entry.title, entry.explanation, entry.mend] {
            assert!(!text.trim().is_empty(), "{name} says too little");
            assert!(!text.contains("  "), "{name} has two spaces: {text}");
        }
    }
}

#[test]
fn every_code_of_the_registry_is_found_by_something() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut code = String::new();
    collect(&sources, &mut code);
    // Codes of one chart's rules come from the crate `chart` by their names.
    let (_, charts) = TABLES[TABLES.len() - 1];
    let constant = |code: &Code| code.name().replace('-', "_").to_uppercase();
    let unused: Vec<String> = all()
        .filter(|code| !charts.contains(code))
        .map(|code| constant(&code))
        .filter(|name| !code.contains(&format!("codes::{name}")))
        .collect();
    assert!(unused.is_empty(), "nothing finds {}", unused.join(", "));
}

fn collect(directory: &std::path::Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).expect("a text"));
        }
    }
}

#[test]
fn the_documentation_has_every_code() {
    let documentation = include_str!("../../../docs/findings.md");
    for (heading, codes) in TABLES {
        let mut table = format!("### {heading}\n\n| code | severity | meaning |\n|---|---|---|\n");
        for code in *codes {
            let entry = code.entry();
            let severities: Vec<&str> = entry.severities.iter().map(|one| one.name()).collect();
            let _ = writeln!(
                table,
                "| `{code}` | {} | {} |",
                severities.join(", "),
                entry.title
            );
        }
        assert!(
            documentation.contains(&table),
            "docs/findings.md should have this table:\n\n{table}"
        );
    }
}

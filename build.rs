//! Tells the linker how the program is laid out, and lists the files of the reference platform that a
//! new repository begins with: takes the target and those files, gives link arguments and a list of
//! texts, never changes a text.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What every platform has.
const PLATFORM: [&str; 4] = [
    "bootstrap",
    "services/argocd",
    "services/cert-manager",
    "services/ingress-nginx",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name| std::env::var(name).unwrap_or_default();
    list_platform(Path::new(&variable("OUT_DIR")));
    if variable("CARGO_CFG_TARGET_OS") != "linux" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    // A position-independent program of this size has its 38,000 addresses written anew at every
    // start, which takes longer than to render a small chart.
    println!("cargo::rustc-link-arg-bins=-no-pie");
}

/// Lists the files that a new repository begins with.
fn list_platform(directory: &Path) {
    let mut files = Vec::new();
    for directory in PLATFORM {
        println!("cargo::rerun-if-changed={directory}");
        collect(Path::new(directory), &mut files);
    }
    let mut list = String::from("&[\n");
    for file in files.iter().filter(|file| !is_of_an_environment(file)) {
        let _ = writeln!(
            list,
            "({file:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/\", {file:?}))),"
        );
    }
    list.push(']');
    let place = directory.join("platform.rs");
    fs::write(place, list).expect("the directory for what is generated can be written to");
}

/// The environments of the reference platform are not those of a new one.
fn is_of_an_environment(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or_default();
    name.starts_with("values-")
}

fn collect(directory: &Path, files: &mut Vec<String>) {
    let entries = fs::read_dir(directory).expect("the reference platform is in the package");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a readable directory").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path.to_str().expect("a name in UTF-8").to_owned());
        }
    }
}

//! Tells the linker how the program is laid out, and lists the files of the reference platform that a
//! new repository begins with: takes the target and those files, gives link arguments and a list of
//! texts, never changes a text.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every platform has.
const PLATFORM: [&str; 4] = [
    "bootstrap",
    "services/argocd",
    "services/cert-manager",
    "services/ingress-nginx",
];

/// Set to anything, it keeps the optimised program from being linked with the C library.
const DYNAMIC: &str = "FIRSTLIGHT_DYNAMIC";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={DYNAMIC}");
    let variable = |name| std::env::var(name).unwrap_or_default();
    list_platform(Path::new(&variable("OUT_DIR")));
    if variable("CARGO_CFG_TARGET_OS") != "linux" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    // A position-independent program of this size has its 38,000 addresses written anew at every
    // start, which takes longer than to render a small chart.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    let is_native = variable("HOST") == variable("TARGET");
    if variable("PROFILE") == "release" && is_native && variable(DYNAMIC).is_empty() {
        link_c_library(Path::new(&variable("OUT_DIR")));
    }
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

/// Links the C library into the program where it is there to be linked. To load it with its
/// companions, and to bind what is used of them, takes longer than to build a small kustomization.
///
/// Rust's own way (`crt-static`) is for all of a build, and then there are no procedural macros. So
/// the libraries are found under the names of those that would be loaded.
fn link_c_library(directory: &Path) {
    let names = ["libc.a", "libm.a", "libgcc_eh.a", "libgcc.a"];
    let found: Vec<PathBuf> = names.into_iter().filter_map(archive).collect();
    let [c, m, unwinding, compiler] = found.as_slice() else {
        return;
    };
    for (name, members) in [
        ("libc.so", [c, unwinding, compiler]),
        ("libm.so", [m, c, compiler]),
        ("libgcc_s.so", [unwinding, compiler, c]),
    ] {
        let members = members.map(|path| path.to_string_lossy());
        let script = format!("GROUP ( {} )\n", members.join(" "));
        if fs::write(directory.join(name), script).is_err() {
            return;
        }
    }
    println!("cargo::rustc-link-arg-bins=-L{}", directory.display());
    println!("cargo::rustc-link-arg-bins=-static");
}

/// Returns where the C compiler has an archive.
fn archive(name: &str) -> Option<PathBuf> {
    let output = Command::new("cc")
        .arg(format!("-print-file-name={name}"))
        .output()
        .ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    // Of what it has not, it says the name again.
    (path.is_absolute() && path.exists()).then_some(path)
}

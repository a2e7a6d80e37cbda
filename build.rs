//! Tells the linker how the program is laid out: takes the target, gives link arguments for the
//! program alone, never generates code.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name| std::env::var(name).unwrap_or_default();
    // A position-independent program of this size has its 38,000 addresses written anew at every
    // start, which takes longer than to render a small chart.
    if target("CARGO_CFG_TARGET_OS") == "linux" && target("CARGO_CFG_TARGET_ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

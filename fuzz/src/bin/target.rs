//! The fuzzer's entry: takes inputs from libFuzzer, gives them to the target that `FUZZ_TARGET`
//! names. Before the first, it writes the first inputs into the folder that `FUZZ_SEEDS` names.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let target = Target::find(&name).expect("FUZZ_TARGET names a target");
        TARGET.get_or_init(|| target);
        if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
            let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            for (number, seed) in target.seeds(&repository).iter().enumerate() {
                std::fs::write(Path::new(&folder).join(format!("seed-{number:05}")), seed)
                    .expect("the folder for first inputs can be written to");
            }
        }
    },
    |input: &[u8]| {
        if let Some(target) = TARGET.get() {
            target.run(input);
        }
    }
);

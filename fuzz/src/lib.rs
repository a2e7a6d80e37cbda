//! What is fuzzed: takes bytes, gives them to one of the readers, and panics where a promise is
//! broken; never reads a file and knows nothing of the fuzzer.

mod archive;
mod chart_files;
mod seeds;
mod set;
mod template;
mod versions;
mod yaml;

use std::path::Path;
use std::time::Duration;

use cpu_time::ThreadTime;

/// One target: its name, what it does with an input, and where its first inputs come from.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name that `fuzz/run` takes.
    pub name: &'static str,
    run: fn(&[u8]),
    seeds: fn(&Path) -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "parse",
        run: template::parse,
        seeds: seeds::templates,
    },
    Target {
        name: "evaluate",
        run: template::evaluate,
        seeds: seeds::evaluations,
    },
    Target {
        name: "yaml-read",
        run: yaml::read,
        seeds: seeds::yaml,
    },
    Target {
        name: "yaml-write",
        run: yaml::write,
        seeds: seeds::yaml,
    },
    Target {
        name: "set",
        run: set::run,
        seeds: seeds::set,
    },
    Target {
        name: "archive",
        run: archive::run,
        seeds: seeds::archives,
    },
    Target {
        name: "versions",
        run: versions::run,
        seeds: seeds::versions,
    },
    Target {
        name: "chart",
        run: chart_files::run,
        seeds: seeds::charts,
    },
];

/// The time that one input of a few kilobytes may take, in an optimised build with checks.
const LONGEST: Duration = Duration::from_secs(1);

impl Target {
    /// Finds a target by its name.
    pub fn find(name: &str) -> Option<Self> {
        TARGETS.iter().copied().find(|target| target.name == name)
    }

    /// Gives one input to the target. The processor's time counts, so that a busy machine is not
    /// taken for a hang.
    ///
    /// # Panics
    ///
    /// Where the target breaks a promise, or takes too long.
    pub fn run(&self, input: &[u8]) {
        // What the kernel does for a thread counts, too: where memory is short, that can be seconds
        // that no input is to blame for. They do not come twice for the same one.
        if self.time_of(input) >= LONGEST {
            let took = self.time_of(input);
            assert!(took < LONGEST, "one input took {took:?}");
        }
    }

    fn time_of(&self, input: &[u8]) -> Duration {
        let began = ThreadTime::now();
        (self.run)(input);
        began.elapsed()
    }

    /// Makes the first inputs out of what the tests of the repository use.
    pub fn seeds(&self, repository: &Path) -> Vec<Vec<u8>> {
        (self.seeds)(repository)
    }
}

/// Splits an input at its NUL bytes, which stand in no text.
fn parts(input: &[u8]) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    input.split(|&byte| byte == 0).map(String::from_utf8_lossy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_takes_its_seeds() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for target in TARGETS {
            let seeds = target.seeds(&repository);
            assert!(seeds.len() > 10, "{} has seeds", target.name);
            for seed in seeds {
                (target.run)(&seed);
            }
        }
    }
}

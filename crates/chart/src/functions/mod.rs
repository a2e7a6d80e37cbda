//! The functions that charts call: takes nothing, gives one table with all of Sprig and Helm,
//! never holds state of a rendering (that is in the run's context).

mod arguments;
mod case;
mod certificates;
mod crypto;
mod dates;
mod decimal;
mod dicts;
mod duration;
mod encoding;
mod go_url;
pub(crate) mod helm;
pub(crate) mod json;
mod json_read;
mod keys;
mod layout;
mod limits;
mod lists;
mod logic;
mod math;
mod moment;
mod paths;
mod random;
pub(crate) mod regex;
mod regex_syntax;
mod strings;
mod time;
mod toml;
mod urls;
mod versions;
pub(crate) mod yaml;

use std::sync::{Arc, LazyLock};

use gotemplate::FunctionTable;

static TABLE: LazyLock<Arc<FunctionTable>> = LazyLock::new(|| {
    let mut table = FunctionTable::new();
    strings::register(&mut table);
    lists::register(&mut table);
    dicts::register(&mut table);
    logic::register(&mut table);
    math::register(&mut table);
    versions::register(&mut table);
    regex::register(&mut table);
    dates::register(&mut table);
    encoding::register(&mut table);
    json::register(&mut table);
    yaml::register(&mut table);
    toml::register(&mut table);
    paths::register(&mut table);
    urls::register(&mut table);
    random::register(&mut table);
    crypto::register(&mut table);
    certificates::register(&mut table);
    helm::register(&mut table);
    limits::guard(&mut table);
    Arc::new(table)
});

/// Returns the functions.
pub(crate) fn table() -> Arc<FunctionTable> {
    Arc::clone(&TABLE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// `docs/functions.md` tells of every function how it compares with Helm's.
    #[test]
    fn the_table_in_the_docs_has_every_function_and_no_other() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/functions.md");
        let docs = std::fs::read_to_string(path).unwrap();
        let mut told = BTreeSet::new();
        for line in docs.lines().filter(|line| line.starts_with("| `")) {
            let mut cells = line.split('|').skip(1).map(str::trim);
            let name = cells.next().unwrap().trim_matches('`').to_owned();
            let verdict = cells.next().unwrap();
            let known = ["equal but for chance: ", "deliberately different: "];
            let has_reason = known.iter().any(|known| {
                verdict
                    .strip_prefix(known)
                    .is_some_and(|reason| !reason.is_empty())
            });
            assert!(verdict == "equal" || has_reason, "{line}");
            assert!(told.insert(name), "told twice: {line}");
        }
        let table = super::table();
        let there: BTreeSet<String> = table.names().map(str::to_owned).collect();
        let missing: Vec<_> = there.difference(&told).collect();
        let gone: Vec<_> = told.difference(&there).collect();
        assert!(
            missing.is_empty() && gone.is_empty(),
            "not in docs: {missing:?}; not there: {gone:?}"
        );
    }
}

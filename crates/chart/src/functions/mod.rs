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
    Arc::new(table)
});

/// Returns the functions.
pub(crate) fn table() -> Arc<FunctionTable> {
    Arc::clone(&TABLE)
}

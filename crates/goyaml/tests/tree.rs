//! The tree with its places, streams, limits and the writer's interface.

use std::borrow::Cow;
use std::fmt::Write;
use std::rc::Rc;

use goyaml::{Emit, Kind, MAX_DEPTH, Shape, parse, parse_stream, to_string};
use serde_json::json;

#[test]
fn every_value_knows_its_place() {
    let text = "a:\n  é: [1, two]\nb: *x\n".replace("*x", "&x {c: 3}\nd: *x");
    let node = parse(&text).unwrap();
    let place = |path: &[&str]| {
        let span = node.pointer(path).unwrap().span;
        (span.line, span.column, &text[span.offset..=span.offset])
    };
    assert_eq!(place(&["a", "é"]), (2, 6, "["));
    assert_eq!(place(&["a", "é", "1"]), (2, 10, "t"));
    assert_eq!(place(&["b", "c"]), (3, 11, "3"));
    assert_eq!(
        place(&["d", "c"]),
        (3, 11, "3"),
        "what an alias stands for is where it is written"
    );
    let entry = node.entry("d").unwrap();
    assert_eq!((entry.key_span.line, entry.key_span.column), (4, 1));
    assert_eq!(node.pointer(&["a", "é", "2"]), None);
}

#[test]
fn of_equal_keys_the_last_wins_and_tells_its_line() {
    let node = parse("a: 1\nb: 2\na: 3\n").unwrap();
    assert_eq!(node.to_json(), json!({"a": 3, "b": 2}));
    assert_eq!(node.entry("a").unwrap().key_span.line, 3);
}

#[test]
fn reads_all_documents_of_a_stream() {
    let documents = parse_stream("# c\na: 1\n---\n---\nb: 2\n...\n---\n- 3\n").unwrap();
    let seen: Vec<_> = documents
        .iter()
        .map(|node| (node.span.line, node.to_json()))
        .collect();
    assert_eq!(
        seen,
        [
            (2, json!({"a": 1})),
            (4, json!(null)),
            (5, json!({"b": 2})),
            (8, json!([3])),
        ]
    );
    assert_eq!(parse_stream("").unwrap(), []);
    let error = parse_stream("a: 1\n---\nb: [\n").unwrap_err();
    assert_eq!((error.line, error.column), (4, 1));
}

#[test]
fn errors_carry_the_true_place_and_go_s_words() {
    let error = parse("a: 1\nb: c: d\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 5));
    assert_eq!(
        error.to_string(),
        "yaml: line 2: mapping values are not allowed in this context"
    );
    // Go counts the lines of grammar errors from 0.
    let error = parse("a: 1\nb: [c\nd: e\n").unwrap_err();
    assert_eq!((error.line, error.column), (3, 2));
    assert_eq!(
        error.to_string(),
        "yaml: line 2: did not find expected ',' or ']'"
    );
    let error = parse("a: 1\nb: \u{7}\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 4));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH - 1)).is_ok());
    assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
    assert!(parse(&nested(100_000)).is_err());
    let block: Vec<_> = (0..=MAX_DEPTH)
        .map(|depth| {
            " ".repeat(depth)
                + "a:
"
        })
        .collect();
    let error = parse(&block.concat()).unwrap_err();
    assert_eq!(error.message, format!("exceeded max depth of {MAX_DEPTH}"));
    let deep = parse(&nested(MAX_DEPTH - 1)).unwrap().to_json();
    assert!(to_string(&deep).is_ok());
}

#[test]
fn aliases_cannot_blow_up() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, inner) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        let items = vec![format!("*{inner}"); 9].join(", ");
        writeln!(text, "{name}: &{name} [{items}]").unwrap();
    }
    let error = parse(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "yaml: document contains excessive aliasing"
    );

    // Each level nests one deeper through an alias: text of little depth, a tree of great depth.
    let mut text = "a0: &a0 [x]\n".to_owned();
    for number in 1..2000 {
        writeln!(text, "a{number}: &a{number} [*a{}]", number - 1).unwrap();
    }
    assert!(parse(&text).is_err());
}

/// A value behind shared handles, as a template engine has them.
enum Shared {
    Text(&'static str),
    List(Vec<Rc<Shared>>),
    Map(Vec<(&'static str, Rc<Shared>)>),
}

struct Handle(Rc<Shared>);

impl Emit for Handle {
    type Child<'a> = Handle;

    fn shape(&self) -> Shape<'_, Handle> {
        match &*self.0 {
            Shared::Text(text) => Shape::String(Cow::Borrowed(text)),
            Shared::List(items) => Shape::Sequence(items.iter().cloned().map(Handle).collect()),
            Shared::Map(entries) => Shape::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| ((*key).into(), Handle(value.clone())))
                    .collect(),
            ),
        }
    }
}

#[test]
fn other_types_are_written_without_conversion() {
    let text = Rc::new(Shared::Text("yes"));
    let list = Rc::new(Shared::List(vec![
        text.clone(),
        Rc::new(Shared::Map(vec![])),
    ]));
    let map = Handle(Rc::new(Shared::Map(vec![("k10", text), ("k9", list)])));
    assert_eq!(
        to_string(&map).unwrap(),
        "k9:\n- \"yes\"\n- {}\nk10: \"yes\"\n"
    );
}

#[test]
fn what_is_written_reads_back_the_same() {
    // A small generator of its own: the point is odd texts, not odd structures.
    let pieces = [
        "a",
        " ",
        "  ",
        "\n",
        "\t",
        ":",
        ": ",
        "#",
        " #",
        "-",
        "- ",
        "'",
        "\"",
        "\\",
        "é",
        "😀",
        "\u{2028}",
        "\u{85}",
        "\u{FEFF}",
        "\u{A0}",
        "\u{1B}",
        "0",
        "1",
        "yes",
        "~",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&",
        "*",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "?",
        "\r",
        "lorem ipsum dolor sit amet ",
        "=",
        ".5",
        "0x",
        "1:30",
        "---",
        "...",
        "2001-01-01",
    ];
    let mut state = 1_u64;
    let mut random = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    for _ in 0..20_000 {
        let mut text = || {
            let length = random(8);
            (0..length)
                .map(|_| pieces[random(pieces.len())])
                .collect::<String>()
        };
        let value = json!({text(): text(), text(): [text(), {text(): text()}]});
        let written = to_string(&value).unwrap();
        let read = parse(&written).unwrap_or_else(|error| panic!("{error} in {written:?}"));
        assert_eq!(read.to_json(), value, "{written:?}");
    }
}

/// A floating point number.
struct Number(f64);
impl Emit for Number {
    type Child<'a> = Number;
    fn shape(&self) -> Shape<'_, Number> {
        Shape::Float(self.0)
    }
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    assert_eq!(
        parse("a: .inf").unwrap_err().to_string(),
        "json: unsupported value: +Inf"
    );
    assert_eq!(to_string(&Number(2_000_000.0)).unwrap(), "2000000\n");
    assert_eq!(to_string(&Number(0.000_000_1)).unwrap(), "1e-07\n");
    assert!(to_string(&Number(f64::NAN)).is_err());
}

#[test]
fn kinds_are_what_the_text_says() {
    let node = parse("[0o17, 18446744073709551615, 1.5, 1.0, 'x', ~, on]").unwrap();
    let kinds: Vec<_> = node
        .as_sequence()
        .unwrap()
        .iter()
        .map(|item| item.kind.clone())
        .collect();
    assert_eq!(
        kinds,
        [
            Kind::Integer(15),
            Kind::Unsigned(u64::MAX),
            Kind::Float(1.5),
            Kind::Integer(1),
            Kind::String("x".to_owned()),
            Kind::Null,
            Kind::Bool(true),
        ]
    );
}

#[test]
fn version_three_types_differently() {
    let read = |text: &str| {
        goyaml::parse_stream_as(text, goyaml::Flavour::V3).map(|documents| documents[0].to_json())
    };
    assert_eq!(
        read("[yes, n, true, 010, 2020-01-02, 2020-01-02 3:04:05.60, '2020-01-02']").unwrap(),
        json!([
            "yes",
            "n",
            true,
            8,
            "2020-01-02T00:00:00Z",
            "2020-01-02T03:04:05.6Z",
            "2020-01-02"
        ])
    );
    assert_eq!(
        read("m: &m {a: 1, b: 2}\nn: {a: 5, <<: *m}\no: {<<: [{c: 1}, {c: 2, d: 3}]}").unwrap(),
        json!({"m": {"a": 1, "b": 2}, "n": {"a": 5, "b": 2}, "o": {"c": 1, "d": 3}})
    );
    assert_eq!(
        read("a: 1\na: 2").unwrap_err().to_string(),
        "yaml: unmarshal errors:\n  line 2: mapping key \"a\" already defined at line 1"
    );
    assert!(read("1: a").is_err());
}

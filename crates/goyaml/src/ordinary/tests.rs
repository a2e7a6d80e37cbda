//! The short way against the full reader, on the recorded cases and on what a generator makes of
//! them and of longer documents.

use crate::{Flavour, parse_in_full, parse_stream_in_full};

const DOCUMENTS: [&str; 11] = [
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app: a, 'b/c': \"d\"}\ndata:\n  text: |\n    one\n      two\n\n    three\n  kept: |+\n    one\n\n  stripped: >-\n    one\n    two\n\n    three\n      four\n  empty: \"\"\n",
    "spec:\n  containers:\n  - name: a # first\n    args: [--port, \"80\", 'it''s']\n    env:\n      - name: A\n        value: \"x: \\\"y\\\"\\n\"\n      -\n        name: B\n    resources: {}\n  - name: b\n    ports: []\n  # end\n",
    "---\n# values\non: off\n1: 2\nn: ~\nnumbers: [1, 2.5, .5, 1e3, 0x1F]\ntimes: 2001-01-01\nnested:\n- - a\n  - b: c\n    d:\n  -\n- e\nnothing:\nlast: null",
    "a:\n    b:\n        - c:\n            d: \"ä\"\n            é: x\n        - f: -1\n    g: 'x' # ä\nh: a:b#c\n",
    "command:\n- sh\n- -c\n- |\n  set -e\n  \techo tab\n\n  if true; then\n    echo \"# no comment\"\n  fi\n-   deep:   value\n    other: >\n     folded\n     text\n\n",
    "description: one\n  two - three\n  - four\n\n\n  five\nother:\n  one  \n   two\n\nlist:\n- a\n  b\n-\n  c\n  d\n- 1\n  2\n",
    "a: 'one: two,\n  three # four'\nb: \"x \n\n  y\\t\n\n\n   z\" # c\nc:\n- 'it''s\n  so'\n- \"\n  d\n  \"\n",
    "---\na:\n  b: one\n    # deeper\n  c: |-\n  d: >+\n\n  # e\n  e: two\n   # x\n\nf:\n- |\n- one\n  # y\n...\n# end\n\n",
    "a:\n  b: |2-\n       one\n      two\n\n  c: >1\n    three\n   four\n\n  d: |+2\n     five\n  e: :six\n  f: ?seven\ng:\n- |1\n   eight\n- h: |-1\n     nine\n",
    "- a: 1\n  b: [x, {c: d, \"e\": [f]}]\n- - - deep\n-\n  - x\n",
    "a: \"one\\n\\\n  \\ two \\\n\n\n   three\\\n  \\u00e4 \\x41\\r\n  four\"\nb:\n- \"\\\n  c \\\n  \"\n",
];

/// What a mutation puts in, takes out or doubles.
const PIECES: [&str; 33] = [
    "|2-",
    "2",
    " ",
    "  ",
    "\n",
    "\n\n",
    "- ",
    "-",
    ": ",
    ":",
    "#",
    " # c",
    "\"",
    "'",
    "|",
    ">",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\t",
    "&a ",
    "*a",
    "!x ",
    "---\n",
    "...\n",
    "<<: ",
    "ä",
    "\\",
    "\\\n",
    "yes: no\n",
    "\u{85}",
];

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Panics where the two differ for a text as a stream; returns whether the newer library's rules
/// let the short way be taken.
fn compare_streams(text: &str) -> bool {
    let mut short = false;
    for flavour in [Flavour::V2, Flavour::V3] {
        let documents = super::stream(text, flavour);
        short = documents.is_some();
        if let Some(documents) = documents {
            match parse_stream_in_full(text, flavour) {
                Ok(full) => assert_eq!(documents, full, "{flavour:?} {text:?}"),
                Err(error) => panic!("{flavour:?} {text:?} is read, though: {error}"),
            }
        }
    }
    short
}

/// Panics where the two differ; returns whether the short way was taken.
fn compare(text: &str) -> bool {
    if crate::check(text).is_err() {
        return false;
    }
    compare_streams(text);
    let wanted = |key: &str| key < "d";
    let (data, outline) = (super::data(text), super::outline(text, &wanted));
    let Some(node) = super::parse(text) else {
        assert_eq!((data, outline), (None, None), "{text:?}");
        return false;
    };
    let mut full = node.clone().into_json();
    assert_eq!(data.as_ref(), Some(&full), "{text:?}");
    if let Some(map) = full.as_object_mut() {
        map.retain(|key, _| wanted(key));
        assert_eq!(outline.as_ref(), Some(&full), "{text:?}");
    } else {
        assert!(outline.is_some());
    }
    for strict in [false, true] {
        match parse_in_full(text, strict) {
            Ok(full) => assert_eq!(node, full, "{text:?}"),
            Err(error) => panic!("{text:?} is read, though: {error}"),
        }
    }
    true
}

#[test]
fn ordinary_documents_take_the_short_way() {
    for document in DOCUMENTS {
        assert!(compare(document), "{document}");
    }
}

#[test]
fn streams_of_ordinary_documents_take_the_short_way() {
    let text =
        "---\na: 2001-01-01\nb: [y, 2001-1-1]\ny: no\n--- \n- |\n  x\n---\n# c\nc: 'd'\n...\n";
    assert!(compare_streams(text));
    for text in [
        "a: b\n---\n",
        "a: b\n---",
        "a: b\n---\n\n# c\n  ",
        "a: b\n---\n---\nc: d\n---\n---\n",
    ] {
        assert!(compare_streams(text), "{text}");
    }
    for text in [
        "a: b\n--- c\n",
        "a: b\n---\n%x\n",
        "1: a\n",
        "true: a\n",
        "a: 1\na: 2\n",
    ] {
        assert!(!compare_streams(text), "{text}");
    }
}

#[test]
fn both_ways_give_the_same() {
    let mut texts: Vec<String> = DOCUMENTS.map(str::to_owned).to_vec();
    for line in include_str!("../../tests/cases.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        texts.push(case["in"].as_str().unwrap().to_owned());
    }
    for text in &texts {
        compare(text);
    }
    let mut numbers = Numbers(7);
    let mut short = 0;
    for round in 0..60_000 {
        // The long documents have more to go wrong.
        let pick = if round % 2 == 0 {
            DOCUMENTS.len()
        } else {
            texts.len()
        };
        let mut text = texts[numbers.below(pick)].clone();
        for _ in 0..=numbers.below(3) {
            let places: Vec<usize> = (0..=text.len())
                .filter(|&at| text.is_char_boundary(at))
                .collect();
            let at = numbers.below(places.len());
            let until = (at + numbers.below(6)).min(places.len() - 1);
            let piece = match numbers.below(4) {
                0 => String::new(),
                1 => text[places[at]..places[until]].repeat(2),
                _ => PIECES[numbers.below(PIECES.len())].to_owned(),
            };
            text.replace_range(places[at]..places[until], &piece);
        }
        short += u32::from(compare(&text));
    }
    assert!(short > 5_000, "{short}");
}

/// Reads all files below the folder `GOYAML_TEXTS` in both ways.
#[test]
#[ignore = "needs texts in the folder GOYAML_TEXTS"]
fn further() {
    let mut folders = vec![std::path::PathBuf::from(
        std::env::var_os("GOYAML_TEXTS").unwrap(),
    )];
    let (mut all, mut short) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                all += 1;
                short += u32::from(compare(&text));
            }
        }
    }
    assert!(short * 2 > all, "{short} of {all} took the short way");
}

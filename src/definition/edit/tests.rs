//! Changes to YAML files of all habits: takes texts, compares every byte.

use serde_json::json;

use super::*;

const VALUES: &str = "\
# What all environments share.
repository:
  url: https://github.com/example/platform.git # put your own here

services:
  # The owner.
  argocd:
    enabled: false
    wave: 2   # after cert-manager

  cert-manager: {enabled: false, labels: {a: b}}

  # The last one.
  portal:
    enabled: false
    dependsOn: [postgres]
    note: |
      two
      lines
    # behind the last key

other:
- a
";

fn edited(text: &str, edit: impl FnOnce(&mut YamlEdit) -> Result<(), EditError>) -> String {
    let mut yaml = YamlEdit::new(text).expect("YAML");
    edit(&mut yaml).expect("a change");
    yaml.into_text()
}

#[test]
fn a_value_is_replaced_and_its_comment_stays() {
    let text = edited(VALUES, |yaml| {
        yaml.set(&["services", "argocd", "wave"], &json!(3))
    });
    assert_eq!(text, VALUES.replace("wave: 2   #", "wave: 3   #"));
    let text = edited(VALUES, |yaml| {
        yaml.set(&["repository", "url"], &json!("x: y"))
    });
    assert!(
        text.contains("  url: 'x: y' # put your own here\n"),
        "{text}"
    );
    let text = edited(VALUES, |yaml| {
        yaml.set(&["services", "portal", "note"], &json!("one"))
    });
    assert_eq!(
        text,
        VALUES.replace("note: |\n      two\n      lines\n", "note: one\n")
    );
}

#[test]
fn a_key_is_added_behind_the_last_one() {
    let text = edited(VALUES, |yaml| {
        yaml.set(&["services", "portal", "wave"], &json!(3))
    });
    let behind = "    # behind the last key\n";
    assert_eq!(
        text,
        VALUES.replace(behind, &format!("{behind}    wave: 3\n"))
    );
    let text = edited(VALUES, |yaml| {
        yaml.set(&["services", "cert-manager", "wave"], &json!(0))
    });
    assert_eq!(text, VALUES.replace("{a: b}}", "{a: b}, wave: 0}"));
    let text = edited(VALUES, |yaml| yaml.set(&["new", "below"], &json!(true)));
    assert_eq!(text, format!("{VALUES}\nnew:\n  below: true\n"));
}

#[test]
fn a_service_goes_where_the_alphabet_has_it() {
    let service = json!({"enabled": false, "valueFiles": ["a.yaml"]});
    let add = |key: &'static str| {
        let service = service.clone();
        edited(VALUES, move |yaml| {
            yaml.add(&["services"], key, &service, Position::Sorted)
        })
    };
    let lines = |key: &str| format!("  {key}:\n    enabled: false\n    valueFiles: [a.yaml]\n");
    let before = "  # The last one.\n";
    let expected = VALUES.replace(before, &format!("{}\n{before}", lines("grafana")));
    assert_eq!(add("grafana"), expected);
    let last = "    # behind the last key\n";
    let expected = VALUES.replace(last, &format!("{last}\n{}", lines("zoo")));
    assert_eq!(add("zoo"), expected);
    let mut yaml = YamlEdit::new(VALUES).expect("YAML");
    let again = yaml.add(&["services"], "portal", &json!(1), Position::Sorted);
    assert_eq!(
        again.expect_err("there").to_string(),
        "line 14: `services.portal` is there already"
    );
}

#[test]
fn lists_grow_as_they_are_written() {
    let text = edited(VALUES, |yaml| yaml.push(&["other"], &json!("b")));
    assert_eq!(text, format!("{VALUES}- b\n"));
    let text = edited(VALUES, |yaml| {
        yaml.push(&["services", "portal", "dependsOn"], &json!("vault"))
    });
    assert_eq!(text, VALUES.replace("[postgres]", "[postgres, vault]"));
    let text = edited("a:\n  - b: 1\n    c: 2\n\n# end\n", |yaml| {
        yaml.push(&["a"], &json!({"b": 2, "c": [1]}))
    });
    assert_eq!(
        text,
        "a:\n  - b: 1\n    c: 2\n  - b: 2\n    c: [1]\n\n# end\n"
    );
}

#[test]
fn what_is_empty_is_filled() {
    for (before, after) in [
        ("", "a:\n  b: 1\n"),
        ("# nothing yet\n", "# nothing yet\na:\n  b: 1\n"),
        ("a:\n", "a:\n  b: 1\n"),
        ("a: # why\nc: 1\n", "a: # why\n  b: 1\nc: 1\n"),
        ("a: {}\n", "a: {b: 1}\n"),
        ("a: ~\nc: 1\n", "a:\n  b: 1\nc: 1\n"),
        ("a: {b: }\n", "a: {b: 1 }\n"),
        ("{}", "a:\n  b: 1"),
        ("x: 1", "x: 1\na:\n  b: 1\n"),
    ] {
        let text = edited(before, |yaml| yaml.set(&["a", "b"], &json!(1)));
        assert_eq!(text, after, "{before:?}");
    }
}

#[test]
fn the_habits_of_the_file_are_kept() {
    let wide = "a:\n    b:\n    - 1\nc:\n    d: 1\n";
    let list = json!([{"x": 1}, {"x": 2}]);
    let text = edited(wide, |yaml| yaml.set(&["c", "e", "f"], &list));
    assert_eq!(
        text,
        format!("{wide}    e:\n        f:\n        - x: 1\n        - x: 2\n")
    );
    let text = edited("a: 1\r\nb:\r\n  c: 2\r\n", |yaml| {
        yaml.set(&["b", "d"], &json!("x"))
    });
    assert_eq!(text, "a: 1\r\nb:\r\n  c: 2\r\n  d: x\r\n");
    let text = edited("- a: 1\n", |yaml| yaml.push(&[], &json!({"a": 2})));
    assert_eq!(text, "- a: 1\n- a: 2\n");
}

#[test]
fn texts_of_all_forms_are_replaced_whole() {
    for value in [
        "\"a # \\\" b\"",
        "'it''s'",
        "plain # no comment",
        "one\n  two",
        ">-\n  a\n\n  b",
    ] {
        let text = format!("a: {value}\nb: 1\n");
        let after = edited(&text, |yaml| yaml.set(&["a"], &json!("z")));
        let comment = if value.contains("no comment") {
            " # no comment"
        } else {
            ""
        };
        assert_eq!(after, format!("a: z{comment}\nb: 1\n"), "{value:?}");
    }
}

#[test]
fn what_cannot_be_changed_alone_is_left() {
    let shared = "a: &x {b: 1}\nc: *x\n";
    let mut yaml = YamlEdit::new(shared).expect("YAML");
    let error = yaml.set(&["c", "b"], &json!(2)).expect_err("an anchor");
    assert!(matches!(error, EditError::Entangled { .. }));
    assert_eq!(yaml.text(), shared);
    let error = yaml.set(&["a", "b", "c"], &json!(2)).expect_err("no map");
    assert_eq!(error.to_string(), "line 1: `a.b` is an integer, not a map");
    assert!(YamlEdit::new("a: [").is_err());
}

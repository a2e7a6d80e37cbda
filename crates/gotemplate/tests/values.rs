//! Values by themselves: takes maps, lists and strings, gives checks of what is shared and what is
//! kept, never runs a template.

use gotemplate::format::{display, float, quote, sprintf};
use gotemplate::{ElementKind, Kind, List, Map, Text, Value};

#[test]
fn a_cloned_map_is_the_same_map() {
    let map = Map::new();
    let other = map.clone();
    other.set("b", Value::Int(1));
    other.set("a", "x");
    assert!(map.pointer_equal(&other));
    assert_eq!(display(&Value::Map(map.clone())), "map[a:x b:1]");
    assert_eq!(map.remove("a").unwrap().as_text().unwrap(), &"x");
    assert_eq!(other.keys().len(), 1);
}

#[test]
fn entries_are_those_of_the_moment() {
    let map: Map = [("b", Value::Int(2)), ("a", Value::Int(1))]
        .into_iter()
        .collect();
    let mut seen = Vec::new();
    for (key, _) in &map {
        map.set(format!("{key}{key}"), Value::Nil);
        seen.push(key.to_string());
    }
    assert_eq!(seen, ["a", "b"]);
    assert_eq!(map.len(), 4);
}

#[test]
fn a_deep_copy_shares_nothing() {
    let inner = Map::new();
    let list = Value::from(vec![Value::Map(inner.clone())]);
    let outer: Map = [("list", list), ("inner", Value::Map(inner.clone()))]
        .into_iter()
        .collect();
    let copy = outer.deep_copy();
    inner.set("changed", true);
    assert_eq!(
        display(&Value::Map(outer)),
        "map[inner:map[changed:true] list:[map[changed:true]]]"
    );
    assert_eq!(display(&Value::Map(copy)), "map[inner:map[] list:[map[]]]");
}

#[test]
fn appending_leaves_the_list_as_it_was() {
    let list = List::strings(["a"]);
    let longer = list.append([Value::from("b")]);
    assert_eq!((list.len(), longer.len()), (1, 2));
    assert_eq!(longer.element(), ElementKind::String);
    assert!(list.pointer_equal(&list.clone()));
}

#[test]
fn strings_keep_bytes_that_are_no_text() {
    let text = Text::from_bytes(vec![b'a', 0xff]);
    assert_eq!(text.as_bytes(), [b'a', 0xff]);
    assert_eq!(text.as_utf8(), None);
    assert_eq!(text.to_str(), "a\u{fffd}");
    let printed = sprintf("%s|%x", &[Value::from(text.clone()), Value::from(text)]);
    assert_eq!(printed.as_bytes(), b"a\xff|61ff");
}

#[test]
fn types_have_the_names_and_kinds_of_go() {
    let names: Vec<_> = [
        Value::Nil,
        Value::Int(1),
        Value::Int64(1),
        Value::Float64(1.0),
        Value::from(vec![]),
        Value::List(List::strings(["a"])),
        Value::Map(Map::new()),
        Value::Map(Map::with_element(ElementKind::String)),
        Value::Bytes([1].into()),
    ]
    .iter()
    .map(|value| format!("{} {}", value.kind().name(), value.type_name()))
    .collect();
    assert_eq!(
        names,
        [
            "invalid <nil>",
            "int int",
            "int64 int64",
            "float64 float64",
            "slice []interface {}",
            "slice []string",
            "map map[string]interface {}",
            "map map[string]string",
            "slice []uint8",
        ]
    );
    assert_eq!(Kind::Pointer.name(), "ptr");
}

#[test]
fn truth_is_what_is_neither_nil_nor_zero_nor_empty() {
    for value in [
        Value::Nil,
        Value::Int(0),
        Value::Float64(0.0),
        Value::from(""),
        Value::from(vec![]),
    ] {
        assert!(!value.is_true(), "{value:?}");
    }
    for value in [
        Value::Int(-1),
        Value::Float64(f64::NAN),
        Value::from("0"),
        Value::from(true),
    ] {
        assert!(value.is_true(), "{value:?}");
    }
}

#[test]
fn formatting_is_there_for_the_program() {
    assert_eq!(float(1e6, 'g', None), "1e+06");
    assert_eq!(float(1e6, 'f', None), "1000000");
    assert_eq!(quote("a\"\n\u{200b}"), "\"a\\\"\\n\\u200b\"");
    assert_eq!(display(&Value::Float64(0.1)), "0.1");
}

//! Errors without values: takes an error's words and the values that templates saw, gives the words
//! without those values, which may be secrets; never touches what the chart's own texts say.

use gotemplate::{Map, Value};

/// Stands for a value.
const HIDDEN: &str = "…";

/// Shorter values hide nothing, and would be found everywhere.
const SHORTEST: usize = 3;

/// So many values are looked for at the most.
const MOST: usize = 20_000;

/// Names of Go's types, which errors are made of.
const TYPES: [&str; 12] = [
    "string",
    "float64",
    "int",
    "int64",
    "bool",
    "interface",
    "map",
    "list",
    "slice",
    "nil",
    "type",
    "value",
];

/// Takes every value out of an error's words but those that the template itself spells out.
pub(crate) fn discreet(message: &str, values: Option<&Map>, template: &str) -> String {
    let mut texts = Vec::new();
    if let Some(values) = values {
        collect(&Value::Map(values.clone()), &mut texts);
    }
    texts.retain(|text| {
        text.len() >= SHORTEST
            && message.contains(text.as_str())
            && !template.contains(text.as_str())
            && !TYPES.contains(&text.as_str())
    });
    // The longest first, so that no part of one is left.
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    let hide = |message: String, text: &String| replace(&message, text);
    texts.iter().fold(message.to_owned(), hide)
}

/// Replaces a text wherever it is no part of a longer word.
fn replace(message: &str, text: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(text) {
        let (before, after) = (&rest[..at], &rest[at + text.len()..]);
        let joined = before.ends_with(char::is_alphanumeric)
            && text.starts_with(char::is_alphanumeric)
            || after.starts_with(char::is_alphanumeric) && text.ends_with(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if joined { text } else { HIDDEN });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    if texts.len() >= MOST {
        return;
    }
    match value {
        Value::Map(map) => map.iter().for_each(|(_, below)| collect(&below, texts)),
        Value::List(list) => list.iter().for_each(|below| collect(below, texts)),
        Value::String(text) => {
            let text = text.to_str();
            let quoted = gotemplate::format::quote(&text);
            let inner = quoted.trim_matches('"');
            if inner != text {
                texts.push(inner.to_owned());
            }
            texts.push(text.into_owned());
        }
        Value::Nil | Value::Bool(_) => {}
        number => texts.push(gotemplate::format::display(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_out_and_words_of_the_template_are_not() {
        let below = Map::new();
        below.set("password", "hunter2");
        below.set("words", "a \"b\"\n");
        below.set("name", "web");
        below.set("type", "string");
        let values = Map::new();
        values.set("a", below);
        let shown = |message: &str| discreet(message, Some(&values), "{{ \"web.labels\" }}");
        assert_eq!(
            shown("can't use hunter2, hunter22"),
            "can't use …, hunter22"
        );
        assert_eq!(
            shown("no template \"web.labels\""),
            "no template \"web.labels\""
        );
        assert_eq!(
            shown("expected string; got \"a \\\"b\\\"\\n\""),
            "expected string; got \"…\""
        );
    }
}

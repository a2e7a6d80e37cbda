//! The plain language, `{{name}}`: takes a text and flat parameters, gives the text with those that
//! are known filled in and the others left as they stand.
//!
//! Source: `Replace` in Argo CD's `applicationset/utils/utils.go` and valyala/fasttemplate.

use gotemplate::{Map, Value};

use super::Fault;
use crate::error::excerpt;

const BEGIN: &str = "{{";
const END: &str = "}}";

pub(super) fn replace(text: &str, params: &Map) -> Result<String, Fault> {
    if !text.lines().any(has_tag) {
        return Ok(text.to_owned());
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tagged)) = rest.split_once(BEGIN) {
        filled.push_str(before);
        let Some((tag, after)) = tagged.split_once(END) else {
            let message = format!("opens `{{{{` without `}}}}`: `{}`", excerpt(text));
            return Err(Fault::new(message).help("close it, or write the text otherwise"));
        };
        let name = tag.trim();
        match params.get(name) {
            Some(Value::String(value)) if !name.is_empty() => filled.push_str(&value.to_str()),
            _ => {
                filled.push_str(BEGIN);
                filled.push_str(tag);
                filled.push_str(END);
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Only a text with a whole tag in one of its lines is looked at.
fn has_tag(line: &str) -> bool {
    line.split_once(BEGIN)
        .is_some_and(|(_, rest)| rest.contains(END))
}

#[cfg(test)]
mod tests {
    use gotemplate::Map;

    use super::replace;

    fn params() -> Map {
        let params = Map::new();
        params.set("name", "portal");
        params.set("number", 1.0);
        params
    }

    #[test]
    fn what_is_not_known_stays_as_it_stands() {
        let filled = |text: &str| replace(text, &params()).unwrap();
        assert_eq!(filled("a-{{name}}-{{ name }}."), "a-portal-portal.");
        assert_eq!(
            filled("{{ other }} {{number}} {{}}"),
            "{{ other }} {{number}} {{}}"
        );
        assert_eq!(filled("{{\nname}}"), "{{\nname}}");
        assert_eq!(filled("{{name}} {{\nname}}"), "portal portal");
    }

    #[test]
    fn an_open_tag_is_an_error_where_there_is_a_whole_one() {
        assert_eq!(replace("a {{ b", &params()).unwrap(), "a {{ b");
        let fault = replace("{{name}} {{ b", &params()).unwrap_err();
        assert_eq!(fault.message, "opens `{{` without `}}`: `{{name}} {{ b`");
    }
}

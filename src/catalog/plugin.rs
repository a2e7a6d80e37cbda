//! An Application's options for a config management plugin: takes `source.plugin`, gives the
//! variables that the plugin is given, never runs it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::problem::Problem;

use super::application::list;
use super::substitute::substitute;
use super::variables::Variables;

/// What plugins wrote, by the name of the service and the place of the source in it, or why they
/// wrote nothing.
pub type PluginOutputs = BTreeMap<(String, usize), Result<String, Problem>>;

/// Reads options, with the variables of the source; the error is a sentence that goes on after the
/// Application's name.
///
/// Source: Argo CD's user guide, "Config management plugins": `ARGOCD_ENV_NAME` for each entry of
/// `env`, `ARGOCD_APP_PARAMETERS` with all parameters as JSON, and `PARAM_NAME` for each of them.
pub(super) fn environment(
    plugin: &Value,
    at: &str,
    variables: &Variables,
) -> Result<Vec<(String, String)>, String> {
    let mut all: Vec<(String, String)> = (variables.all().into_iter())
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for entry in list(plugin.get("env")) {
        let name = entry.get("name").and_then(Value::as_str);
        let value = entry.get("value").and_then(Value::as_str);
        let (Some(name), value) = (name, value.unwrap_or_default()) else {
            return Err(format!(
                "has an entry of spec{at}.plugin.env without a name"
            ));
        };
        let value = substitute(value, |name| variables.value_of(name))
            .map_err(|name| format!("uses ${name}, and the commit is not known"))?;
        all.push((format!("ARGOCD_ENV_{name}"), value));
    }
    let parameters = list(plugin.get("parameters"));
    all.push((
        "ARGOCD_APP_PARAMETERS".to_owned(),
        match parameters {
            [] => "null".to_owned(),
            parameters => Value::from(parameters.to_vec()).to_string(),
        },
    ));
    for parameter in parameters {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else {
            return Err(format!("has a parameter of spec{at}.plugin without a name"));
        };
        let name = format!("PARAM_{}", escaped(name));
        if let Some(text) = parameter.get("string").and_then(Value::as_str) {
            all.push((name.clone(), text.to_owned()));
        }
        let entries = parameter.get("map").and_then(Value::as_object);
        for (key, value) in entries.into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            all.push((format!("{name}_{}", escaped(key)), value.to_owned()));
        }
        for (index, value) in list(parameter.get("array")).iter().enumerate() {
            let value = value.as_str().unwrap_or_default();
            all.push((format!("{name}_{index}"), value.to_owned()));
        }
    }
    Ok(all)
}

fn escaped(name: &str) -> String {
    let name = name.to_uppercase();
    name.chars()
        .map(|character| match character {
            'A'..='Z' | '0'..='9' | '_' => character,
            _ => '_',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_are_those_of_argo_cd() {
        let variables = Variables {
            application: "portal".to_owned(),
            ..Variables::default()
        };
        let plugin = json!({
            "env": [{"name": "A", "value": "of $ARGOCD_APP_NAME"}],
            "parameters": [
                {"name": "one-text", "string": "x"},
                {"name": "m", "map": {"a.b": "c"}},
                {"name": "l", "array": ["p", "q"]},
            ],
        });
        let all = environment(&plugin, ".source", &variables).expect("variables");
        let of = |name: &str| {
            let found = all.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(of("ARGOCD_APP_NAME"), Some("portal"));
        assert_eq!(of("ARGOCD_ENV_A"), Some("of portal"));
        assert_eq!(of("PARAM_ONE_TEXT"), Some("x"));
        assert_eq!(of("PARAM_M_A_B"), Some("c"));
        assert_eq!(of("PARAM_L_1"), Some("q"));
        assert!(of("ARGOCD_APP_PARAMETERS").is_some_and(|json| json.contains("one-text")));
        assert!(environment(&json!({"env": [{"value": "x"}]}), ".source", &variables).is_err());
    }
}

//! What an Application says about its directory: takes `spec.source.directory`, gives options, never
//! reads the directory.

use serde_json::Value;

use crate::definition::Repository;
use crate::suggest::nearest;

use super::service::{DirectoryOptions, JsonnetOptions, JsonnetVariable};

const FIELDS: &[&str] = &["recurse", "include", "exclude", "jsonnet"];
const JSONNET_FIELDS: &[&str] = &["extVars", "tlas", "libs"];
const VARIABLE_FIELDS: &[&str] = &["name", "value", "code"];

/// Reads the options; `substitute` fills in the build environment. The error says what is wrong.
pub(super) fn read(
    directory: &Value,
    mut substitute: impl FnMut(&str) -> String,
) -> Result<DirectoryOptions, String> {
    known(directory, "spec.source.directory", FIELDS)?;
    let text = |key: &str| {
        let text = directory.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let recurse = match directory.get("recurse") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(recurse)) => *recurse,
        Some(_) => return Err(wrong("spec.source.directory.recurse", "true or false")),
    };
    let jsonnet = directory.get("jsonnet").unwrap_or(&Value::Null);
    known(jsonnet, "spec.source.directory.jsonnet", JSONNET_FIELDS)?;
    let mut libraries = Vec::new();
    for library in list(jsonnet, "libs")? {
        let given = library
            .as_str()
            .ok_or_else(|| wrong("spec.source.directory.jsonnet.libs", "a list of paths"))?;
        // Relative to the repository, not to the Application's directory, as Argo CD has it.
        let path = Repository::resolve("", given).ok_or_else(|| {
            format!("has the Jsonnet library {given}, which leads out of the repository")
        })?;
        libraries.push(path);
    }
    Ok(DirectoryOptions {
        recurse,
        include: text("include"),
        exclude: text("exclude"),
        jsonnet: JsonnetOptions {
            libraries,
            external_variables: variables(jsonnet, "extVars", &mut substitute)?,
            arguments: variables(jsonnet, "tlas", &mut substitute)?,
        },
    })
}

fn variables(
    jsonnet: &Value,
    key: &str,
    substitute: &mut impl FnMut(&str) -> String,
) -> Result<Vec<JsonnetVariable>, String> {
    let at = format!("spec.source.directory.jsonnet.{key}");
    let mut variables = Vec::new();
    for entry in list(jsonnet, key)? {
        known(entry, &at, VARIABLE_FIELDS)?;
        let text = |field: &str| match entry.get(field) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(wrong(&format!("{at}.{field}"), "a text")),
        };
        let name = text("name")?;
        if name.is_empty() {
            return Err(format!("has an entry without a name in {at}"));
        }
        variables.push(JsonnetVariable {
            name: name.to_owned(),
            value: substitute(text("value")?),
            code: entry.get("code") == Some(&Value::Bool(true)),
        });
    }
    Ok(variables)
}

fn list<'v>(value: &'v Value, key: &str) -> Result<&'v [Value], String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(wrong(
            &format!("spec.source.directory.jsonnet.{key}"),
            "a list",
        )),
    }
}

fn known(value: &Value, at: &str, fields: &[&str]) -> Result<(), String> {
    match value {
        Value::Null => Ok(()),
        Value::Object(given) => match given.keys().find(|key| !fields.contains(&key.as_str())) {
            None => Ok(()),
            Some(unknown) => Err(match nearest(unknown, fields.iter().copied()) {
                Some(nearest) => {
                    format!("has an unknown field {at}.{unknown}; did you mean `{nearest}`?")
                }
                None => format!("has an unknown field {at}.{unknown}"),
            }),
        },
        _ => Err(wrong(at, "a map")),
    }
}

fn wrong(at: &str, expected: &str) -> String {
    format!("has {at}, which should be {expected}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn jsonnet_is_read_with_the_build_environment_filled_in() {
        let given = json!({"recurse": true, "include": "", "jsonnet": {
            "libs": ["vendor", "/lib/x/"],
            "extVars": [{"name": "a", "value": "$NAME"}],
            "tlas": [{"name": "b", "value": "1", "code": true}],
        }});
        let options = read(&given, |text| text.replace("$NAME", "web")).expect("options");
        assert!(options.recurse);
        assert_eq!(options.include, None);
        assert_eq!(options.jsonnet.libraries, ["vendor", "lib/x"]);
        assert_eq!(options.jsonnet.external_variables[0].value, "web");
        assert!(options.jsonnet.arguments[0].code);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (given, expected) in [
            (json!({"recursive": true}), "directory.recursive"),
            (json!({"recurse": "yes"}), "true or false"),
            (
                json!({"jsonnet": {"extvars": []}}),
                "did you mean `extVars`",
            ),
            (json!({"jsonnet": {"libs": ["../x"]}}), "leads out"),
            (
                json!({"jsonnet": {"tlas": [{"value": "x"}]}}),
                "without a name",
            ),
            (
                json!({"jsonnet": {"tlas": [{"name": "x", "value": 1}]}}),
                "a text",
            ),
            (json!({"jsonnet": {"tlas": {}}}), "a list"),
        ] {
            let error = read(&given, str::to_owned).expect_err("an error");
            assert!(error.contains(expected), "{error}");
        }
    }
}

//! Names as operators make them, such as `{metadata.name}-app`: takes a text with fields in braces,
//! gives the names that it has for a manifest, never fails on a manifest.

use serde_json::Value;

use super::field_path::FieldPath;

/// A text with fields in braces.
///
/// `{spec.secretName|metadata.name}` takes the first field that is there, `{spec.kind|'Issuer'}` has a
/// word for the case that none is, `{spec.users[*].name}` gives a name for each item,
/// `{metadata.labels[x.io/cluster]}` is for keys with dots. Behind a colon stands what is taken of a
/// field: `:first` and `:last` of `namespace/name`, `:each` of a list with commas, `:keys` of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Choices(Vec<Choice>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    Word(String),
    Field {
        path: FieldPath,
        /// A last key that may have dots in it.
        key: Option<String>,
        part: Part,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    First,
    Last,
    Each,
    Keys,
}

/// No object makes more things than this.
const MAXIMUM: usize = 1000;

impl NameTemplate {
    /// Reads a template; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, behind) = after
                .split_once('}')
                .ok_or_else(|| "a `{` has no `}`".to_owned())?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let choices = inside.split('|').map(choice);
            pieces.push(Piece::Choices(choices.collect::<Result<_, _>>()?));
            rest = behind;
        }
        if rest.contains('}') {
            return Err("a `}` has no `{`".to_owned());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if pieces.is_empty() {
            return Err("there is no name".to_owned());
        }
        Ok(Self {
            text: text.to_owned(),
            pieces,
        })
    }

    /// Returns the names that it has for a manifest; none where a field is not there.
    pub fn names(&self, manifest: &Value) -> Vec<String> {
        let mut names = vec![String::new()];
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    for name in &mut names {
                        name.push_str(text);
                    }
                }
                Piece::Choices(choices) => {
                    let found = choices.iter().map(|choice| choice.find(manifest));
                    let found = found.into_iter().find(|found| !found.is_empty());
                    let found = found.unwrap_or_default();
                    names = names
                        .iter()
                        .flat_map(|name| found.iter().map(move |part| format!("{name}{part}")))
                        .take(MAXIMUM)
                        .collect();
                }
            }
        }
        names
    }
}

fn choice(text: &str) -> Result<Choice, String> {
    let text = text.trim();
    if let Some(word) = text
        .strip_prefix('\'')
        .and_then(|word| word.strip_suffix('\''))
    {
        return Ok(Choice::Word(word.to_owned()));
    }
    // A key in brackets may have a colon; a part stands behind it.
    let after_key = text.rfind(']').map_or(0, |index| index + 1);
    let (path, part) = match text[after_key..].rsplit_once(':') {
        Some((before, part)) => (&text[..after_key + before.len()], part),
        None => (text, ""),
    };
    let part = match part {
        "" => Part::Whole,
        "first" => Part::First,
        "last" => Part::Last,
        "each" => Part::Each,
        "keys" => Part::Keys,
        _ => {
            return Err(format!(
                "`:{part}` is none of `:first`, `:last`, `:each` and `:keys`"
            ));
        }
    };
    let bracket = path.strip_suffix(']').filter(|path| !path.ends_with('*'));
    let (path, key) = match bracket.and_then(|path| path.rsplit_once('[')) {
        Some((path, key)) => (path, Some(key.to_owned())),
        None => (path, None),
    };
    Ok(Choice::Field {
        path: FieldPath::parse(path)?,
        key,
        part,
    })
}

impl Choice {
    fn find(&self, manifest: &Value) -> Vec<String> {
        let (path, key, part) = match self {
            Self::Word(word) => return vec![word.clone()],
            Self::Field { path, key, part } => (path, key, *part),
        };
        let found = path.find(manifest).into_iter();
        let found = found.filter_map(|found| match key {
            Some(key) => found.value?.get(key),
            None => found.value,
        });
        found.flat_map(|value| part.of(value)).collect()
    }
}

impl Part {
    fn of(self, value: &Value) -> Vec<String> {
        if self == Self::Keys {
            let keys = value.as_object().into_iter().flatten();
            // A key becomes part of a name, which has no underscores.
            return keys.map(|(key, _)| key.replace('_', "-")).collect();
        }
        let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
            return Vec::new();
        };
        let words: Vec<&str> = match self {
            Self::First => vec![text.split('/').next().unwrap_or(text)],
            Self::Last => vec![text.rsplit('/').next().unwrap_or(text)],
            Self::Each => text.split(',').map(str::trim).collect(),
            Self::Whole | Self::Keys => vec![text],
        };
        words.into_iter().map(str::to_owned).collect()
    }
}

impl std::fmt::Display for NameTemplate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(template: &str) -> Vec<String> {
        let manifest = json!({
            "metadata": {"name": "db", "labels": {"x.io/cluster": "main"},
                "annotations": {"from": "other/secret", "to": "a, b"}},
            "spec": {"users": [{"name": "u"}, {"name": "v"}], "owners": {"a_b": [], "c": []},
                "empty": ""},
        });
        let template = NameTemplate::parse(template).expect("a template");
        template.names(&manifest)
    }

    #[test]
    fn fields_are_filled_in() {
        assert_eq!(names("{metadata.name}-app"), ["db-app"]);
        assert_eq!(names("{spec.empty|spec.none|metadata.name}"), ["db"]);
        assert_eq!(names("{spec.kind|'Issuer'}"), ["Issuer"]);
        assert_eq!(names("{metadata.labels[x.io/cluster]}-x"), ["main-x"]);
        assert_eq!(
            names("{spec.users[*].name}.{metadata.name}"),
            ["u.db", "v.db"]
        );
        assert_eq!(names("{spec.owners:keys}"), ["a-b", "c"]);
        assert_eq!(names("{metadata.annotations.from:first}"), ["other"]);
        assert_eq!(names("{metadata.annotations[from]:last}"), ["secret"]);
        assert_eq!(names("{metadata.annotations.to:each}"), ["a", "b"]);
        assert_eq!(names("{spec.none}-x"), Vec::<String>::new());
        assert_eq!(names("fixed"), ["fixed"]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "{a", "a}", "{a:b}", "{}", "{a..b}"] {
            assert!(NameTemplate::parse(text).is_err(), "{text}");
        }
    }
}

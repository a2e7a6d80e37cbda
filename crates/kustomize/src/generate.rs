//! Generated resources: takes a generator and the files that it names, gives a `ConfigMap` or
//! `Secret`, never the suffix of its name (the content may yet change).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::definition::{Generator, GeneratorOptions, Placed};
use crate::error::{Error, Place};
use crate::resource::{Behavior, Resource};
use crate::tree::{Map, Tree};

/// Reads a file named at a place.
pub(crate) type Load<'l> = &'l dyn Fn(&Placed<String>) -> Result<Vec<u8>, Error>;

/// Which of the two is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// A `ConfigMap`.
    ConfigMap,
    /// A `Secret`.
    Secret,
}

/// Generates one resource.
pub(crate) fn generate(
    generator: &Generator,
    product: Product,
    common: &GeneratorOptions,
    load: Load<'_>,
) -> Result<Resource, Error> {
    if generator.name.is_empty() {
        let message = "a generator must have a name".to_owned();
        return Err(Error::Invalid {
            place: generator.place.clone(),
            message,
        });
    }
    let options = with_common(&generator.options, common);
    let mut metadata = Map::from([("name".to_owned(), Tree::text(&generator.name))]);
    if !generator.namespace.is_empty() {
        metadata.insert("namespace".to_owned(), Tree::text(&generator.namespace));
    }
    for (field, map) in [
        ("labels", &options.labels),
        ("annotations", &options.annotations),
    ] {
        if !map.is_empty() {
            metadata.insert(field.to_owned(), texts(map));
        }
    }
    let kind = if product == Product::Secret {
        "Secret"
    } else {
        "ConfigMap"
    };
    let mut tree = Map::from([
        ("apiVersion".to_owned(), Tree::text("v1")),
        ("kind".to_owned(), Tree::text(kind)),
        ("metadata".to_owned(), Tree::Map(metadata)),
    ]);
    let pairs = read_pairs(generator, load)?;
    if product == Product::Secret {
        let kind = if generator.kind.is_empty() {
            "Opaque"
        } else {
            &generator.kind
        };
        tree.insert("type".to_owned(), Tree::text(kind));
        let data = pairs
            .iter()
            .map(|(key, value)| (key.clone(), Tree::Text(encode(value))));
        tree.insert("data".to_owned(), Tree::Map(data.collect()));
    } else {
        let (mut data, mut binary) = (Map::new(), Map::new());
        for (key, value) in pairs {
            match String::from_utf8(value) {
                Ok(text) => data.insert(key, Tree::Text(text)),
                Err(error) => binary.insert(key, Tree::Text(encode(error.as_bytes()))),
            };
        }
        for (field, map) in [("data", data), ("binaryData", binary)] {
            if !map.is_empty() {
                tree.insert(field.to_owned(), Tree::Map(map));
            }
        }
    }
    if options.immutable {
        tree.insert("immutable".to_owned(), Tree::Bool(true));
    }
    let mut resource = Resource::new(Tree::Map(tree), generator.place.clone());
    resource.generated = true;
    resource.needs_hash = !options.disable_name_suffix_hash;
    resource.behavior = behavior(&generator.behavior);
    Ok(resource)
}

/// Reads a behavior; Kustomize takes any other word for `create`.
fn behavior(text: &str) -> Behavior {
    match text {
        "replace" => Behavior::Replace,
        "merge" => Behavior::Merge,
        _ => Behavior::Create,
    }
}

fn texts(map: &BTreeMap<String, String>) -> Tree {
    Tree::Map(
        map.iter()
            .map(|(key, value)| (key.clone(), Tree::text(value)))
            .collect(),
    )
}

/// Puts the options of one generator above those of all.
fn with_common(own: &GeneratorOptions, common: &GeneratorOptions) -> GeneratorOptions {
    let above = |own: &BTreeMap<String, String>, common: &BTreeMap<String, String>| {
        let mut merged = common.clone();
        merged.extend(own.clone());
        merged
    };
    GeneratorOptions {
        labels: above(&own.labels, &common.labels),
        annotations: above(&own.annotations, &common.annotations),
        disable_name_suffix_hash: own.disable_name_suffix_hash || common.disable_name_suffix_hash,
        immutable: own.immutable || common.immutable,
    }
}

/// Reads all keys with their values; no key may come twice.
fn read_pairs(generator: &Generator, load: Load<'_>) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut pairs = BTreeMap::new();
    let mut insert = |place: &Place, key: String, value: Vec<u8>| {
        let message = format!("{} has the key {key} twice", generator.name);
        match pairs.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(Error::failed(place, message)),
        }
    };
    for env in &generator.envs {
        let content = load(env)?;
        let Ok(text) = String::from_utf8(content) else {
            return Err(Error::failed(
                &env.place,
                format!("{} is not UTF-8", env.value),
            ));
        };
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        for line in text.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            if !key.is_empty() {
                insert(&env.place, key.to_owned(), value.as_bytes().to_vec())?;
            }
        }
    }
    for literal in &generator.literals {
        let pair = literal
            .value
            .split_once('=')
            .filter(|(key, _)| !key.is_empty());
        let Some((key, value)) = pair else {
            let message = format!("literal {}: key=value is expected", literal.value);
            return Err(Error::Invalid {
                place: literal.place.clone(),
                message,
            });
        };
        insert(
            &literal.place,
            key.to_owned(),
            unquoted(value).as_bytes().to_vec(),
        )?;
    }
    for file in &generator.files {
        let (key, path) = match file.value.split_once('=') {
            None => (
                file.value.rsplit('/').next().unwrap_or_default(),
                file.value.as_str(),
            ),
            Some((key, path)) if !key.is_empty() && !path.is_empty() && !path.contains('=') => {
                (key, path)
            }
            Some(_) => {
                let message = format!("file {}: key=path or path is expected", file.value);
                return Err(Error::Invalid {
                    place: file.place.clone(),
                    message,
                });
            }
        };
        let content = load(&Placed {
            value: path.to_owned(),
            place: file.place.clone(),
        })?;
        insert(&file.place, key.to_owned(), content)?;
    }
    Ok(pairs)
}

/// Takes off quotes that are the same at both ends.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            return inner;
        }
    }
    text
}

/// Encodes in base64, in lines of 70 characters where it is longer, as Kustomize does.
pub(crate) fn encode(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    for (at, character) in encoded.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            lines.push('\n');
        }
        lines.push(character);
    }
    lines.push('\n');
    lines
}

//! Schemas that `crds` names: takes `OpenAPI` definitions with Kustomize's own marks, gives the fields
//! that they mark, never reads the definitions of a cluster.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::{Config, merge_one};
use crate::error::{Error, Place};
use crate::fieldspec::FieldSpec;
use crate::id::Selector;
use crate::refspecs::Reference;

/// How deep definitions may refer to each other.
const MAX_DEPTH: usize = 32;
/// How many fields the definitions of a file may mark.
const MAX_FIELDS: usize = 10_000;

/// Reads definitions: a map from a type's name to its schema.
pub(crate) fn read_definitions(file: &str, text: &str) -> Result<Config, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let fail = |message: String| Error::Invalid {
        place: Place::file(file),
        message,
    };
    let Value::Object(document) = node.into_json() else {
        return Err(fail("a map of definitions is expected".to_owned()));
    };
    let schema = |definition: &Value| {
        let found = definition
            .as_object()?
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("schema"))?;
        Some(found.1.clone())
    };
    let schemas: BTreeMap<&str, Value> = document
        .iter()
        .filter_map(|(name, definition)| Some((name.as_str(), schema(definition)?)))
        .collect();
    let mut reader = Reader {
        schemas: &schemas,
        config: Config::default(),
        fields: 0,
    };
    for (name, schema) in &schemas {
        let has = |field: &str| schema.pointer(&format!("/properties/{field}")).is_some();
        if has("kind") && has("apiVersion") && has("metadata") {
            let kind = name.rsplit('.').next().unwrap_or_default().to_owned();
            let of = Selector {
                kind: Cow::Owned(kind),
                ..Selector::default()
            };
            reader.read(&of, name, &mut Vec::new()).map_err(&fail)?;
        }
    }
    Ok(reader.config)
}

struct Reader<'r> {
    schemas: &'r BTreeMap<&'r str, Value>,
    config: Config,
    fields: usize,
}

impl<'r> Reader<'r> {
    fn read(&mut self, of: &Selector, name: &str, path: &mut Vec<&'r str>) -> Result<(), String> {
        if path.len() > MAX_DEPTH || self.fields > MAX_FIELDS {
            return Err(format!("the definitions that {name} refers to have no end"));
        }
        let schemas = self.schemas;
        let properties = schemas
            .get(name)
            .and_then(|schema| schema.get("properties"));
        for (name, property) in properties.and_then(Value::as_object).into_iter().flatten() {
            self.fields += 1;
            path.push(name);
            self.read_property(of, property, path)?;
            path.pop();
        }
        Ok(())
    }

    fn read_property(
        &mut self,
        of: &Selector,
        property: &'r Value,
        path: &mut Vec<&'r str>,
    ) -> Result<(), String> {
        let mark = |name: &str| property.get(name).and_then(Value::as_str);
        let spec = |path: String| FieldSpec {
            of: of.clone(),
            path: Cow::Owned(path),
            create: false,
        };
        let here = spec(path.join("/"));
        for (name, specs) in [
            (
                "x-kubernetes-annotation",
                &mut self.config.common_annotations,
            ),
            (
                "x-kubernetes-label-selector",
                &mut self.config.common_labels,
            ),
            ("x-kubernetes-identity", &mut self.config.name_prefix),
        ] {
            if mark(name).is_some() {
                merge_one(specs.to_mut(), &here)?;
            }
        }
        if let (Some(version), Some(kind)) = (
            mark("x-kubernetes-object-ref-api-version"),
            mark("x-kubernetes-object-ref-kind"),
        ) {
            let key = mark("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let target = Selector {
                version: Cow::Owned(version.to_owned()),
                kind: Cow::Owned(kind.to_owned()),
                ..Selector::default()
            };
            let field = spec(format!("{}/{key}", path.join("/")));
            let mut more = Config::default();
            more.name_references
                .to_mut()
                .push(Reference { target, field });
            self.config.merge(&more)?;
        }
        match mark("$ref") {
            Some(name) => self.read(of, name, path),
            None => Ok(()),
        }
    }
}

//! Transformer configurations: takes a file that `configurations` names, gives the fields that the
//! steps of a build shall touch, never looks at a manifest.

use std::borrow::Cow;

use goyaml::Node;

use super::fields::{Fields, From, Strictness};
use crate::config::Config;
use crate::error::Error;
use crate::fieldspec::{FieldSpec, Specs};
use crate::id::Selector;
use crate::refspecs::Reference;

/// The fields of a configuration.
const KNOWN: [&str; 12] = [
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "volumeClaimTemplateLabels",
    "commonAnnotations",
    "nameReference",
    "varReference",
    "images",
    "replicas",
];

/// Reads a configuration.
pub(crate) fn read_configuration(file: &str, text: &str) -> Result<Config, Error> {
    let node = goyaml::parse_strict(text).map_err(|error| Error::yaml(file, &error))?;
    let from = From {
        file,
        strictness: Strictness::Configuration,
    };
    let fields = Fields::new(from, &node, &KNOWN, &[])?;
    let specs = |name: &str| fields.each(name, read_field).map(Specs::from);
    Ok(Config {
        name_prefix: specs("namePrefix")?,
        name_suffix: specs("nameSuffix")?,
        namespace: specs("namespace")?,
        common_labels: specs("commonLabels")?,
        labels: specs("labels")?,
        template_labels: specs("templateLabels")?,
        volume_claim_labels: specs("volumeClaimTemplateLabels")?,
        common_annotations: specs("commonAnnotations")?,
        name_references: fields
            .each("nameReference", read_references)?
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .into(),
        var_references: specs("varReference")?,
        images: specs("images")?,
        replicas: specs("replicas")?,
        ..Config::default()
    })
}

/// Reads a field of some kinds.
pub(crate) fn read_field(from: From<'_>, node: &Node) -> Result<FieldSpec, Error> {
    let known = ["group", "version", "kind", "path", "create"];
    let fields = Fields::new(from, node, &known, &[])?;
    Ok(FieldSpec {
        of: read_selector(&fields)?,
        path: Cow::Owned(fields.text("path")?),
        create: fields.flag("create")?,
    })
}

fn read_selector(fields: &Fields<'_>) -> Result<Selector, Error> {
    Ok(Selector {
        group: Cow::Owned(fields.text("group")?),
        version: Cow::Owned(fields.text("version")?),
        kind: Cow::Owned(fields.text("kind")?),
    })
}

fn read_references(from: From<'_>, node: &Node) -> Result<Vec<Reference>, Error> {
    let known = ["group", "version", "kind", "fieldSpecs"];
    let fields = Fields::new(from, node, &known, &[])?;
    let target = read_selector(&fields)?;
    let specs = fields.each("fieldSpecs", read_field)?;
    let reference = |field| Reference {
        target: target.clone(),
        field,
    };
    Ok(specs.into_iter().map(reference).collect())
}

//! Replacements: takes an entry of `replacements` or a file of them, gives where values come from
//! and go to, never looks at a resource.

use goyaml::Node;

use super::Target;
use super::fields::{Fields, From, Placed, Strictness};
use super::read::{identity, read_target};
use crate::error::{Error, Place};

/// An entry of `replacements`.
#[derive(Debug, Clone)]
pub(crate) enum ReplacementField {
    /// The replacement itself.
    Inline(Box<Replacement>),
    /// A file with one or several.
    File(Placed<String>),
}

/// A value that is copied.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    /// Where it is asked for.
    pub(crate) place: Place,
    /// The field that has the value.
    pub(crate) source: Option<Source>,
    /// The value itself.
    pub(crate) value: Option<String>,
    /// The fields that get it; none at all is an error.
    pub(crate) targets: Option<Vec<TargetFields>>,
}

/// The field that has the value.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The resource. Its fields are no regular expressions.
    pub(crate) resource: Target,
    /// The path, with dots.
    pub(crate) path: String,
    /// What part of the value counts.
    pub(crate) options: FieldOptions,
}

/// Fields that get the value.
#[derive(Debug, Clone)]
pub(crate) struct TargetFields {
    /// The resources.
    pub(crate) select: Option<Target>,
    /// Those among them that are left alone.
    pub(crate) reject: Vec<Target>,
    /// The paths, with dots.
    pub(crate) paths: Vec<String>,
    /// What part of the field is replaced.
    pub(crate) options: FieldOptions,
}

/// A part of a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldOptions {
    /// What stands between the parts; empty for no parts.
    pub(crate) delimiter: String,
    /// The number of the part.
    pub(crate) index: i64,
    /// The field is made where it is not there.
    pub(crate) create: bool,
}

/// The path that counts where none is given.
const NAME: &str = "metadata.name";

/// Reads an entry of `replacements`.
pub(crate) fn read_replacement_field(
    from: From<'_>,
    node: &Node,
) -> Result<ReplacementField, Error> {
    let known = ["source", "targets", "sourceValue", "path"];
    let fields = Fields::new(from, node, &known, &[])?;
    let path = fields.placed("path")?;
    if path.value.is_empty() {
        return read_replacement(from, node).map(|it| ReplacementField::Inline(Box::new(it)));
    }
    if fields.node("source").is_some() || !fields.list("targets")?.is_empty() {
        return Err(Error::Invalid {
            place: fields.place_of(node),
            message: "a replacement has either a path or a source with targets".to_owned(),
        });
    }
    Ok(ReplacementField::File(path))
}

/// Reads a file with one replacement or a list of them.
pub(crate) fn read_replacements(file: &str, text: &str) -> Result<Vec<Replacement>, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let from = From {
        file,
        strictness: Strictness::Plugin,
    };
    match node.as_sequence() {
        Some(items) => items.iter().map(|it| read_replacement(from, it)).collect(),
        None => Ok(vec![read_replacement(from, &node)?]),
    }
}

fn read_replacement(from: From<'_>, node: &Node) -> Result<Replacement, Error> {
    let known = ["source", "targets", "sourceValue", "path"];
    let fields = Fields::new(from, node, &known, &[])?;
    let value = fields
        .node("sourceValue")
        .map(|_| fields.text("sourceValue"));
    Ok(Replacement {
        place: fields.place_of(node),
        source: fields
            .node("source")
            .map(|node| read_source(from, node))
            .transpose()?,
        value: value.transpose()?,
        targets: fields
            .node("targets")
            .map(|_| fields.each("targets", read_target_fields))
            .transpose()?,
    })
}

fn read_source(from: From<'_>, node: &Node) -> Result<Source, Error> {
    let known = [
        "group",
        "version",
        "kind",
        "name",
        "namespace",
        "fieldPath",
        "options",
    ];
    let fields = Fields::new(from, node, &known, &[])?;
    let path = fields.text("fieldPath")?;
    Ok(Source {
        resource: identity(&fields)?,
        path: if path.is_empty() {
            NAME.to_owned()
        } else {
            path
        },
        options: read_options(&fields)?,
    })
}

fn read_target_fields(from: From<'_>, node: &Node) -> Result<TargetFields, Error> {
    let known = ["select", "reject", "fieldPaths", "options"];
    let fields = Fields::new(from, node, &known, &[])?;
    let mut paths: Vec<String> = fields
        .texts("fieldPaths")?
        .into_iter()
        .map(|path| path.value)
        .collect();
    if paths.is_empty() {
        paths.push(NAME.to_owned());
    }
    Ok(TargetFields {
        select: fields
            .node("select")
            .map(|node| read_target(from, node))
            .transpose()?,
        reject: fields.each("reject", read_target)?,
        paths,
        options: read_options(&fields)?,
    })
}

fn read_options(fields: &Fields<'_>) -> Result<FieldOptions, Error> {
    let known = ["delimiter", "index", "encoding", "create"];
    let Some(fields) = fields.inner("options", &known)? else {
        return Ok(FieldOptions::default());
    };
    Ok(FieldOptions {
        delimiter: fields.text("delimiter")?,
        index: fields.integer("index")?,
        create: fields.flag("create")?,
    })
}

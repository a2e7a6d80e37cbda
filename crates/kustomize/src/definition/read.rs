//! From text to [`Kustomization`]: takes the file's name and text, gives what it asks for, refuses
//! what it cannot carry out.

use goyaml::Node;

use super::chart::read_charts;
use super::configuration::read_field;
use super::fields::{Fields, From, Placed};
use super::replacement::read_replacement_field;
use super::variable::read_variable;
use super::{
    Generator, GeneratorOptions, Image, Kustomization, Labels, Order, Patch, Replica, Target,
};
use crate::error::{Error, Place};

/// The fields of a kustomization.
const KNOWN: [&str; 34] = [
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "resources",
    "bases",
    "components",
    "crds",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
    "sortOptions",
];

/// Reads a kustomization file.
pub(crate) fn read(file: &str, text: &str) -> Result<Kustomization, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let from = From::kustomization(file);
    let fields = Fields::new(from, &node, &KNOWN, &[])?;
    let component = read_type(&fields)?;
    if is_empty(&node) {
        let message = "the kustomization is empty".to_owned();
        return Err(Error::Invalid {
            place: Place::file(file),
            message,
        });
    }
    let mut resources = fields.texts("resources")?;
    resources.extend(fields.texts("bases")?);
    let mut images = read_images(&fields, "images")?;
    images.extend(read_images(&fields, "imageTags")?);
    let openapi = fields
        .node("openapi")
        .map(|_| fields.string_map("openapi"))
        .transpose()?;
    let (helm_globals, charts) = read_charts(&fields)?;
    Ok(Kustomization {
        file: file.to_owned(),
        component,
        schema: openapi.map(|value| Placed {
            value,
            place: fields.place("openapi"),
        }),
        resources,
        components: fields.texts("components")?,
        definitions: fields.texts("crds")?,
        name_prefix: fields.text("namePrefix")?,
        name_suffix: fields.text("nameSuffix")?,
        namespace: fields.placed("namespace")?,
        common_labels: fields.string_map("commonLabels")?,
        labels: fields.each("labels", read_labels)?,
        common_annotations: fields.string_map("commonAnnotations")?,
        patches_strategic_merge: fields.texts("patchesStrategicMerge")?,
        patches_json6902: fields.each("patchesJson6902", read_patch)?,
        patches: fields.each("patches", read_patch)?,
        images,
        replacements: fields.each("replacements", read_replacement_field)?,
        replicas: fields.each("replicas", read_replica)?,
        variables: fields.each("vars", read_variable)?,
        config_maps: fields.each("configMapGenerator", |from, node| {
            read_generator(from, node, false)
        })?,
        secrets: fields.each("secretGenerator", |from, node| {
            read_generator(from, node, true)
        })?,
        generator_options: fields
            .node("generatorOptions")
            .map_or(Ok(GeneratorOptions::default()), |node| {
                read_options(from, node)
            })?,
        helm_globals,
        charts,
        configurations: fields.texts("configurations")?,
        generators: fields.texts("generators")?,
        transformers: fields.texts("transformers")?,
        validators: fields.texts("validators")?,
        build_metadata: fields
            .texts("buildMetadata")?
            .into_iter()
            .map(|option| option.value)
            .collect(),
        order: fields
            .node("sortOptions")
            .map(|node| read_order(from, node))
            .transpose()?,
    })
}

/// Returns true where a kustomization asks for nothing: an empty list is something, an empty text
/// is nothing.
fn is_empty(node: &Node) -> bool {
    node.as_mapping().is_none_or(|entries| {
        entries.iter().all(|entry| {
            let is = |name: &str| entry.key.eq_ignore_ascii_case(name);
            is("apiVersion")
                || is("kind")
                || entry.value.is_null()
                || entry.value.as_str() == Some("")
        })
    })
}

/// Reads a list of patches in the form of the field `patches`, as Argo CD passes it.
pub(crate) fn read_patches(file: &str, text: &str) -> Result<Vec<Patch>, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let Some(items) = node.as_sequence() else {
        return Err(super::fields::wrong_kind(file, &node, "a list of patches"));
    };
    items
        .iter()
        .map(|item| read_patch(From::kustomization(file), item))
        .collect()
}

/// Checks API version and kind; returns true for a component.
fn read_type(fields: &Fields<'_>) -> Result<bool, Error> {
    let kind = fields.text("kind")?;
    let component = match kind.as_str() {
        "" | "Kustomization" => false,
        "Component" => true,
        _ => {
            let message = "kind should be Kustomization or Component".to_owned();
            return Err(Error::Invalid {
                place: fields.place("kind"),
                message,
            });
        }
    };
    let version = fields.text("apiVersion")?;
    let expected = if component {
        "kustomize.config.k8s.io/v1alpha1"
    } else {
        "kustomize.config.k8s.io/v1beta1"
    };
    if !version.is_empty() && version != expected {
        let kind = if component {
            "Component"
        } else {
            "Kustomization"
        };
        let message = format!("apiVersion for {kind} should be {expected}");
        return Err(Error::Invalid {
            place: fields.place("apiVersion"),
            message,
        });
    }
    Ok(component)
}

/// Reads an entry of `labels`.
pub(crate) fn read_labels(from: From<'_>, node: &Node) -> Result<Labels, Error> {
    let known = [
        "pairs",
        "includeSelectors",
        "includeTemplates",
        "includeVolumeClaimTemplates",
        "fields",
    ];
    let fields = Fields::new(from, node, &known, &[])?;
    Ok(Labels {
        pairs: fields.string_map("pairs")?,
        include_selectors: fields.flag("includeSelectors")?,
        include_templates: fields.flag("includeTemplates")?,
        include_volume_claim_templates: fields.flag("includeVolumeClaimTemplates")?,
        fields: fields.each("fields", read_field)?,
    })
}

/// Reads a patch.
pub(crate) fn read_patch(from: From<'_>, node: &Node) -> Result<Patch, Error> {
    Fields::new(from, node, &["path", "patch", "target", "options"], &[])?;
    read_patch_fields(from, node, "patch")
}

/// Reads a patch whose text is in the field `inline`.
pub(crate) fn read_patch_fields(from: From<'_>, node: &Node, inline: &str) -> Result<Patch, Error> {
    let fields = Fields::new(from, node, &["path", inline, "target", "options"], &[])?;
    let target = fields
        .node("target")
        .map(|node| read_target(from, node))
        .transpose()?;
    let (mut allow_name_change, mut allow_kind_change) = (false, false);
    if let Some(node) = fields.node("options") {
        let options = Fields::new(from, node, &["allowNameChange", "allowKindChange"], &[])?;
        allow_name_change = options.flag("allowNameChange")?;
        allow_kind_change = options.flag("allowKindChange")?;
    }
    let patch = Patch {
        place: fields.place_of(node),
        path: fields.placed("path")?,
        inline: fields.text(inline)?.trim().to_owned(),
        target,
        allow_name_change,
        allow_kind_change,
    };
    if patch.inline.is_empty() == patch.path.value.is_empty() {
        let message = format!("a patch must have one of {inline} and path");
        return Err(Error::Invalid {
            place: patch.place,
            message,
        });
    }
    Ok(patch)
}

fn read_images(fields: &Fields<'_>, name: &str) -> Result<Vec<Placed<Image>>, Error> {
    fields.each(name, read_image)
}

/// Reads an image to replace.
pub(crate) fn read_image(from: From<'_>, node: &Node) -> Result<Placed<Image>, Error> {
    let known = ["name", "newName", "tagSuffix", "newTag", "digest"];
    let fields = Fields::new(from, node, &known, &[])?;
    let value = Image {
        name: fields.text("name")?,
        new_name: fields.text("newName")?,
        tag_suffix: fields.text("tagSuffix")?,
        new_tag: fields.text("newTag")?,
        digest: fields.text("digest")?,
    };
    Ok(Placed {
        value,
        place: fields.place_of(node),
    })
}

/// Reads a number of replicas.
pub(crate) fn read_replica(from: From<'_>, node: &Node) -> Result<Placed<Replica>, Error> {
    let fields = Fields::new(from, node, &["name", "count"], &[])?;
    let value = Replica {
        name: fields.text("name")?,
        count: fields.integer("count")?,
    };
    Ok(Placed {
        value,
        place: fields.place_of(node),
    })
}

/// Reads what a patch or a replacement is for.
pub(crate) fn read_target(from: From<'_>, node: &Node) -> Result<Target, Error> {
    let known = [
        "group",
        "version",
        "kind",
        "name",
        "namespace",
        "labelSelector",
        "annotationSelector",
    ];
    let fields = Fields::new(from, node, &known, &[])?;
    Ok(Target {
        label_selector: fields.text("labelSelector")?,
        annotation_selector: fields.text("annotationSelector")?,
        ..identity(&fields)?
    })
}

/// Reads what a resource is called.
pub(crate) fn identity(fields: &Fields<'_>) -> Result<Target, Error> {
    Ok(Target {
        group: fields.text("group")?,
        version: fields.text("version")?,
        kind: fields.text("kind")?,
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        ..Target::default()
    })
}

/// Reads a generator.
pub(crate) fn read_generator(
    from: From<'_>,
    node: &Node,
    secret: bool,
) -> Result<Generator, Error> {
    let known = [
        "name",
        "namespace",
        "behavior",
        "literals",
        "files",
        "envs",
        "env",
        "options",
        "type",
    ];
    let known = if secret { &known[..] } else { &known[..8] };
    let fields = Fields::new(from, node, known, &[])?;
    let mut envs = fields.texts("envs")?;
    if fields.node("env").is_some() {
        envs.push(Placed {
            value: fields.text("env")?,
            place: fields.place("env"),
        });
    }
    Ok(Generator {
        place: fields.place_of(node),
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        behavior: fields.text("behavior")?,
        kind: if secret {
            fields.text("type")?
        } else {
            String::new()
        },
        literals: fields.texts("literals")?,
        files: fields.texts("files")?,
        envs,
        options: fields
            .node("options")
            .map_or(Ok(GeneratorOptions::default()), |node| {
                read_options(from, node)
            })?,
    })
}

/// Reads options of generators.
pub(crate) fn read_options(from: From<'_>, node: &Node) -> Result<GeneratorOptions, Error> {
    let known = [
        "labels",
        "annotations",
        "disableNameSuffixHash",
        "immutable",
    ];
    let fields = Fields::new(from, node, &known, &[])?;
    Ok(GeneratorOptions {
        labels: fields.string_map("labels")?,
        annotations: fields.string_map("annotations")?,
        disable_name_suffix_hash: fields.flag("disableNameSuffixHash")?,
        immutable: fields.flag("immutable")?,
    })
}

fn read_order(from: From<'_>, node: &Node) -> Result<Order, Error> {
    let fields = Fields::new(from, node, &["order", "legacySortOptions"], &[])?;
    let lists = fields
        .node("legacySortOptions")
        .map(|node| {
            let fields = Fields::new(from, node, &["orderFirst", "orderLast"], &[])?;
            let texts = |name: &str| -> Result<Vec<String>, Error> {
                Ok(fields
                    .texts(name)?
                    .into_iter()
                    .map(|placed| placed.value)
                    .collect())
            };
            Ok((texts("orderFirst")?, texts("orderLast")?))
        })
        .transpose()?;
    match (fields.text("order")?.as_str(), lists) {
        ("legacy", lists) => Ok(Order::ByKind(lists)),
        ("fifo", None) => Ok(Order::AsRead),
        ("fifo", Some(_)) => {
            let message = "legacySortOptions need the order legacy".to_owned();
            Err(Error::Invalid {
                place: fields.place("legacySortOptions"),
                message,
            })
        }
        _ => {
            let message = "order must be fifo or legacy".to_owned();
            Err(Error::Invalid {
                place: fields.place_of(node),
                message,
            })
        }
    }
}

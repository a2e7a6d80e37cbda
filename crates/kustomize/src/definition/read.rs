//! From text to [`Kustomization`]: takes the file's name and text, gives what it asks for, refuses
//! what it cannot carry out.

use goyaml::Node;

use super::fields::{Fields, Placed};
use super::{
    Field, Generator, GeneratorOptions, Image, Kustomization, Labels, Order, Patch, Replica, Target,
};
use crate::error::{Error, Place};

/// The fields that are carried out.
const KNOWN: [&str; 22] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
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
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "sortOptions",
];

/// The fields that Kustomize knows and this crate does not carry out.
const REFUSED: [&str; 12] = [
    "openapi",
    "replacements",
    "vars",
    "crds",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

/// Reads a kustomization file.
pub(crate) fn read(file: &str, text: &str) -> Result<Kustomization, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let fields = Fields::new(file, &node, &KNOWN, &REFUSED)?;
    if node.as_mapping().is_none_or(<[_]>::is_empty) {
        let message = "the kustomization is empty".to_owned();
        return Err(Error::Invalid {
            place: Place::file(file),
            message,
        });
    }
    let component = read_type(&fields)?;
    let mut resources = fields.texts("resources")?;
    resources.extend(fields.texts("bases")?);
    let mut images = read_images(file, &fields, "images")?;
    images.extend(read_images(file, &fields, "imageTags")?);
    let each = |name: &str| -> Result<_, Error> { Ok(fields.list(name)?.iter()) };
    Ok(Kustomization {
        file: file.to_owned(),
        component,
        resources,
        components: fields.texts("components")?,
        name_prefix: fields.text("namePrefix")?,
        name_suffix: fields.text("nameSuffix")?,
        namespace: Placed {
            value: fields.text("namespace")?,
            place: fields.place("namespace"),
        },
        common_labels: fields.string_map("commonLabels")?,
        labels: each("labels")?
            .map(|node| read_labels(file, node))
            .collect::<Result<_, _>>()?,
        common_annotations: fields.string_map("commonAnnotations")?,
        patches_strategic_merge: fields.texts("patchesStrategicMerge")?,
        patches_json6902: each("patchesJson6902")?
            .map(|node| read_patch(file, node))
            .collect::<Result<_, _>>()?,
        patches: each("patches")?
            .map(|node| read_patch(file, node))
            .collect::<Result<_, _>>()?,
        images,
        replicas: each("replicas")?
            .map(|node| {
                let fields = Fields::new(file, node, &["name", "count"], &[])?;
                let value = Replica {
                    name: fields.text("name")?,
                    count: fields.integer("count")?,
                };
                Ok(Placed {
                    value,
                    place: fields.place_of(node),
                })
            })
            .collect::<Result<_, Error>>()?,
        config_maps: each("configMapGenerator")?
            .map(|node| read_generator(file, node, false))
            .collect::<Result<_, _>>()?,
        secrets: each("secretGenerator")?
            .map(|node| read_generator(file, node, true))
            .collect::<Result<_, _>>()?,
        generator_options: fields
            .node("generatorOptions")
            .map_or(Ok(GeneratorOptions::default()), |node| {
                read_options(file, node)
            })?,
        order: fields
            .node("sortOptions")
            .map_or(Ok(Order::ByKind(None)), |node| read_order(file, node))?,
    })
}

/// Reads a list of patches in the form of the field `patches`, as Argo CD passes it.
pub(crate) fn read_patches(file: &str, text: &str) -> Result<Vec<Patch>, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let Some(items) = node.as_sequence() else {
        return Err(super::fields::wrong_kind(file, &node, "a list of patches"));
    };
    items.iter().map(|item| read_patch(file, item)).collect()
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

fn read_labels(file: &str, node: &Node) -> Result<Labels, Error> {
    let known = [
        "pairs",
        "includeSelectors",
        "includeTemplates",
        "includeVolumeClaimTemplates",
        "fields",
    ];
    let fields = Fields::new(file, node, &known, &[])?;
    Ok(Labels {
        pairs: fields.string_map("pairs")?,
        include_selectors: fields.flag("includeSelectors")?,
        include_templates: fields.flag("includeTemplates")?,
        include_volume_claim_templates: fields.flag("includeVolumeClaimTemplates")?,
        fields: fields
            .list("fields")?
            .iter()
            .map(|node| {
                let known = ["group", "version", "kind", "path", "create"];
                let fields = Fields::new(file, node, &known, &[])?;
                Ok(Field {
                    group: fields.text("group")?,
                    version: fields.text("version")?,
                    kind: fields.text("kind")?,
                    path: fields.text("path")?,
                    create: fields.flag("create")?,
                })
            })
            .collect::<Result<_, Error>>()?,
    })
}

fn read_patch(file: &str, node: &Node) -> Result<Patch, Error> {
    let fields = Fields::new(file, node, &["path", "patch", "target", "options"], &[])?;
    let target = fields
        .node("target")
        .map(|node| {
            let known = [
                "group",
                "version",
                "kind",
                "name",
                "namespace",
                "labelSelector",
                "annotationSelector",
            ];
            let fields = Fields::new(file, node, &known, &[])?;
            Ok(Target {
                group: fields.text("group")?,
                version: fields.text("version")?,
                kind: fields.text("kind")?,
                name: fields.text("name")?,
                namespace: fields.text("namespace")?,
                label_selector: fields.text("labelSelector")?,
                annotation_selector: fields.text("annotationSelector")?,
            })
        })
        .transpose()?;
    let (mut allow_name_change, mut allow_kind_change) = (false, false);
    if let Some(node) = fields.node("options") {
        let options = Fields::new(file, node, &["allowNameChange", "allowKindChange"], &[])?;
        allow_name_change = options.flag("allowNameChange")?;
        allow_kind_change = options.flag("allowKindChange")?;
    }
    let patch = Patch {
        place: fields.place_of(node),
        path: Placed {
            value: fields.text("path")?,
            place: fields.place("path"),
        },
        inline: fields.text("patch")?.trim().to_owned(),
        target,
        allow_name_change,
        allow_kind_change,
    };
    if patch.inline.is_empty() == patch.path.value.is_empty() {
        let message = "a patch must have one of patch and path".to_owned();
        return Err(Error::Invalid {
            place: patch.place,
            message,
        });
    }
    Ok(patch)
}

fn read_images(file: &str, fields: &Fields<'_>, name: &str) -> Result<Vec<Placed<Image>>, Error> {
    fields
        .list(name)?
        .iter()
        .map(|node| {
            let known = ["name", "newName", "tagSuffix", "newTag", "digest"];
            let fields = Fields::new(file, node, &known, &[])?;
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
        })
        .collect()
}

fn read_generator(file: &str, node: &Node, secret: bool) -> Result<Generator, Error> {
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
    let fields = Fields::new(file, node, known, &[])?;
    let mut envs = fields.texts("envs")?;
    if fields.node("env").is_some() {
        envs.push(Placed {
            value: fields.text("env")?,
            place: fields.place("env"),
        });
    }
    let generator = Generator {
        place: fields.place_of(node),
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        behavior: Placed {
            value: fields.text("behavior")?,
            place: fields.place("behavior"),
        },
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
                read_options(file, node)
            })?,
    };
    if generator.name.is_empty() {
        let message = "a generator must have a name".to_owned();
        return Err(Error::Invalid {
            place: generator.place,
            message,
        });
    }
    Ok(generator)
}

fn read_options(file: &str, node: &Node) -> Result<GeneratorOptions, Error> {
    let known = [
        "labels",
        "annotations",
        "disableNameSuffixHash",
        "immutable",
    ];
    let fields = Fields::new(file, node, &known, &[])?;
    Ok(GeneratorOptions {
        labels: fields.string_map("labels")?,
        annotations: fields.string_map("annotations")?,
        disable_name_suffix_hash: fields.flag("disableNameSuffixHash")?,
        immutable: fields.flag("immutable")?,
    })
}

fn read_order(file: &str, node: &Node) -> Result<Order, Error> {
    let fields = Fields::new(file, node, &["order", "legacySortOptions"], &[])?;
    let lists = fields
        .node("legacySortOptions")
        .map(|node| {
            let fields = Fields::new(file, node, &["orderFirst", "orderLast"], &[])?;
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

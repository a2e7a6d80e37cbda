//! Plugins of the built-in kinds: takes a resource that configures one, gives the step or the
//! generator that it asks for, refuses whatever would run a program.

use goyaml::{Entry, Kind, Node, Span};

use crate::definition::configuration::read_field;
use crate::definition::read::{
    read_generator, read_image, read_patch_fields, read_replica, read_target,
};
use crate::definition::replacement::read_replacement_field;
use crate::definition::{
    Chart, Fields, From, Generator, Placed, ReplacementField, Strictness, read_chart,
};
use crate::error::{Error, Place};
use crate::fieldspec::Specs;
use crate::generate::Product;
use crate::resource::Resource;
use crate::step::{Action, Step, ValueTarget};
use crate::transform::{End, Namespace, Subjects};
use crate::tree::Tree;

/// The annotations that say that a plugin is a function.
const FUNCTIONS: [&str; 2] = ["config.kubernetes.io/function", "config.k8s.io/function"];

/// What a plugin does.
pub(crate) enum Plugin {
    /// A step.
    Step(Step),
    /// Copies values, some of which are in files.
    Replacements(Place, Vec<ReplacementField>),
    /// Puts a value into fields, some of which are in a file.
    Value(Step, Placed<String>),
    /// Generates a `ConfigMap` or a `Secret`.
    Generator(Generator, Product),
    /// Renders a chart from a folder of charts.
    Chart(Chart, String),
    /// Gives a service account of a cloud provider.
    Account(Resource),
}

/// Reads the configuration of a plugin.
pub(crate) fn read(resource: &Resource) -> Result<Plugin, Error> {
    let kind = resource.kind();
    if resource.api_version() != "builtin" {
        return Err(refusal(resource, &kind));
    }
    let node = to_node(&resource.tree, &resource.place);
    let from = From {
        file: &resource.place.file,
        strictness: Strictness::Plugin,
    };
    let fields = Fields::new(from, &node, &[], &[])?;
    let reader = Reader {
        fields,
        from,
        node: &node,
        place: &resource.place,
    };
    let specs = || {
        reader
            .fields
            .each("fieldSpecs", read_field)
            .map(Specs::from)
    };
    let step = |name, action| {
        Ok(Plugin::Step(Step {
            name,
            place: resource.place.clone(),
            action,
        }))
    };
    match kind.as_str() {
        "AnnotationsTransformer" => step(
            "AnnotationsTransformer",
            Action::Pairs(reader.fields.string_map("annotations")?, specs()?),
        ),
        "LabelTransformer" => step(
            "LabelTransformer",
            Action::Pairs(reader.fields.string_map("labels")?, specs()?),
        ),
        "NamespaceTransformer" => step("NamespaceTransformer", reader.namespace(specs()?)?),
        "PrefixTransformer" => {
            let ends = vec![(End::Prefix, reader.fields.text("prefix")?)];
            step(
                "PrefixTransformer",
                Action::Names(ends, reader.needed_specs()?),
            )
        }
        "SuffixTransformer" => {
            let ends = vec![(End::Suffix, reader.fields.text("suffix")?)];
            step(
                "SuffixTransformer",
                Action::Names(ends, reader.needed_specs()?),
            )
        }
        "PrefixSuffixTransformer" => {
            let ends = vec![
                (End::Prefix, reader.fields.text("prefix")?),
                (End::Suffix, reader.fields.text("suffix")?),
            ];
            step(
                "PrefixSuffixTransformer",
                Action::Names(ends, reader.needed_specs()?),
            )
        }
        "PatchTransformer" => {
            let patch = read_patch_fields(from, &node, "patch")?;
            step("PatchTransformer", Action::Patch(patch))
        }
        "PatchJson6902Transformer" => {
            let patch = read_patch_fields(from, &node, "jsonOp")?;
            step("PatchJson6902Transformer", Action::JsonPatch(patch))
        }
        "PatchStrategicMergeTransformer" => {
            let paths = reader.fields.texts("paths")?;
            let inline = reader.fields.text("patches")?;
            if paths.is_empty() && inline.is_empty() {
                return reader.fail("it names neither paths nor patches");
            }
            step(
                "PatchStrategicMergeTransformer",
                Action::Merges(paths, inline),
            )
        }
        "ReplacementTransformer" => Ok(Plugin::Replacements(
            resource.place.clone(),
            reader.fields.each("replacements", read_replacement_field)?,
        )),
        "ReplicaCountTransformer" => {
            let replica = reader.needed("replica", read_replica)?;
            step(
                "ReplicaCountTransformer",
                Action::Replicas(replica, specs()?),
            )
        }
        "ImageTagTransformer" => {
            let image = reader.needed("imageTag", read_image)?;
            step("ImageTagTransformer", Action::Image(image, specs()?))
        }
        "HashTransformer" => step("HashTransformer", Action::Hashes),
        "ValueAddTransformer" => reader.value_add(),
        "ConfigMapGenerator" => reader.generator(resource, Product::ConfigMap),
        "SecretGenerator" => reader.generator(resource, Product::Secret),
        "HelmChartInflationGenerator" => {
            let home = reader.fields.text("chartHome")?;
            Ok(Plugin::Chart(read_chart(from, &node)?, home))
        }
        "IAMPolicyGenerator" => reader.account(),
        _ => Err(Error::Unsupported {
            place: resource.place.clone(),
            name: format!("the built-in plugin {kind} (Kustomize has none of this name)"),
        }),
    }
}

/// Reads the targets of a value from a file of their own.
pub(crate) fn read_value_targets(file: &str, text: &str) -> Result<Vec<ValueTarget>, Error> {
    let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
    let from = From {
        file,
        strictness: Strictness::Plugin,
    };
    Fields::new(from, &node, &[], &[])?.each("targets", read_value_target)
}

fn read_value_target(from: From<'_>, node: &Node) -> Result<ValueTarget, Error> {
    let fields = Fields::new(from, node, &[], &[])?;
    let path = fields.text("fieldPath")?;
    let position = usize::try_from(fields.integer("filePathPosition")?);
    let (Ok(position), false) = (position, path.is_empty()) else {
        return Err(Error::Invalid {
            place: fields.place_of(node),
            message: "a target needs a fieldPath, and a filePathPosition that is not negative"
                .to_owned(),
        });
    };
    Ok(ValueTarget {
        select: fields
            .node("selector")
            .map(|node| read_target(from, node))
            .transpose()?,
        path,
        position,
    })
}

/// Returns the refusal of what would run a program.
fn refusal(resource: &Resource, kind: &str) -> Error {
    let annotations = resource.string_map(&["metadata", "annotations"]);
    let function = FUNCTIONS.iter().find_map(|name| annotations.get(*name));
    let name = match function {
        Some(_) => format!("{kind}, a function that runs a container or a program,"),
        None => format!("the plugin {kind} ({}), a program,", resource.api_version()),
    };
    Error::Unsupported {
        place: resource.place.clone(),
        name,
    }
}

/// The configuration of a plugin.
struct Reader<'r> {
    fields: Fields<'r>,
    from: From<'r>,
    node: &'r Node,
    place: &'r Place,
}

impl<'r> Reader<'r> {
    fn fail<T>(&self, message: &str) -> Result<T, Error> {
        Err(Error::Invalid {
            place: self.place.clone(),
            message: message.to_owned(),
        })
    }

    fn needed<T>(
        &self,
        name: &str,
        read: impl Fn(From<'r>, &'r Node) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.fields.node(name) {
            Some(node) => read(self.from, node),
            None => self.fail(&format!("{name} is missing")),
        }
    }

    fn needed_specs(&self) -> Result<Specs, Error> {
        if self.fields.node("fieldSpecs").is_none() {
            return self.fail("fieldSpecs are missing");
        }
        self.fields.each("fieldSpecs", read_field).map(Specs::from)
    }

    /// Returns a text of the metadata.
    fn meta(&self, name: &str) -> Result<Placed<String>, Error> {
        match self.fields.inner("metadata", &[])? {
            Some(fields) => fields.placed(name),
            None => self.fields.placed(name),
        }
    }

    fn namespace(&self, specs: Specs) -> Result<Action, Error> {
        let subjects = match self.fields.text("setRoleBindingSubjects")?.as_str() {
            "" | "defaultOnly" => Subjects::Default,
            "allServiceAccounts" => Subjects::ServiceAccounts,
            "none" => Subjects::None,
            other => {
                return self.fail(&format!(
                    "setRoleBindingSubjects {other}: defaultOnly, allServiceAccounts or none is expected"
                ));
            }
        };
        Ok(Action::Namespace(Namespace {
            name: self.meta("namespace")?,
            specs,
            unset_only: self.fields.flag("unsetOnly")?,
            subjects,
        }))
    }

    fn value_add(&self) -> Result<Plugin, Error> {
        let value = self.fields.text("value")?.trim().to_owned();
        let targets = self.fields.each("targets", read_value_target)?;
        let step = Step {
            name: "ValueAddTransformer",
            place: self.place.clone(),
            action: Action::Value(value, targets),
        };
        Ok(Plugin::Value(step, self.fields.placed("targetFilePath")?))
    }

    fn generator(&self, resource: &Resource, product: Product) -> Result<Plugin, Error> {
        let mut generator = read_generator(self.from, self.node, product == Product::Secret)?;
        if generator.name.is_empty() {
            generator.name = resource.name();
        }
        if generator.namespace.is_empty() {
            generator.namespace = resource.namespace();
        }
        Ok(Plugin::Generator(generator, product))
    }

    fn account(&self) -> Result<Plugin, Error> {
        let cloud = self.fields.text("cloud")?;
        if cloud != "gke" {
            return self.fail(&format!("cloud {cloud}: gke is the only one that is known"));
        }
        let inner = |name: &str, key: &str| -> Result<String, Error> {
            let fields = self.fields.inner(name, &[])?;
            fields.map_or(Ok(String::new()), |fields| fields.text(key))
        };
        let name = inner("kubernetesService", "name")?;
        let namespace = inner("kubernetesService", "namespace")?;
        let account = format!(
            "{}@{}.iam.gserviceaccount.com",
            inner("serviceAccount", "name")?,
            inner("serviceAccount", "projectId")?
        );
        let manifest = serde_json::json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {
                "annotations": {"iam.gke.io/gcp-service-account": account},
                "name": name,
            },
        });
        let mut resource = Resource::new(Tree::from_json(&manifest), self.place.clone());
        resource.set_meta("namespace", &namespace);
        Ok(Plugin::Account(resource))
    }
}

/// Returns a manifest as it would have been read, every value at one place.
fn to_node(tree: &Tree, place: &Place) -> Node {
    let span = Span {
        line: place.line,
        column: place.column,
        offset: 0,
    };
    let node = |tree: &Tree| to_node(tree, place);
    let kind = match tree {
        Tree::Blank | Tree::Null => Kind::Null,
        Tree::Bool(value) => Kind::Bool(*value),
        Tree::Number(value) => match (value.as_i64(), value.as_u64()) {
            (Some(value), _) => Kind::Integer(value),
            (None, Some(value)) => Kind::Unsigned(value),
            (None, None) => Kind::Float(value.as_f64().unwrap_or_default()),
        },
        Tree::Spelt(value, _) => return to_node(value, place),
        Tree::Text(text) | Tree::Folded(text) => Kind::String(text.clone()),
        Tree::List(items) => Kind::Sequence(items.iter().map(node).collect()),
        Tree::Map(map) => Kind::Mapping(
            map.iter()
                .map(|(key, value)| Entry {
                    key: key.clone(),
                    key_span: span,
                    value: node(value),
                })
                .collect(),
        ),
    };
    Node { kind, span }
}

//! Variables: takes an entry of `vars`, gives its name and the field that has its value, never looks
//! at a resource.

use goyaml::Node;

use super::fields::{Fields, From, Placed};
use crate::error::Error;
use crate::id::{Gvk, Id};

/// A variable: `$(NAME)` stands for the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The name.
    pub(crate) name: String,
    /// The resource that has the value.
    pub(crate) resource: Id,
    /// The path of the field, with dots.
    pub(crate) path: String,
}

/// Reads an entry of `vars`.
pub(crate) fn read_variable(from: From<'_>, node: &Node) -> Result<Placed<Variable>, Error> {
    let fields = Fields::new(from, node, &["name", "objref", "fieldref"], &[])?;
    let known = [
        "apiVersion",
        "group",
        "version",
        "kind",
        "name",
        "namespace",
    ];
    let mut gvk = Gvk::default();
    let (mut name, mut namespace) = (String::new(), String::new());
    if let Some(object) = fields.inner("objref", &known)? {
        gvk = Gvk {
            group: object.text("group")?,
            version: object.text("version")?,
            kind: object.text("kind")?,
        };
        let api_version = object.text("apiVersion")?;
        match api_version.split('/').collect::<Vec<_>>()[..] {
            [""] => {}
            [version] => version.clone_into(&mut gvk.version),
            [group, version] => {
                group.clone_into(&mut gvk.group);
                version.clone_into(&mut gvk.version);
            }
            _ => {}
        }
        name = object.text("name")?;
        namespace = object.text("namespace")?;
    }
    let mut path = String::new();
    if let Some(field) = fields.inner("fieldref", &["fieldPath"])? {
        path = field.text("fieldPath")?;
    }
    if path.is_empty() {
        path.push_str("metadata.name");
    }
    let value = Variable {
        name: fields.text("name")?,
        resource: Id {
            gvk,
            name,
            namespace,
        },
        path,
    };
    Ok(Placed {
        value,
        place: fields.place_of(node),
    })
}

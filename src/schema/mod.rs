//! What the API server accepts of a manifest: takes an object and a schema, gives what violates it,
//! never a finding and never the value of a field that may be secret.
//!
//! Two kinds of schemas: those of Kubernetes' own kinds by version (`kubernetes`), and the structural
//! ones of CustomResourceDefinitions (`structural`). Rules in CEL are not evaluated.

mod allowed;
pub mod kubernetes;
mod older;
mod path;
mod scalar;
pub mod structural;

pub use path::Path;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The kind has no such field.
    Unknown,
    /// The field has to be there.
    Missing,
    /// It is of another type.
    Type,
    /// It is none of the values that are allowed.
    Value,
}

/// One field that the API server would not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub fault: Fault,
    /// The field, such as `spec.template.spec.containers[0].image`.
    pub field: String,
    /// What is the matter, to be said after the field.
    pub message: String,
}

/// More violations than these of one object say nothing new.
const MOST: usize = 20;

/// Collects violations of one object.
#[derive(Debug, Default)]
struct Violations {
    found: Vec<Violation>,
}

impl Violations {
    fn add(&mut self, fault: Fault, path: &Path<'_>, message: impl Into<String>) {
        if self.found.len() < MOST {
            self.found.push(Violation {
                fault,
                field: path.to_string(),
                message: message.into(),
            });
        }
    }

    fn unknown<'k>(
        &mut self,
        path: &mut Path<'_>,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let hint = crate::suggest::nearest(name, known).map_or_else(String::new, |nearest| {
            format!("; did you mean `{nearest}`?")
        });
        self.add(
            Fault::Unknown,
            path,
            format!("is not a field that this kind has{hint}"),
        );
    }
}

//! What is asked for beside the kustomization file: takes options as Argo CD has them, changes the
//! kustomization as `kustomize edit` would, never writes a file.

use std::collections::BTreeMap;

use crate::definition::read::read_patches;
use crate::definition::{Image, Kustomization, Labels, Placed, Replica};
use crate::error::{Error, Place};

/// The name that stands for the options in messages.
const NAME: &str = "options";

/// Where common labels go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LabelScope {
    /// Into metadata, templates and selectors.
    #[default]
    Selectors,
    /// Into metadata and templates (Argo CD: without selectors, include templates).
    Templates,
    /// Into metadata alone (Argo CD: without selectors).
    Metadata,
}

/// Options beside the kustomization file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the choices that Kustomize and Argo CD give"
)]
pub struct Options {
    /// In place of the file's `namePrefix`.
    pub name_prefix: Option<String>,
    /// In place of the file's `nameSuffix`.
    pub name_suffix: Option<String>,
    /// In place of the file's `namespace`.
    pub namespace: Option<String>,
    /// Images in the form `name=new-name:tag`, `name:tag`, `name=new-name` or with `@digest`.
    pub images: Vec<String>,
    /// Numbers of replicas by name.
    pub replicas: BTreeMap<String, i64>,
    /// More common labels.
    pub common_labels: BTreeMap<String, String>,
    /// The common labels may overrule those of the file.
    pub force_common_labels: bool,
    /// Where the common labels go.
    pub label_scope: LabelScope,
    /// More common annotations.
    pub common_annotations: BTreeMap<String, String>,
    /// The common annotations may overrule those of the file.
    pub force_common_annotations: bool,
    /// More patches: YAML of a list in the form of the file's `patches`.
    pub patches: Option<String>,
    /// More components.
    pub components: Vec<String>,
    /// The output stays in the order of reading where the file has no `sortOptions` (Kustomize:
    /// `--reorder none`).
    pub keep_order: bool,
    /// Every resource gets the label that names Kustomize (`--enable-managedby-label`).
    pub managed_by_label: bool,
    /// Messages name files as relative to this folder, and others by their paths from the root.
    pub shown_from: Option<String>,
    /// Files outside of a kustomization's folder may be read (Kustomize: `--load-restrictor
    /// LoadRestrictionsNone`), though never outside of the root.
    pub unrestricted: bool,
}

impl Options {
    /// Changes a kustomization as the options ask for.
    pub(crate) fn apply(&self, kustomization: &mut Kustomization) -> Result<(), Error> {
        let place = Place::file(NAME);
        let placed = |value: &String| Placed {
            value: value.clone(),
            place: place.clone(),
        };
        if let Some(prefix) = &self.name_prefix {
            kustomization.name_prefix.clone_from(prefix);
        }
        if let Some(suffix) = &self.name_suffix {
            kustomization.name_suffix.clone_from(suffix);
        }
        if let Some(namespace) = &self.namespace {
            kustomization.namespace = placed(namespace);
        }
        for text in &self.images {
            let image = Placed {
                value: parse_image(text, &place)?,
                place: place.clone(),
            };
            kustomization
                .images
                .retain(|other| other.value.name != image.value.name);
            kustomization.images.push(image);
        }
        for (name, count) in &self.replicas {
            let value = Replica {
                name: name.clone(),
                count: *count,
            };
            kustomization
                .replicas
                .retain(|other| other.value.name != *name);
            kustomization.replicas.push(Placed {
                value,
                place: place.clone(),
            });
        }
        self.apply_labels(kustomization, &place)?;
        let annotations = &mut kustomization.common_annotations;
        add(
            annotations,
            &self.common_annotations,
            self.force_common_annotations,
            &place,
        )?;
        if let Some(patches) = &self.patches {
            kustomization.patches.extend(read_patches(NAME, patches)?);
        }
        kustomization
            .components
            .extend(self.components.iter().map(placed));
        Ok(())
    }

    fn apply_labels(&self, kustomization: &mut Kustomization, place: &Place) -> Result<(), Error> {
        if self.common_labels.is_empty() {
            return Ok(());
        }
        if self.label_scope == LabelScope::Selectors {
            let labels = &mut kustomization.common_labels;
            return add(labels, &self.common_labels, self.force_common_labels, place);
        }
        kustomization.labels.push(Labels {
            pairs: self.common_labels.clone(),
            include_templates: self.label_scope == LabelScope::Templates,
            ..Labels::default()
        });
        Ok(())
    }
}

/// Adds pairs to others, which they overrule only with force.
fn add(
    to: &mut BTreeMap<String, String>,
    pairs: &BTreeMap<String, String>,
    force: bool,
    place: &Place,
) -> Result<(), Error> {
    for (key, value) in pairs {
        if !force && to.contains_key(key) {
            let message = format!("{key} is already in the kustomization file");
            return Err(Error::Invalid {
                place: place.clone(),
                message,
            });
        }
        to.insert(key.clone(), value.clone());
    }
    Ok(())
}

/// Reads an image option.
fn parse_image(text: &str, place: &Place) -> Result<Image, Error> {
    let (name, target) = match text.split_once('=') {
        Some((name, target)) => (Some(name), target),
        None => (None, text),
    };
    let (front, digest) = target.split_once('@').unwrap_or((target, ""));
    let slash = front.find('/').unwrap_or(0);
    let (target_name, tag) = match front[slash..].find(':') {
        Some(at) => (&front[..slash + at], &front[slash + at + 1..]),
        None => (front, ""),
    };
    let image = Image {
        name: name.unwrap_or(target_name).to_owned(),
        new_name: name.map_or_else(String::new, |_| target_name.to_owned()),
        new_tag: tag.to_owned(),
        digest: digest.to_owned(),
        ..Image::default()
    };
    let changes = name.is_some() || !tag.is_empty() || !digest.is_empty();
    if image.name.is_empty() || !changes {
        let message = format!("image {text}: name=new-name:tag or the like is expected");
        return Err(Error::Invalid {
            place: place.clone(),
            message,
        });
    }
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_several_forms() {
        let place = Place::file(NAME);
        for (text, name, new_name, new_tag, digest) in [
            ("nginx:1.2", "nginx", "", "1.2", ""),
            ("nginx=host:5000/n:1.2", "nginx", "host:5000/n", "1.2", ""),
            ("nginx=other", "nginx", "other", "", ""),
            ("host:5000/n@sha256:1", "host:5000/n", "", "", "sha256:1"),
        ] {
            let image = parse_image(text, &place).unwrap();
            let seen = (
                &*image.name,
                &*image.new_name,
                &*image.new_tag,
                &*image.digest,
            );
            assert_eq!(seen, (name, new_name, new_tag, digest), "{text}");
        }
        assert!(parse_image("nginx", &place).is_err());
    }
}

//! What `argocd-cm` says about the tools that render: takes its settings, gives which tools are off and
//! how Kustomize is called, or what of it cannot be obeyed; never renders.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{DirectoryOptions, HelmOptions, Renderer, ServiceSource};
use crate::definition::Repository;

/// The options that Kustomize is called with.
const BUILD_OPTIONS: &str = "kustomize.buildOptions";

/// Options that let plugins run programs. Plugins are refused where they stand, with and without them.
const FOR_PLUGINS: &[&str] = &[
    "--enable-alpha-plugins",
    "--enable-exec",
    "--enable-star",
    "--network",
    "--as-current-user",
];

/// What has a say in how sources are rendered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ToolSettings {
    /// The tools that are switched off.
    pub(super) disabled: BTreeSet<Tool>,
    /// How Kustomize is called.
    pub(super) kustomize: BuildOptions,
}

/// A tool that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tool {
    Helm,
    Kustomize,
    Jsonnet,
}

/// How Kustomize is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the choices that kustomize gives"
)]
pub(super) struct BuildOptions {
    /// Charts are rendered.
    pub(super) enable_helm: bool,
    /// Files outside of kustomizations' folders may be read.
    pub(super) unrestricted: bool,
    /// The resources stay in the order of reading.
    pub(super) keep_order: bool,
    /// Every resource gets the label that names Kustomize.
    pub(super) managed_by_label: bool,
    /// What charts are told in place of the cluster's version.
    pub(super) kubernetes_version: Option<String>,
    /// Why nothing can be built with these options.
    pub(super) refused: Option<String>,
}

impl ToolSettings {
    /// Reads the settings; what is there and has no effect is returned beside them.
    pub(super) fn read(data: &BTreeMap<&str, &str>) -> (Self, Vec<String>) {
        let keys = [
            ("helm.enable", Tool::Helm),
            ("kustomize.enable", Tool::Kustomize),
            ("jsonnet.enable", Tool::Jsonnet),
        ];
        let is_off = |key: &str| {
            let value = data.get(key);
            value.is_some_and(|value| !matches!(*value, "" | "true"))
        };
        let disabled = keys.into_iter().filter(|(key, _)| is_off(key));
        let options = data.get(BUILD_OPTIONS).copied().unwrap_or_default();
        let of_versions = data.keys().filter(|key| {
            let rest = key.strip_prefix(BUILD_OPTIONS);
            rest.is_some_and(|rest| rest.starts_with('.'))
        });
        let settings = Self {
            disabled: disabled.map(|(_, tool)| tool).collect(),
            kustomize: BuildOptions::parse(options),
        };
        (settings, of_versions.map(|key| (*key).to_owned()).collect())
    }

    /// Returns how a source is rendered: by the tool that it asks for, unless that is switched off.
    pub(super) fn renderer(&self, source: &ServiceSource, own: &Repository) -> Renderer {
        let tool = match &source.renderer {
            Renderer::Helm(_) => Tool::Helm,
            Renderer::Kustomize(_) => Tool::Kustomize,
            Renderer::Directory(_) | Renderer::Plugin(_) => return source.renderer.clone(),
        };
        // A chart of a repository is Helm's, whatever is switched off.
        if !self.disabled.contains(&tool) || source.chart.is_some() {
            return source.renderer.clone();
        }
        let directory = own.root().join(&source.path);
        let has = |ending: &str| {
            let entries = std::fs::read_dir(&directory).into_iter().flatten();
            let mut names = entries.flatten().filter_map(|entry| {
                let is_file = entry.file_type().is_ok_and(|kind| !kind.is_dir());
                is_file.then(|| entry.file_name().to_string_lossy().into_owned())
            });
            names.any(|name| name.ends_with(ending))
        };
        let is_free = |tool| source.detected && !self.disabled.contains(&tool);
        match tool {
            Tool::Kustomize if is_free(Tool::Helm) && has("Chart.yaml") => {
                Renderer::Helm(HelmOptions::default())
            }
            Tool::Helm
                if is_free(Tool::Kustomize)
                    && (has("kustomization.yaml")
                        || has("kustomization.yml")
                        || has("Kustomization")) =>
            {
                Renderer::Kustomize(Box::default())
            }
            _ => Renderer::Directory(DirectoryOptions::default()),
        }
    }

    /// Tells whether other settings may render a source otherwise.
    pub(super) fn differs_for(&self, other: &Self, renderer: &Renderer) -> bool {
        match renderer {
            Renderer::Helm(_) => self.disabled != other.disabled,
            Renderer::Kustomize(_) => self != other,
            Renderer::Directory(_) => {
                let off = |settings: &Self| settings.disabled.contains(&Tool::Jsonnet);
                off(self) != off(other)
            }
            Renderer::Plugin(_) => false,
        }
    }
}

impl BuildOptions {
    /// Reads options as Argo CD gives them to `kustomize build`: words between spaces.
    fn parse(text: &str) -> Self {
        let mut options = Self::default();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let (name, mut value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let takes_value = matches!(
                name,
                "--load-restrictor"
                    | "--reorder"
                    | "--helm-command"
                    | "--helm-kube-version"
                    | "--helm-api-versions"
                    | "--network-name"
                    | "--mount"
                    | "--env"
                    | "-e"
            );
            if takes_value && value.is_none() {
                value = words.next();
            }
            let truth = !matches!(value, Some("false" | "0" | "f" | "F" | "FALSE" | "False"));
            match (name, value) {
                ("--enable-helm", _) => options.enable_helm = truth,
                ("--enable-managedby-label", _) => options.managed_by_label = truth,
                ("--load-restrictor", Some("LoadRestrictionsNone" | "none")) => {
                    options.unrestricted = true;
                }
                ("--load-restrictor", Some("LoadRestrictionsRootOnly" | "rootOnly")) => {
                    options.unrestricted = false;
                }
                ("--reorder", Some("none")) => options.keep_order = true,
                ("--reorder", Some("legacy")) => options.keep_order = false,
                // Argo CD names the cluster's versions after these, which adds to a list and takes
                // the place of a version.
                ("--helm-kube-version", Some(version)) => {
                    options.kubernetes_version = Some(version.to_owned());
                }
                // Charts are rendered here, by no program.
                ("--helm-command" | "--network-name" | "--mount" | "--env" | "-e", Some(_))
                | ("--helm-debug" | "--stack-trace", _) => {}
                (plugin, _) if FOR_PLUGINS.contains(&plugin) => {}
                _ => {
                    options.refused = Some(format!(
                        "argocd-cm has {BUILD_OPTIONS} with {word}, which firstlight does not know"
                    ));
                }
            }
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_words_with_values() {
        let options = BuildOptions::parse(
            "--enable-helm --load-restrictor LoadRestrictionsNone --reorder=none \
             --helm-command helm3 --enable-alpha-plugins",
        );
        let expected = BuildOptions {
            enable_helm: true,
            unrestricted: true,
            keep_order: true,
            ..BuildOptions::default()
        };
        assert_eq!(options, expected);
        assert_eq!(BuildOptions::parse(" "), BuildOptions::default());
        assert!(!BuildOptions::parse("--enable-helm=false").enable_helm);
        for unknown in ["--enable-halm", "--load-restrictor all", "-o x", "more"] {
            assert!(BuildOptions::parse(unknown).refused.is_some(), "{unknown}");
        }
    }

    #[test]
    fn tools_are_off_where_a_setting_is_anything_but_true() {
        let data = BTreeMap::from([
            ("helm.enable", "no"),
            ("kustomize.enable", "true"),
            ("jsonnet.enable", ""),
            ("kustomize.buildOptions.v5", "--enable-helm"),
        ]);
        let (settings, without_effect) = ToolSettings::read(&data);
        assert_eq!(settings.disabled, BTreeSet::from([Tool::Helm]));
        assert_eq!(settings.kustomize, BuildOptions::default());
        assert_eq!(without_effect, ["kustomize.buildOptions.v5"]);
    }
}

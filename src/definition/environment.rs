//! One environment out of its two files: takes a repository and a name, gives the validated
//! environment, never looks at charts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::problem::Problem;
use crate::source::Source;
use crate::suggest::nearest;

use super::document::{Field, Located, Place, SourceFile};
use super::error::DefinitionError;
use super::layout::{Clusters, LayoutKind, Root};
use super::merge::merge;
use super::reader::{Reader, present};
use super::repository::Repository;
use super::schema;
use super::supplement::{SUPPLEMENT, Supplement, supplement};

/// The file with what all environments share.
const SHARED: &str = "environments/values.yaml";

/// An environment with the files that it comes from.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What was read and checked.
    pub environment: Environment,
    /// The files, the shared one first; as Helm gets them.
    pub files: Vec<Arc<SourceFile>>,
    /// The files laid over each other, every value with its place.
    pub values: Located,
}

/// One cluster to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The kubeconfig context that writes go to.
    pub context: Option<String>,
    /// The repository that Argo CD reads.
    pub repository: GitReference,
    /// All services that the repository knows.
    pub services: BTreeMap<String, ServiceSettings>,
    /// What `firstlight.yaml` says for all environments.
    pub supplement: Supplement,
    /// Whose habits its repository follows.
    pub layout: LayoutKind,
    /// What yields its Applications, the root of all first.
    pub roots: Vec<Root>,
    /// Which destinations are its own cluster.
    pub clusters: Clusters,
}

/// A Git repository at a revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitReference {
    /// Its URL.
    pub url: String,
    /// A branch, tag or commit.
    pub revision: String,
}

/// What an environment says of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSettings {
    /// True where the environment runs it.
    pub enabled: bool,
    /// The services that it is declared to wait for.
    pub depends_on: Vec<DeclaredDependency>,
    /// How long it may stand still.
    pub timeout: Option<Duration>,
    /// Where its name stands.
    pub source: Source,
}

/// A declared dependency with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredDependency {
    /// The service that is waited for.
    pub service: String,
    /// Where that is declared.
    pub source: Source,
}

/// Reads an environment; all problems of both files in one go.
pub fn load(repository: &Repository, name: &str) -> Result<Definition, DefinitionError> {
    let layout = repository.layout()?;
    let known = repository.environments_of(&layout);
    if !known.iter().any(|environment| environment == name) {
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        return Err(DefinitionError::UnknownEnvironment {
            name: name.to_owned(),
            known,
            nearest,
        });
    }
    if layout.kind != LayoutKind::Own {
        return super::foreign::load(repository, &layout, name);
    }
    let own = format!("environments/values-{name}.yaml");
    let files = vec![repository.read(SHARED)?, repository.read(&own)?];
    let (trees, problems): (Vec<_>, Vec<_>) =
        files.iter().map(Located::read).partition(Result::is_ok);
    let problems: Vec<Problem> = problems.into_iter().filter_map(Result::err).collect();
    if !problems.is_empty() {
        return Err(DefinitionError::Problems(problems));
    }
    let mut trees = trees.into_iter().filter_map(Result::ok);
    let (Some(shared), Some(own)) = (trees.next(), trees.next()) else {
        return Err(DefinitionError::Problems(problems));
    };
    let catalogue: BTreeSet<String> = match shared.at(&["services"]).map(|value| &value.tree) {
        Some(super::document::Tree::Map(fields)) => {
            fields.iter().map(|field| field.key.clone()).collect()
        }
        _ => BTreeSet::new(),
    };
    let values = merge(shared, own);
    let mut check = Check {
        reader: Reader::default(),
        catalogue,
    };
    let mut environment = check.environment(&values, name);
    environment.roots = layout.roots.iter().map(|root| root.of(name)).collect();
    let mut problems = check.reader.problems;
    if let Some(file) = repository.read_optional(SUPPLEMENT)? {
        match supplement(&file) {
            Ok(supplement) => environment.supplement = supplement,
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() {
        Ok(Definition {
            environment,
            files,
            values,
        })
    } else {
        Err(DefinitionError::Problems(problems))
    }
}

struct Check {
    reader: Reader,
    /// The services that the shared file knows.
    catalogue: BTreeSet<String>,
}

impl Check {
    fn environment(&mut self, values: &Located, name: &str) -> Environment {
        self.reader.map(values, "an environment file", schema::TOP);
        let given = values.at(&["name"]);
        match (self.reader.text(given, "name"), given) {
            (Some(text), Some(given)) if text != name => self.reader.problem(
                &given.place,
                format!("the environment's name is `{text}`, but its file is values-{name}.yaml"),
                format!("expected `{name}`"),
                Some("the root Application finds the file by this name".to_owned()),
            ),
            (None, given) if present(given).is_none() => self.missing(values, "name"),
            _ => {}
        }
        self.reader.text(values.at(&["fqdn"]), "fqdn");
        let context = self.reader.text(values.at(&["context"]), "context");
        let repository = self.repository(values);
        if let Some(vault) = present(values.at(&["vault"])) {
            self.reader.map(vault, "vault", schema::VAULT);
            self.reader.text(vault.at(&["address"]), "vault.address");
            self.reader.text(vault.at(&["path"]), "vault.path");
        }
        if let Some(policy) = present(values.at(&["syncPolicy"])) {
            self.reader.map(policy, "syncPolicy", schema::SYNC_POLICY);
            if let Some(automated) = present(policy.at(&["automated"])) {
                for field in self
                    .reader
                    .map(automated, "syncPolicy.automated", schema::AUTOMATED)
                {
                    let what = format!("syncPolicy.automated.{}", field.key);
                    self.reader.truth(Some(&field.value), &what);
                }
            }
        }
        let projects = self.projects(values);
        let services = self.services(values, &projects);
        Environment {
            name: name.to_owned(),
            context,
            repository,
            services,
            supplement: Supplement::default(),
            layout: LayoutKind::Own,
            roots: Vec::new(),
            clusters: Clusters::Own,
        }
    }

    fn missing(&mut self, holder: &Located, key: &str) {
        self.reader.problem(
            &holder.place,
            format!("`{key}` is missing"),
            format!("expected the key `{key}` here"),
            None,
        );
    }

    fn repository(&mut self, values: &Located) -> GitReference {
        let Some(repository) = present(values.at(&["repository"])) else {
            self.missing(values, "repository");
            return GitReference::default();
        };
        self.reader
            .map(repository, "repository", schema::REPOSITORY);
        let mut text = |key: &str| {
            let value = present(repository.at(&[key]));
            if value.is_none() {
                self.missing(repository, key);
            }
            self.reader
                .text(value, &format!("repository.{key}"))
                .unwrap_or_default()
        };
        GitReference {
            url: text("url"),
            revision: text("revision"),
        }
    }

    fn projects(&mut self, values: &Located) -> BTreeSet<String> {
        let Some(projects) = present(values.at(&["projects"])) else {
            return BTreeSet::new();
        };
        let fields = self.reader.fields(projects, "projects");
        for Field { key, value, .. } in fields {
            let what = |field: &str| format!("projects.{key}.{field}");
            self.reader
                .map(value, &format!("projects.{key}"), schema::PROJECT);
            self.reader
                .text(value.at(&["description"]), &what("description"));
            self.reader
                .texts(value.at(&["namespaces"]), &what("namespaces"));
            if let Some(resources) = present(value.at(&["clusterResources"])) {
                for resource in self.reader.items(resources, &what("clusterResources")) {
                    let what = what("clusterResources");
                    self.reader.map(resource, &what, schema::CLUSTER_RESOURCE);
                    self.reader
                        .text(resource.at(&["kind"]), &format!("{what}.kind"));
                }
            }
        }
        fields.iter().map(|field| field.key.clone()).collect()
    }

    fn services(
        &mut self,
        values: &Located,
        projects: &BTreeSet<String>,
    ) -> BTreeMap<String, ServiceSettings> {
        let Some(services) = present(values.at(&["services"])) else {
            self.missing(values, "services");
            return BTreeMap::new();
        };
        let fields = self.reader.fields(services, "services");
        // A service of one environment only is described there in full; what is not, was meant to be
        // one of the catalogue.
        let names: BTreeSet<&str> = fields
            .iter()
            .filter(|field| {
                self.catalogue.contains(&field.key) || field.value.field("namespace").is_some()
            })
            .map(|field| field.key.as_str())
            .collect();
        let mut settings = BTreeMap::new();
        for field in fields {
            if names.contains(field.key.as_str()) {
                settings.insert(field.key.clone(), self.service(field, &names, projects));
            } else {
                let known: Vec<String> = self.catalogue.iter().cloned().collect();
                let known = known.iter().map(String::as_str);
                self.reader
                    .unknown(&field.key_place, "service", &field.key, known);
            }
        }
        settings
    }

    fn service(
        &mut self,
        field: &Field,
        names: &BTreeSet<&str>,
        projects: &BTreeSet<String>,
    ) -> ServiceSettings {
        let Field {
            key,
            value,
            key_place,
        } = field;
        let what = |name: &str| format!("services.{key}.{name}");
        self.reader
            .map(value, &format!("services.{key}"), schema::SERVICE);
        let enabled = self
            .reader
            .truth(value.at(&["enabled"]), &what("enabled"))
            .unwrap_or(false);
        for required in ["namespace", "project"] {
            let given = self.reader.text(value.at(&[required]), &what(required));
            if enabled && given.is_none() && present(value.at(&[required])).is_none() {
                self.reader.problem(
                    key_place,
                    format!("{} is missing", what(required)),
                    format!("enabled without a {required}"),
                    None,
                );
            }
        }
        self.known_project(value, projects);
        if let Some(kind) = present(value.at(&["type"]))
            && let Some(text) = self.reader.text(Some(kind), &what("type"))
            && !schema::TYPES.contains(&text.as_str())
        {
            let types = schema::TYPES.iter().copied();
            self.reader
                .unknown(&kind.place, "type of source", &text, types);
        }
        self.reader.text(value.at(&["path"]), &what("path"));
        self.reader.integer(value.at(&["wave"]), &what("wave"));
        let timeout = self
            .reader
            .duration(value.at(&["timeout"]), &what("timeout"));
        for list in ["valueFiles", "syncOptions"] {
            self.reader.texts(value.at(&[list]), &what(list));
        }
        if let Some(labels) = present(value.at(&["namespaceLabels"])) {
            for label in self.reader.fields(labels, &what("namespaceLabels")) {
                let what = format!("{}.{}", what("namespaceLabels"), label.key);
                self.reader.text(Some(&label.value), &what);
            }
        }
        let depends_on = self.dependencies(value, key, names);
        ServiceSettings {
            enabled,
            depends_on,
            timeout,
            source: key_place.source(),
        }
    }

    fn known_project(&mut self, value: &Located, projects: &BTreeSet<String>) {
        let Some(place) = present(value.at(&["project"])) else {
            return;
        };
        if let super::document::Tree::Text(project) = &place.tree
            && !projects.is_empty()
            && project != "default"
            && !projects.contains(project)
        {
            let known = projects.iter().map(String::as_str);
            self.reader.unknown(&place.place, "project", project, known);
        }
    }

    fn dependencies(
        &mut self,
        value: &Located,
        service: &str,
        names: &BTreeSet<&str>,
    ) -> Vec<DeclaredDependency> {
        let what = format!("services.{service}.dependsOn");
        let listed: Vec<(String, Place)> = self.reader.texts(value.at(&["dependsOn"]), &what);
        let mut depends_on = Vec::new();
        for (name, place) in listed {
            if !names.contains(name.as_str()) {
                self.reader
                    .unknown(&place, "service", &name, names.iter().copied());
            }
            depends_on.push(DeclaredDependency {
                service: name,
                source: place.source(),
            });
        }
        depends_on
    }
}

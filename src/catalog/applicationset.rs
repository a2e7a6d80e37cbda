//! What an `ApplicationSet` means: takes those that the root renders, gives the Applications that Argo
//! CD's controller would make of them, and by name what cannot be known; never renders a source.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use applicationset::{
    Answer, Cluster, Expansion, FilePlace, Folder, Generated, GeneratorKind, Repositories, Request,
    Unavailable, expand,
};

use crate::definition::{Environment, GeneratorAnswer, Repository};
use crate::finding::{Finding, Severity, codes};
use crate::problem::Problem;
use crate::source::Source;
use crate::suggest::nearest;

use super::checkouts::{Checkouts, GitNeeds, Location};
use super::manifest::Manifest;

/// What the `ApplicationSet`s of a root yield.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    /// The Applications, as if the root had rendered them.
    pub(super) applications: Vec<Manifest>,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
    /// What cannot be known, and what is worth knowing.
    pub(super) findings: Vec<Finding>,
    /// What has to be fetched before all generators can be read.
    pub(super) git_needs: GitNeeds,
}

/// What stands beside the `ApplicationSet`s.
pub(super) struct Surroundings<'r> {
    pub(super) repository: &'r Repository,
    pub(super) environment: &'r Environment,
    /// The files of other repositories and revisions.
    pub(super) checkouts: &'r Checkouts,
    /// The AppProjects.
    pub(super) projects: &'r [Manifest],
    /// Other objects of the root, among them perhaps Secrets of clusters.
    pub(super) others: &'r [Manifest],
}

/// Expands `ApplicationSet`s.
pub(super) fn expanded(sets: &[Manifest], surroundings: &Surroundings<'_>) -> Expanded {
    let mut expanded = Expanded::default();
    if sets.is_empty() {
        return expanded;
    }
    // A root without projects leaves them to somebody else. `default` is made by Argo CD itself.
    let projects: BTreeSet<String> = (surroundings.projects.iter())
        .map(|project| project.name().to_owned())
        .chain(["default".to_owned()])
        .collect();
    let mut secrets: Vec<&Manifest> = surroundings.others.iter().collect();
    secrets.sort_by(|left, right| left.name().cmp(right.name()));
    let clusters: Vec<Cluster> = (secrets.iter())
        .filter_map(|secret| Cluster::of_secret(&secret.value))
        .collect();
    let views = Views {
        surroundings,
        folder: Folder::new(surroundings.repository.root()),
        files: OnceCell::new(),
        elsewhere: RefCell::default(),
        needs: RefCell::default(),
        asking: RefCell::new(Source::file("")),
    };
    for set in sets {
        views.asking.replace(set.source.clone());
        let rules: Vec<&GeneratorAnswer> = (surroundings.environment.supplement.generators.iter())
            .filter(|rule| rule.is_for(&surroundings.environment.name, set.name()))
            .collect();
        let answers = match read_answers(surroundings.repository, &rules) {
            Ok(answers) => answers,
            Err(problems) => {
                expanded.problems.extend(problems);
                continue;
            }
        };
        let request = Request {
            set: &set.value,
            repositories: &views,
            clusters: Some(&clusters),
            answers: &answers,
            projects: (!surroundings.projects.is_empty()).then_some(&projects),
        };
        match expand(&request) {
            Ok(expansion) => take_up(&mut expanded, set, expansion, &rules),
            Err(problems) => {
                let problems = problems.into_iter().map(|problem| told(set, problem));
                expanded.problems.extend(problems);
            }
        }
    }
    expanded.git_needs = views.needs.into_inner();
    expanded
}

fn take_up(
    expanded: &mut Expanded,
    set: &Manifest,
    expansion: Expansion,
    rules: &[&GeneratorAnswer],
) {
    let name = set.name();
    let refused = expansion.refused.into_iter();
    expanded
        .problems
        .extend(refused.map(|problem| told(set, problem)));
    for position in expansion.unused_answers {
        let Some(rule) = rules.get(position) else {
            continue;
        };
        let generator = rule.generator.name();
        let at = rule.at.as_deref().unwrap_or("it");
        let message =
            format!("there is no generator {generator} at {at} in the ApplicationSet {name}");
        let problem = Problem::new(message).at(rule.source.clone());
        let help =
            "say in `at` where it stands, such as spec.generators[0]; the indices count from 0";
        expanded.problems.push(problem.help(help));
    }
    let finding = |severity, code, message| Finding {
        severity,
        code,
        service: None,
        object: None,
        message,
        mend: None,
        source: Some(set.source.clone()),
    };
    for unknown in expansion.unknown {
        let message = format!(
            "the ApplicationSet {name} asks for {} ({}), which cannot be known offline: the \
             Applications that it makes of them are missing here; write down what it would yield, \
             and name the file under `generators` in firstlight.yaml",
            unknown.asks, unknown.path
        );
        expanded.findings.push(finding(
            Severity::Warning,
            codes::UNKNOWN_GENERATOR,
            message,
        ));
    }
    if !expansion.unsteady.is_empty() {
        let functions = expansion.unsteady.join(", ");
        let message = format!(
            "the templates of the ApplicationSet {name} call {functions}: Argo CD changes its \
             Applications each time that it looks at it"
        );
        expanded.findings.push(finding(
            Severity::Warning,
            codes::UNSTEADY_APPLICATIONSET,
            message,
        ));
    }
    let applications = expansion.applications.into_iter();
    expanded
        .applications
        .extend(applications.map(|Generated { application, .. }| Manifest {
            value: application,
            source: set.source.clone(),
        }));
}

/// Says of a problem which set it is of, and where.
fn told(set: &Manifest, problem: applicationset::Problem) -> Problem {
    let place = match &problem.path {
        path if path.is_empty() => String::new(),
        path => format!("{path} "),
    };
    let message = format!(
        "the ApplicationSet {}: {place}{}",
        set.name(),
        problem.message
    );
    let source = match problem.file {
        Some(FilePlace { path, line, column }) => Source {
            file: path,
            line: (line > 0).then_some(line),
            column: (column > 0).then_some(column),
        },
        None => set.source.clone(),
    };
    let suggestion = problem.unknown.and_then(|unknown| {
        let nearest = nearest(&unknown.name, unknown.known.iter().copied())?;
        Some(format!("did you mean `{nearest}`?"))
    });
    let mut told = Problem::new(message).at(source);
    told.help = suggestion.or(problem.help);
    told
}

/// Reads what somebody wrote down for generators.
fn read_answers(
    repository: &Repository,
    rules: &[&GeneratorAnswer],
) -> Result<Vec<Answer>, Vec<Problem>> {
    let (mut answers, mut problems) = (Vec::new(), Vec::new());
    for rule in rules {
        match read_answer(repository, rule) {
            Ok(answer) => answers.push(answer),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(answers)
    } else {
        Err(problems)
    }
}

fn read_answer(repository: &Repository, rule: &GeneratorAnswer) -> Result<Answer, Problem> {
    let file = &rule.file;
    let path = Repository::resolve("", file).ok_or_else(|| {
        Problem::new(format!("the file {file} leads out of the repository")).at(rule.source.clone())
    })?;
    let read = repository.read(&path).map_err(|error| {
        Problem::new(format!("the file {file} cannot be read: {error}")).at(rule.source.clone())
    })?;
    let node = goyaml::parse(&read.text)
        .map_err(|error| Problem::of_yaml(&path, error.line, error.column, &error))?;
    let span = node.span;
    match node.into_json() {
        serde_json::Value::Array(sets) => Ok(Answer {
            kind: rule.generator,
            at: rule.at.clone(),
            file: path,
            sets,
        }),
        _ => Err(
            Problem::new(format!("{path} must be a list of maps of parameters"))
                .at(Source::line(path, span.line))
                .help(hint(rule.generator)),
        ),
    }
}

fn hint(kind: GeneratorKind) -> &'static str {
    match kind {
        GeneratorKind::Clusters => {
            "each item is a cluster: `name`, `server`, and perhaps `project` and `metadata.labels`"
        }
        _ => "each item is a map of the parameters that the generator would yield",
    }
}

/// Repositories: the environment's own, as it lies in the working tree, and others, as they were
/// fetched.
struct Views<'r> {
    surroundings: &'r Surroundings<'r>,
    folder: Folder,
    /// The files of the environment's own, once a generator has asked for them.
    files: OnceCell<Result<Vec<String>, Unavailable>>,
    /// The files of others, by their directories.
    elsewhere: RefCell<BTreeMap<PathBuf, Vec<String>>>,
    /// What is not here.
    needs: RefCell<GitNeeds>,
    /// The set that asks.
    asking: RefCell<Source>,
}

impl Views<'_> {
    /// Returns the directory of another repository or revision; nothing for the environment's own.
    fn root(&self, url: &str, revision: &str) -> Result<Option<PathBuf>, Unavailable> {
        let own = &self.surroundings.environment.repository;
        match self.surroundings.checkouts.locate(own, url, revision) {
            Location::Own => Ok(None),
            Location::Elsewhere(checkout) => Ok(Some(checkout.root)),
            Location::Missing(request) => {
                let source = self.asking.borrow().clone();
                self.needs.borrow_mut().entry(request).or_insert(source);
                Err(Unavailable::new("it was not fetched"))
            }
            Location::Failed(problem) => {
                let unavailable = Unavailable::new(problem.message);
                Err(match problem.help {
                    Some(help) => unavailable.help(help),
                    None => unavailable,
                })
            }
        }
    }
}

impl Repositories for Views<'_> {
    fn files(&self, url: &str, revision: &str) -> Result<Vec<String>, Unavailable> {
        let Some(root) = self.root(url, revision)? else {
            return self.files.get_or_init(|| self.walk()).clone();
        };
        if let Some(files) = self.elsewhere.borrow().get(&root) {
            return Ok(files.clone());
        }
        let files = Folder::new(&root).files(url, revision)?;
        let mut elsewhere = self.elsewhere.borrow_mut();
        elsewhere.insert(root, files.clone());
        Ok(files)
    }

    fn read(&self, url: &str, revision: &str, path: &str) -> Result<Vec<u8>, Unavailable> {
        match self.root(url, revision)? {
            Some(root) => Folder::new(root).read(url, revision, path),
            None => self.folder.read(url, revision, path),
        }
    }
}

impl Views<'_> {
    /// Finds all files. What Git ignores is not there: Argo CD gets what is committed.
    fn walk(&self) -> Result<Vec<String>, Unavailable> {
        let root = self.surroundings.repository.root();
        let mut files = Vec::new();
        let walk = ignore::WalkBuilder::new(root)
            .hidden(false)
            .parents(true)
            .ignore(false)
            .git_global(false)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        for entry in walk {
            let entry = entry.map_err(|error| Unavailable::new(error.to_string()))?;
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            let path = entry.path().strip_prefix(root).ok();
            if let Some(path) = path.and_then(|path| path.to_str())
                && !is_directory
            {
                files.push(path.to_owned());
            }
        }
        files.sort();
        Ok(files)
    }
}

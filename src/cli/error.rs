//! The one error boundary: takes an error of the library, gives its exit code, its snippets and its
//! hints, never lets an error through unworded.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use chart::{InvalidReleaseName, check_release_name};

use crate::catalog::CatalogError;
use crate::cluster::{ConnectError, SnapshotError};
use crate::definition::{DefinitionError, Repository};
use crate::finding::{Code, Finding, Severity, codes};
use crate::graph::Unfound;
use crate::ops::chart::ChartError;
use crate::ops::init::InitError;
use crate::ops::new::NewError;
use crate::ops::{
    InstallError, OpsError, OpsOrPlanFile, PlanFileError, SupplyError, ValuesError, WaveError,
};
use crate::problem::Problem;
use crate::render::RenderError;

use super::exit::Exit;
use super::output::Output;
use super::snippet::{WIDTH, snippet};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// An error with what is needed to show it.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    /// Where the repository is, to show the lines of its files.
    root: Option<PathBuf>,
    blocks: Vec<Problem>,
    /// One line below all blocks.
    summary: Option<String>,
    hints: Vec<String>,
    /// Whether lines are broken that are wider than a page. Not where others look for whole messages.
    is_broken: bool,
}

impl From<WaveError> for Failure {
    fn from(error: WaveError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            root: None,
            blocks: vec![Problem::new(message)],
            summary: None,
            hints: Vec::new(),
            is_broken: false,
        }
    }

    fn of_problems(exit: Exit, problems: Vec<Problem>, summary: String) -> Self {
        Self {
            exit,
            root: None,
            blocks: problems,
            summary: Some(summary),
            hints: Vec::new(),
            is_broken: false,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns a failure about a service that is asked for and not there.
    pub(super) fn unknown_service(name: &str, environment: &str, known: &[&str]) -> Self {
        let nearest = crate::suggest::nearest(name, known.iter().copied());
        let failure = Self::new(
            Exit::Definition,
            format!("the environment {environment} has no service `{name}`"),
        );
        let failure = match nearest {
            Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
            None => failure,
        };
        failure.hint(format!("its services: {}", known.join(", ")))
    }

    /// Returns a failure about a service or an object that is asked for and not there.
    pub(super) fn unknown_end(text: &str, environment: &str, unfound: &Unfound) -> Self {
        match unfound {
            Unfound::Unknown(nearest) => {
                let what = if text.contains('/') {
                    "object"
                } else {
                    "service"
                };
                let message = format!("the environment {environment} has no {what} `{text}`");
                let failure = Self::new(Exit::Definition, message);
                match nearest {
                    Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
                    None => failure
                        .hint("name a service, or an object as Kind/name or namespace/Kind/name"),
                }
            }
            Unfound::Several(paths) => {
                let message = format!("several objects are meant by `{text}`");
                let failure = Self::new(Exit::Usage, message);
                failure.hint(format!("name one of them: {}", paths.join(", ")))
            }
        }
    }

    /// Returns a failure about a finding that there is not.
    pub(super) fn unknown_code(name: &str) -> Self {
        let known = codes::all().map(Code::name);
        let failure = Self::new(Exit::Usage, format!("there is no finding `{name}`"));
        let failure = match crate::suggest::nearest(name, known) {
            Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
            None => failure,
        };
        failure.hint("`firstlight explain` lists them all")
    }

    /// Returns a failure about a value that no layer of a service has.
    pub(super) fn unknown_value(service: &str, path: &str, known: &[String]) -> Self {
        let nearest = crate::suggest::nearest(path, known.iter().map(String::as_str));
        let failure = Self::new(
            Exit::Definition,
            format!("nothing says anything about `{path}` for {service}"),
        );
        match nearest {
            Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
            None => failure,
        }
    }

    /// Returns why there are no values to tell of.
    pub(super) fn of_values(error: ValuesError, environment: &str) -> Self {
        let message = error.to_string();
        match error {
            ValuesError::Ops(error) => error.into(),
            ValuesError::UnknownService { name, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Self::unknown_service(&name, environment, &known)
            }
            ValuesError::UnknownPath {
                service,
                path,
                known,
            } => Self::unknown_value(&service, &path, &known),
            ValuesError::NoChart { .. } => Self::new(Exit::Definition, message),
            ValuesError::Problem(problem) => Self::problem(problem),
        }
    }

    /// Returns a failure about one problem of the repository.
    pub(super) fn problem(problem: Problem) -> Self {
        Self {
            blocks: vec![problem],
            ..Self::new(Exit::Definition, "")
        }
    }

    /// Returns a failure about one problem of files whose paths begin at the working directory.
    pub(super) fn problem_here(problem: Problem) -> Self {
        Self::problem(problem).in_working_directory()
    }

    /// Returns a failure for want of a context.
    pub(super) fn no_context(environment: &str) -> Self {
        Self::new(Exit::Usage, format!("which cluster is meant? {environment} pins no context"))
            .hint(format!(
                "name it with `--context CONTEXT`, or pin it with `context:` in environments/values-{environment}.yaml"
            ))
    }

    /// Returns a failure for want of somebody to ask.
    pub(super) fn nobody_to_ask(question: &str) -> Self {
        let message = format!(
            "{question}\nnobody can be asked whether to go on: standard input is no terminal"
        );
        Self::new(Exit::Usage, message).hint("say `--yes` to write without being asked")
    }

    /// Returns that the user said no.
    pub(super) fn declined() -> Self {
        Self::new(Exit::Declined, "nothing was written")
    }

    /// Returns that findings stop an installation.
    pub(super) fn findings(environment: &str) -> Self {
        Self::new(
            Exit::Findings,
            format!("{environment} is not installed: its plan has errors"),
        )
        .hint("nothing was written; mend what is listed above")
    }

    /// Returns that something is asked for that firstlight does not do.
    pub(super) fn refused(message: impl Into<String>, hint: &str) -> Self {
        Self::new(Exit::Usage, message).hint(hint)
    }

    /// Returns that a file that was asked for could not be written.
    pub(super) fn unwritten(file: &Path, error: &std::io::Error) -> Self {
        Self::new(
            Exit::Usage,
            format!("cannot write {}: {error}", file.display()),
        )
    }

    /// Returns a failure of firstlight itself.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(Exit::Internal, message).hint("this is a mistake in firstlight: please report it")
    }

    /// Returns its problems as findings, for programs that read those.
    pub(super) fn as_findings(&self) -> Vec<Finding> {
        self.blocks
            .iter()
            .map(|problem| Finding {
                severity: Severity::Error,
                code: codes::INVALID_DEFINITION,
                service: None,
                object: None,
                message: match (&problem.label, &problem.help) {
                    (Some(label), _) => format!("{}: {label}", problem.message),
                    (None, Some(help)) => format!("{}; {help}", problem.message),
                    (None, None) => problem.message.clone(),
                },
                mend: None,
                source: problem.source.clone(),
            })
            .collect()
    }

    /// Returns the exit code.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// Lets the lines of the repository's files be shown.
    pub(super) fn in_repository(mut self, repository: &Repository) -> Self {
        self.root = Some(repository.root().to_owned());
        self
    }

    /// Lets the lines of files be shown whose paths begin at the working directory.
    fn in_working_directory(mut self) -> Self {
        self.root = Some(PathBuf::new());
        self
    }

    fn broken(mut self) -> Self {
        self.is_broken = true;
        self
    }

    fn wrapped(&self, text: &str, before: usize, indent: &str) -> String {
        if self.is_broken {
            wrapped(text, before, indent)
        } else {
            text.to_owned()
        }
    }

    /// Shows the error and returns the exit code.
    pub(super) fn report(self, output: &mut Output) -> Exit {
        let mut text = String::new();
        for (index, problem) in self.blocks.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str(&self.block(problem));
        }
        for hint in &self.hints {
            let hint = self.wrapped(hint, "hint: ".len(), "  ");
            let _ = write!(text, "\n{HINT}hint:{HINT:#} {hint}");
        }
        if !self.hints.is_empty() {
            text.push('\n');
        }
        if let Some(summary) = self.summary.as_ref().filter(|_| self.blocks.len() > 1) {
            let _ = writeln!(text, "\n{ERROR}error:{ERROR:#} {summary}");
        }
        output.message(&text);
        self.exit
    }

    fn block(&self, problem: &Problem) -> String {
        let message = self.wrapped(&problem.message, "error: ".len(), "  ");
        let mut text = format!("{ERROR}error:{ERROR:#} {message}\n");
        let shown = self
            .root
            .as_ref()
            .zip(problem.source.as_ref())
            .and_then(|(root, _)| snippet(root, problem));
        match (shown, &problem.source) {
            (Some(shown), _) => text.push_str(&shown),
            (None, Some(source)) => {
                let label = problem.label.as_ref().map(|label| format!(": {label}"));
                let _ = writeln!(text, "  at {source}{}", label.unwrap_or_default());
            }
            (None, None) => {
                if let Some(label) = &problem.label {
                    let _ = writeln!(text, "  {label}");
                }
            }
        }
        for step in &problem.trace {
            let _ = writeln!(text, "  {}", self.wrapped(step, 2, "    "));
        }
        if let Some(help) = &problem.help {
            let help = self.wrapped(help, "hint: ".len(), "  ");
            let _ = writeln!(text, "\n{HINT}hint:{HINT:#} {help}");
        }
        text
    }
}

/// Returns the name that a release may have been meant to have.
fn likely_name(error: &InvalidReleaseName) -> Option<String> {
    let InvalidReleaseName::Malformed(name) = error else {
        return None;
    };
    let letter = |one: char| {
        if one.is_ascii_alphanumeric() || one == '.' {
            one
        } else {
            '-'
        }
    };
    let name: String = name.to_lowercase().chars().map(letter).collect();
    let name = name.trim_matches('-');
    check_release_name(name).is_ok().then(|| name.to_owned())
}

/// Breaks lines that are wider than a page, between words; further ones are indented.
fn wrapped(text: &str, before: usize, indent: &str) -> String {
    let mut out = String::new();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let mut width = if number == 0 { before } else { 0 };
        for (number, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if number > 0 && width + 1 + length > WIDTH {
                out.push('\n');
                out.push_str(indent);
                width = indent.len();
            } else if number > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
    }
    out
}

impl From<DefinitionError> for Failure {
    fn from(error: DefinitionError) -> Self {
        let message = error.to_string();
        match error {
            DefinitionError::NotARepository { .. } => Self::new(Exit::Definition, message)
                .hint(
                    "a platform repository has environments/values.yaml, or a firstlight.yaml that \
                     says its layout",
                ),
            DefinitionError::NoRepository { .. } => Self::new(Exit::Definition, message).hint(
                "a platform repository has environments/values.yaml, or a firstlight.yaml that says its \
                 layout; name its directory \
                 with `--repo DIR`",
            ),
            DefinitionError::UnknownEnvironment { known, nearest, .. } => {
                let mut failure = Self::new(Exit::Definition, message);
                if let Some(nearest) = nearest {
                    failure = failure.hint(format!("did you mean `{nearest}`?"));
                }
                failure.hint(if known.is_empty() {
                    "there is no environment yet, such as environments/values-ENV.yaml".to_owned()
                } else {
                    format!("the environments of this repository: {}", known.join(", "))
                })
            }
            DefinitionError::Unreadable { .. } => Self::new(Exit::Definition, message),
            DefinitionError::Problems(problems) => {
                Self::of_problems(Exit::Definition, problems, message)
            }
        }
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        let message = error.to_string();
        match error {
            CatalogError::Root { problem, .. } => {
                Self::of_problems(Exit::Definition, vec![*problem], message)
            }
            CatalogError::Applications(problems) => {
                Self::of_problems(Exit::Definition, problems, message)
            }
        }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        let message = error.to_string();
        Self::of_problems(Exit::Definition, error.problems, message)
    }
}

impl From<SupplyError> for Failure {
    fn from(error: SupplyError) -> Self {
        let message = error.to_string();
        match error {
            SupplyError::Lock(problem) | SupplyError::Revision(problem) => Self::problem(problem),
            SupplyError::Repositories(problems) => {
                Self::of_problems(Exit::Fetch, problems, message)
            }
            SupplyError::Charts(problems) => Self::of_problems(Exit::Fetch, problems, message),
            SupplyError::File(_) => Self::new(Exit::Internal, message),
            SupplyError::UnknownChart { name, known } => {
                let failure = Self::new(Exit::Usage, message);
                match crate::suggest::nearest(&name, known.iter().map(String::as_str)) {
                    Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
                    None if known.is_empty() => failure,
                    None => failure.hint(format!("those that do: {}", known.join(", "))),
                }
            }
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let failure = Self::new(Exit::Cluster, error.to_string());
        match error {
            ConnectError::NoKubeconfig { .. } => {
                failure.hint("name a kubeconfig with `--kubeconfig FILE` or in KUBECONFIG")
            }
            ConnectError::UnknownContext { context, known } => {
                match crate::suggest::nearest(&context, known.iter().map(String::as_str)) {
                    Some(nearest) => failure.hint(format!("did you mean `--context {nearest}`?")),
                    None => failure.hint("`kubectl config get-contexts` lists the contexts"),
                }
            }
            ConnectError::Unreachable { .. } => {
                failure.hint("is the cluster running, and is its address reachable from here?")
            }
            ConnectError::Unauthorized { .. } => {
                failure.hint("the credentials may have expired: log in to the cluster again")
            }
            ConnectError::Forbidden { .. } => {
                failure.hint("an installation needs the rights of a cluster administrator")
            }
            ConnectError::BadKubeconfig { .. } => {
                failure.hint("`kubectl config view` shows what it holds, without its secrets")
            }
            ConnectError::BadContext { .. } => failure,
        }
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        let failure = Self::new(Exit::Cluster, error.to_string());
        if error.error.is_forbidden() {
            return failure.hint("comparing with a cluster needs the right to list these objects");
        }
        failure
    }
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        let message = error.to_string();
        match error {
            InstallError::Connect(error) => error.into(),
            InstallError::Snapshot(error) => error.into(),
            InstallError::Read(_) => Self::new(Exit::Cluster, message),
            InstallError::Refused(_) => Self::new(Exit::Findings, message).hint(
                "nothing was written; let go of the fields that others own, or delete the object to have it made anew",
            ),
            InstallError::Denied(_) => Self::new(Exit::Cluster, message)
                .hint("nothing was written; an installation needs the rights of a cluster administrator"),
        }
    }
}

impl From<PlanFileError> for Failure {
    fn from(error: PlanFileError) -> Self {
        let message = error.to_string();
        match error {
            PlanFileError::Unwritable { .. } => Self::new(Exit::Internal, message),
            PlanFileError::Unreadable { .. } => Self::new(Exit::Usage, message),
            PlanFileError::NoPlan { .. } | PlanFileError::Version { .. } => {
                Self::new(Exit::Usage, message)
                    .hint("`firstlight plan ENV --output FILE` writes such a file")
            }
            PlanFileError::Environment { found, .. } => Self::new(Exit::Usage, message)
                .hint(format!("`firstlight install {found}` takes it")),
            PlanFileError::Stale { .. } => Self::new(Exit::Findings, message)
                .hint("nothing was written; plan again, and look at what the new plan says"),
        }
    }
}

impl From<OpsOrPlanFile> for Failure {
    fn from(error: OpsOrPlanFile) -> Self {
        match error {
            OpsOrPlanFile::Ops(error) => error.into(),
            OpsOrPlanFile::File(error) => error.into(),
        }
    }
}

impl From<ChartError> for Failure {
    fn from(error: ChartError) -> Self {
        let is_fetch = matches!(error, ChartError::Fetch { .. } | ChartError::Offline { .. });
        let failure = Self::of_chart(error);
        if is_fetch { failure } else { failure.broken() }
    }
}

impl Failure {
    fn of_chart(error: ChartError) -> Self {
        let message = error.to_string();
        match error {
            ChartError::NotFound { near, .. } => {
                let failure = Self::new(Exit::Definition, message);
                match near.first() {
                    Some(near) => failure.hint(format!("did you mean {near}?")),
                    None => {
                        failure.hint("name the directory of a chart, or a packed chart (`.tgz`)")
                    }
                }
            }
            ChartError::Address { .. } => Self::new(Exit::Usage, message)
                .hint("name the repository with `--repo URL` and the chart by its name"),
            ChartError::Offline { .. } => Self::new(Exit::Fetch, message),
            ChartError::Fetch { problems, .. } => Self::of_problems(Exit::Fetch, problems, message),
            ChartError::Dependency { .. } => Self::new(Exit::Definition, message),
            ChartError::StaleLock { chart, .. } => Self::new(Exit::Definition, message).hint(
                format!("`firstlight chart dependency update {chart}` chooses versions anew"),
            ),
            ChartError::ReleaseName(error) => {
                let failure = Self::new(Exit::Usage, message);
                match likely_name(&error) {
                    Some(name) => failure.hint(format!("did you mean `{name}`?")),
                    None => failure,
                }
            }
            ChartError::Argument(_) => Self::new(Exit::Usage, message),
            ChartError::Problem(problem) => Self::problem(*problem).in_working_directory(),
            ChartError::WrongArgument(problem) => Self {
                exit: Exit::Usage,
                ..Self::problem(*problem)
            },
            ChartError::BrokenOutput { problem, .. } => Self::problem(*problem)
                .in_working_directory()
                .hint("`--debug` prints all that the templates gave"),
            ChartError::NoTemplate { pattern, known } => {
                let known = known.iter().map(String::as_str);
                let nearest = crate::suggest::nearest(&pattern, known.clone());
                let failure = Self::new(Exit::Definition, message);
                match nearest {
                    Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
                    None if known.len() == 0 => failure.hint("no template gives any"),
                    None => {
                        let names: Vec<&str> = known.collect();
                        failure.hint(format!("those that do: {}", names.join(", ")))
                    }
                }
            }
            ChartError::Write { .. } => Self::new(Exit::Internal, message),
        }
    }
}

impl From<NewError> for Failure {
    fn from(error: NewError) -> Self {
        let message = error.to_string();
        let hinted = |exit, hint: Option<String>| {
            let failure = Self::new(exit, message.clone());
            match hint {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        };
        let listed = |known: &[String]| match known {
            [] => None,
            [one] => Some(format!("did you mean `{one}`?")),
            several => Some(format!("there are: {}", several.join(", "))),
        };
        match error {
            NewError::Definition(error) => error.into(),
            NewError::Name { near, .. } => hinted(
                Exit::Usage,
                near.map(|near| format!("did you mean `{near}`?")),
            ),
            NewError::Unknown { known, .. } | NewError::Unsaid { known, .. } => {
                hinted(Exit::Usage, listed(&known))
            }
            NewError::Layout { instead, .. } => hinted(Exit::Definition, Some(instead)),
            NewError::Exists { .. } => hinted(
                Exit::Definition,
                Some("nothing was written; what is there is never replaced".to_owned()),
            ),
            NewError::NotEmpty(_) => hinted(
                Exit::Usage,
                Some("name a directory that is not there, or empty".to_owned()),
            ),
            NewError::Chart { .. } => hinted(Exit::Usage, None),
            NewError::Edit { .. } => hinted(Exit::Definition, None),
            NewError::Write { .. } | NewError::HalfWritten { .. } => hinted(Exit::Internal, None),
        }
    }
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Self {
        let message = error.to_string();
        match error {
            InitError::Definition(error) => error.into(),
            InitError::NoDirectory(_) => Self::new(Exit::Usage, message),
            InitError::Described => Self::new(Exit::Definition, message)
                .hint("`firstlight plan ENV` uses it; it is not replaced"),
            InitError::Nothing { has_flux: true, .. } => Self::new(Exit::Definition, message)
                .hint("firstlight reads what Argo CD reads: Applications and ApplicationSets"),
            InitError::Nothing { .. } => Self::new(Exit::Definition, message).hint(
                "say what yields them: `layout: {roots: PATH}` in firstlight.yaml, PATH being a chart, a kustomization, or manifests",
            ),
        }
    }
}

impl From<OpsError> for Failure {
    fn from(error: OpsError) -> Self {
        match error {
            OpsError::Definition(error) => error.into(),
            OpsError::Catalog(error) => error.into(),
            OpsError::Render(error) => error.into(),
            OpsError::Supply(error) => error.into(),
        }
    }
}

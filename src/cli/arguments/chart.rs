//! The arguments of `firstlight chart`: takes a command line as `helm` takes it, gives typed
//! arguments, never does anything.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand, ValueEnum};

use crate::ops::Fetching;

use super::deferred::Deferred;
use super::{GlobalArguments, TextOrJson};

/// Arguments of `chart`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChartArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: ChartCommand,
}

/// What to do with a chart.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ChartCommand {
    /// Show the manifests of a chart as `helm template` prints them
    Template(Deferred<TemplateArguments>),
    /// Look for what is wrong with charts, by the rules of `helm lint`
    Lint(Deferred<ChartLintArguments>),
    /// Show what a chart says about itself
    #[command(visible_alias = "inspect")]
    Show(Deferred<ShowArguments>),
    /// Fetch a chart
    #[command(visible_alias = "fetch")]
    Pull(Deferred<PullArguments>),
    /// The charts that a chart depends on
    #[command(visible_aliases = ["dep", "dependencies"])]
    Dependency(Deferred<DependencyArguments>),
}

/// Arguments of `chart lint`.
#[derive(Debug, Args)]
#[command(mut_args(as_helm))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the options that helm has"
)]
pub(in crate::cli) struct ChartLintArguments {
    /// The charts: directories or packed charts
    #[arg(value_name = "CHART", required = true)]
    pub(in crate::cli) paths: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) values: ValueArguments,
    /// The namespace that charts are told
    #[arg(long, short, value_name = "NAMESPACE", default_value = crate::ops::chart::DEFAULT_NAMESPACE)]
    pub(in crate::cli) namespace: String,
    /// The version of Kubernetes that charts are told and deprecations are held against
    #[arg(long, value_name = "VERSION", value_parser = crate::ops::chart::kubernetes_version)]
    pub(in crate::cli) kube_version: Option<String>,
    /// Fail on warnings too
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Look at the charts below the charts too
    #[arg(long)]
    pub(in crate::cli) with_subcharts: bool,
    /// Do not hold the values against values.schema.json
    #[arg(long)]
    pub(in crate::cli) skip_schema_validation: bool,
    /// Accepted: every finding says all there is to say
    #[arg(long)]
    pub(in crate::cli) debug: bool,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TextOrJson,
    #[command(flatten)]
    pub(in crate::cli) without_effect: WithoutEffect,
}

/// Arguments of `chart show`.
#[derive(Debug, Args)]
#[command(mut_args(as_helm))]
pub(in crate::cli) struct ShowArguments {
    /// What is shown
    #[arg(value_name = "PART")]
    pub(in crate::cli) part: Part,
    /// The chart: a directory, a packed chart, `oci://HOST/PATH`, or a name in --repo
    #[arg(value_name = "CHART")]
    pub(in crate::cli) chart: String,
    #[command(flatten)]
    pub(in crate::cli) source: SourceArguments,
    #[command(flatten)]
    pub(in crate::cli) without_effect: WithoutEffect,
}

/// What is shown of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Part {
    /// Everything.
    All,
    /// Chart.yaml.
    Chart,
    /// values.yaml.
    Values,
    /// The file README.
    Readme,
    /// The files of crds/, also of charts below.
    Crds,
}

/// Arguments of `chart pull`.
#[derive(Debug, Args)]
#[command(mut_args(as_helm))]
pub(in crate::cli) struct PullArguments {
    /// The charts: `oci://HOST/PATH`, names in --repo, or REPOSITORY/NAME where helm knows REPOSITORY
    #[arg(value_name = "CHART", required = true)]
    pub(in crate::cli) charts: Vec<String>,
    /// Where the archive is put
    #[arg(long, short, value_name = "DIR", default_value = ".")]
    pub(in crate::cli) destination: PathBuf,
    /// Unpack the chart
    #[arg(long)]
    pub(in crate::cli) untar: bool,
    /// Where the unpacked chart is put, below --destination
    #[arg(
        long,
        visible_alias = "untardir",
        value_name = "DIR",
        default_value = "."
    )]
    pub(in crate::cli) untar_dir: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) source: SourceArguments,
    #[command(flatten)]
    pub(in crate::cli) without_effect: WithoutEffect,
}

/// Arguments of `chart dependency`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DependencyArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: DependencyCommand,
}

/// What to do with dependencies.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DependencyCommand {
    /// Show what a chart depends on, and what of it is in charts/
    #[command(visible_alias = "ls")]
    List(Deferred<DependencyListArguments>),
    /// Put what Chart.lock names into charts/; without it, as update
    Build(Deferred<DependencyChangeArguments>),
    /// Choose versions anew, put the charts into charts/, and keep the versions in Chart.lock
    #[command(visible_alias = "up")]
    Update(Deferred<DependencyChangeArguments>),
}

/// Arguments of `chart dependency list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DependencyListArguments {
    /// The chart's directory, or a packed chart
    #[arg(value_name = "CHART", default_value = ".")]
    pub(in crate::cli) chart: PathBuf,
    /// Columns are no wider than this
    #[arg(long, value_name = "NUMBER", default_value_t = 80)]
    pub(in crate::cli) max_col_width: usize,
    #[command(flatten)]
    pub(in crate::cli) without_effect: WithoutEffect,
}

/// Arguments of `chart dependency build` and `update`.
#[derive(Debug, Args)]
#[command(mut_args(as_helm))]
pub(in crate::cli) struct DependencyChangeArguments {
    /// The chart's directory
    #[arg(value_name = "CHART", default_value = ".")]
    pub(in crate::cli) chart: PathBuf,
    /// Accepted: firstlight asks a repository only when it has to
    #[arg(long, hide = true)]
    pub(in crate::cli) skip_refresh: bool,
    #[command(flatten)]
    pub(in crate::cli) access: AccessArguments,
    #[command(flatten)]
    pub(in crate::cli) without_effect: WithoutEffect,
}

/// Arguments of `chart template`.
#[derive(Debug, Args)]
#[command(
    override_usage = "firstlight chart template [OPTIONS] [RELEASE] <CHART>",
    mut_args(as_helm)
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the options that helm has"
)]
pub(in crate::cli) struct TemplateArguments {
    /// The release's name, `release-name` where it is left out, and the chart: a directory or a
    /// packed chart
    #[arg(value_names = ["RELEASE", "CHART"], num_args = 1..=2, required = true)]
    pub(in crate::cli) names: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) values: ValueArguments,
    /// The namespace of the release
    #[arg(long, short, value_name = "NAMESPACE", default_value = crate::ops::chart::DEFAULT_NAMESPACE)]
    pub(in crate::cli) namespace: String,
    /// Print the files of crds/ too
    #[arg(long)]
    pub(in crate::cli) include_crds: bool,
    /// Accepted: the files of crds/ are printed with --include-crds only
    #[arg(long)]
    pub(in crate::cli) skip_crds: bool,
    /// Leave out tests
    #[arg(long)]
    pub(in crate::cli) skip_tests: bool,
    /// Leave out hooks
    #[arg(long)]
    pub(in crate::cli) no_hooks: bool,
    /// Only the manifests of these templates, such as templates/service.yaml; may be a pattern
    #[arg(long, short, value_name = "TEMPLATE", allow_hyphen_values = true)]
    pub(in crate::cli) show_only: Vec<String>,
    /// The version of Kubernetes that the chart is told
    #[arg(long, value_name = "VERSION", value_parser = crate::ops::chart::kubernetes_version)]
    pub(in crate::cli) kube_version: Option<String>,
    /// Further API versions that the chart is told, such as monitoring.coreos.com/v1
    #[arg(long, short, value_name = "VERSIONS", value_parser = list)]
    pub(in crate::cli) api_versions: Vec<List>,
    /// Tell the chart of an upgrade instead of an installation
    #[arg(long)]
    pub(in crate::cli) is_upgrade: bool,
    /// Make the release's name of a Go template
    #[arg(long, value_name = "TEMPLATE")]
    pub(in crate::cli) name_template: Option<String>,
    /// Accepted: as in helm, the name is `release-name` where none is given
    #[arg(long, short)]
    pub(in crate::cli) generate_name: bool,
    /// Write files below this directory instead of printing
    #[arg(long, value_name = "DIR", conflicts_with = "show_only")]
    pub(in crate::cli) output_dir: Option<PathBuf>,
    /// Put the files of --output-dir below the release's name
    #[arg(long)]
    pub(in crate::cli) release_name: bool,
    /// Fetch dependencies that are not in charts/
    #[arg(long)]
    pub(in crate::cli) dependency_update: bool,
    /// Do not hold the values against values.schema.json
    #[arg(long)]
    pub(in crate::cli) skip_schema_validation: bool,
    /// Print what the templates gave even where it is no YAML
    #[arg(long)]
    pub(in crate::cli) debug: bool,
    /// Only `client` is possible: firstlight renders without a cluster
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true,
        default_missing_value = "unset", hide = true)]
    pub(in crate::cli) dry_run: Option<String>,
    /// Refused: firstlight renders without a cluster
    #[arg(long, hide = true)]
    pub(in crate::cli) validate: bool,
    /// Refused: firstlight runs no plugins of helm
    #[arg(long, value_name = "NAME", hide = true)]
    pub(in crate::cli) post_renderer: Option<String>,
    /// Refused: rendering reaches no network
    #[arg(long, hide = true)]
    pub(in crate::cli) enable_dns: bool,
    #[command(flatten)]
    pub(in crate::cli) source: SourceArguments,
    #[command(flatten)]
    pub(in crate::cli) without_effect: WithoutEffect,
}

/// Values, in Helm's order: files, then `--set-json`, `--set`, `--set-string`, `--set-file` and
/// `--set-literal`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ValueArguments {
    /// Files of values, the later ones over the earlier ones; `-` is standard input
    #[arg(long, short = 'f', value_name = "FILES", value_parser = list)]
    values: Vec<List>,
    /// Values such as a.b=1,c={x,y}
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set: Vec<String>,
    /// Values that stay text
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set_string: Vec<String>,
    /// Values in JSON: a.b={"c": 1}, or a whole object
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set_json: Vec<String>,
    /// Values that are the content of files: a.b=FILE
    #[arg(long, value_name = "VALUES", allow_hyphen_values = true)]
    set_file: Vec<String>,
    /// One value that is taken as it stands
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    set_literal: Vec<String>,
}

impl ValueArguments {
    /// Returns what the library takes.
    pub(in crate::cli) fn to_values(&self) -> crate::ops::chart::ChartValues {
        crate::ops::chart::ChartValues {
            files: flat(&self.values),
            json: self.set_json.clone(),
            set: self.set.clone(),
            text: self.set_string.clone(),
            content: self.set_file.clone(),
            literal: self.set_literal.clone(),
        }
    }
}

/// Where a chart that is no path is fetched from: with the program's own `--repo`, which chart
/// commands have no other use for, and these.
#[derive(Debug, Args)]
#[command(mut_arg("repo", repository))]
pub(in crate::cli) struct SourceArguments {
    /// The version of the chart, or a range
    #[arg(id = "chart_version", long = "version", value_name = "VERSION")]
    version: Option<String>,
    /// Take versions before a release too: the range >0.0.0-0 where --version is not given
    #[arg(long)]
    devel: bool,
    #[command(flatten)]
    pub(in crate::cli) access: AccessArguments,
}

/// How servers of charts are spoken to. Helm's options are known, so that what firstlight does in
/// another way can be explained.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the options that helm has"
)]
pub(in crate::cli) struct AccessArguments {
    /// Certificates that are trusted besides the system's (PEM)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Refused: credentials come from the files that helm and docker keep
    #[arg(long, value_name = "NAME", hide = true)]
    pub(in crate::cli) username: Option<String>,
    /// Refused: credentials come from the files that helm and docker keep
    #[arg(long, value_name = "PASSWORD", hide = true)]
    pub(in crate::cli) password: Option<String>,
    /// Refused
    #[arg(long, value_name = "FILE", hide = true)]
    pub(in crate::cli) cert_file: Option<PathBuf>,
    /// Refused
    #[arg(long, value_name = "FILE", hide = true)]
    pub(in crate::cli) key_file: Option<PathBuf>,
    /// Refused
    #[arg(long, hide = true)]
    pub(in crate::cli) insecure_skip_tls_verify: bool,
    /// Refused
    #[arg(long, hide = true)]
    pub(in crate::cli) plain_http: bool,
    /// Refused
    #[arg(long, hide = true)]
    pub(in crate::cli) pass_credentials: bool,
    /// Refused
    #[arg(long, hide = true)]
    pub(in crate::cli) verify: bool,
    /// Without effect, as --verify is refused
    #[arg(long, value_name = "FILE", hide = true)]
    pub(in crate::cli) keyring: Option<PathBuf>,
}

impl SourceArguments {
    /// Returns what the library takes.
    pub(in crate::cli) fn reference(
        &self,
        text: &str,
        global: &GlobalArguments,
        fetching: Fetching,
    ) -> crate::ops::chart::ChartReference {
        crate::ops::chart::ChartReference {
            fetching,
            text: text.to_owned(),
            repository: global
                .repo
                .as_ref()
                .map(|url| url.to_string_lossy().into_owned()),
            version: match (&self.version, self.devel) {
                (None, true) => Some(">0.0.0-0".to_owned()),
                (version, _) => version.clone(),
            },
        }
    }
}

/// Says what `--repo` is to a command that takes one chart.
fn repository(argument: Arg) -> Arg {
    argument
        .value_name("URL")
        .help("The chart repository that CHART is a name in")
}

/// An argument that stands for several, separated by commas.
pub(in crate::cli) type List = Vec<String>;

/// Returns all parts of arguments that stand for several.
pub(in crate::cli) fn flat(lists: &[List]) -> Vec<String> {
    lists.concat()
}

/// Reads a line of comma-separated values, whose parts may be quoted.
fn list(text: &str) -> Result<List, String> {
    let mut parts = Vec::new();
    if text.is_empty() {
        return Ok(parts);
    }
    let mut rest = Some(text);
    while let Some(begin) = rest {
        let (part, after) = part_of_list(begin);
        parts.push(part);
        rest = after.strip_prefix(',');
        if rest.is_none() && !after.is_empty() {
            return Err(format!(
                "`{after}` stands between a quoted part and a comma"
            ));
        }
    }
    Ok(parts)
}

/// Returns the first part and what follows it.
fn part_of_list(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut part = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '"' {
            part.push(letter);
        } else if letters.next_if(|(_, next)| *next == '"').is_some() {
            part.push('"');
        } else {
            return (part, &quoted[at + 1..]);
        }
    }
    (part, "")
}

/// Lets an option without value take one after an equals sign, as all of helm's do:
/// `--include-crds=false`.
fn as_helm(argument: Arg) -> Arg {
    if argument.is_global_set() || !matches!(argument.get_action(), ArgAction::SetTrue) {
        return argument;
    }
    argument
        .action(ArgAction::Set)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .default_value("false")
        .value_parser(truth)
        .hide_default_value(true)
        .value_name("BOOL")
}

/// Reads a truth value as Go does.
fn truth(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// Helm's options that change nothing here; scripts may go on giving them.
#[derive(Debug)]
pub(in crate::cli) struct WithoutEffect;

/// Those without value, or with one after an equals sign.
const SWITCHES: &[&str] = &[
    "atomic",
    "create-namespace",
    "disable-openapi-validation",
    "force",
    "force-conflicts",
    "force-replace",
    "hide-notes",
    "hide-secret",
    "kube-insecure-skip-tls-verify",
    "render-subchart-notes",
    "replace",
    "rollback-on-failure",
    "server-side",
    "take-ownership",
    "wait",
    "wait-for-jobs",
];

/// Those with a value.
const OPTIONS: &[&str] = &[
    "burst-limit",
    "content-cache",
    "description",
    "kube-apiserver",
    "kube-as-group",
    "kube-as-user",
    "kube-ca-file",
    "kube-context",
    "kube-tls-server-name",
    "kube-token",
    "kubeconfig",
    "labels",
    "qps",
    "registry-config",
    "repository-cache",
    "repository-config",
    "timeout",
];

impl Args for WithoutEffect {
    fn augment_args(command: Command) -> Command {
        let switches = SWITCHES.iter().map(|name| {
            Arg::new(*name)
                .long(*name)
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .action(ArgAction::Append)
                .hide(true)
        });
        let options = OPTIONS.iter().map(|name| {
            let argument = Arg::new(*name)
                .long(*name)
                .num_args(1)
                .allow_hyphen_values(true)
                .action(ArgAction::Append)
                .hide(true);
            match *name {
                "labels" => argument.short('l'),
                _ => argument,
            }
        });
        command.args(switches).args(options)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for WithoutEffect {
    fn from_arg_matches(_: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self)
    }

    fn update_from_arg_matches(&mut self, _: &ArgMatches) -> Result<(), clap::Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_comma_separated_values() {
        let read = |text| list(text).unwrap_or_default();
        assert_eq!(read("a.yaml,b.yaml"), ["a.yaml", "b.yaml"]);
        assert_eq!(read("\"a,b\",\"c\"\"d\""), ["a,b", "c\"d"]);
        assert_eq!(read("a,"), ["a", ""]);
        assert!(read("").is_empty());
    }
}

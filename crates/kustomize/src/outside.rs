//! What a build asks of its caller: takes nothing, gives the traits by which charts are rendered and
//! remote bases fetched, never does either itself.

use std::path::PathBuf;
use std::rc::Rc;

use crate::files::FileSystem;
use crate::remote::Remote;

/// What a build may use beside its files. Whatever is absent is refused where it is asked for.
#[derive(Default, Clone, Copy)]
pub struct Tools<'t> {
    /// Renders charts (`helmCharts`, which Kustomize refuses without `--enable-helm`).
    pub charts: Option<&'t dyn Charts>,
    /// Fetches remote bases and files.
    pub remotes: Option<&'t dyn Remotes>,
}

/// Renders charts.
pub trait Charts {
    /// Returns what `helm template` would print for a chart, or why it cannot be rendered.
    fn render(&self, request: &ChartRequest) -> Result<String, String>;

    /// Returns the values that a chart has itself, where it was fetched and is in no folder.
    fn own_values(&self, request: &ChartRequest) -> Result<Option<String>, String> {
        let _ = request;
        Ok(None)
    }
}

/// A chart that is to be rendered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChartRequest {
    /// The root of the files on disk, where they are there.
    pub root: Option<PathBuf>,
    /// The folder that has the chart's folder, relative to the root of the files.
    pub home: String,
    /// The name of the chart's folder.
    pub name: String,
    /// The version that was asked for, or empty.
    pub version: String,
    /// The repository that the chart would be fetched from where it is not there, or empty.
    pub repository: String,
    /// The name of the release; none for one that is generated.
    pub release_name: Option<String>,
    /// The namespace of the release; none for the default.
    pub namespace: Option<String>,
    /// A template of the release's name, or empty.
    pub name_template: String,
    /// Files of values with their texts, the later above the earlier; none for the chart's own.
    pub values: Vec<(String, String)>,
    /// API versions that the cluster has beside the usual ones.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes, or empty.
    pub kube_version: String,
    /// Custom resource definitions are rendered too.
    pub include_definitions: bool,
    /// Hooks are left out.
    pub skip_hooks: bool,
    /// Tests are left out.
    pub skip_tests: bool,
}

/// Fetches remote bases and files.
pub trait Remotes {
    /// Returns the files of a repository at the revision that is asked for, or why there are none.
    /// The root of the files is the root of the repository.
    fn repository(&self, remote: &Remote) -> Result<Rc<dyn FileSystem>, String>;

    /// Returns the content of a file; none where the server says that there is none, as it does
    /// for a repository.
    fn file(&self, url: &str) -> Result<Option<Vec<u8>>, String>;
}

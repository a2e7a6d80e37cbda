//! From a kubeconfig and the name of a context to a cluster: takes the options, gives a connected
//! cluster or a typed reason why not, never falls back to the kubeconfig's current context.

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::client::Cluster;
use super::error::{ApiError, chain};

/// How to reach the cluster.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// The kubeconfig; absent for the files of `KUBECONFIG` or `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context, always named by the caller.
    pub context: String,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no kubeconfig.
    #[error("no kubeconfig at {path}: {message}")]
    NoKubeconfig {
        /// Where it was looked for.
        path: String,
        /// What the system said.
        message: String,
    },
    /// The kubeconfig cannot be understood.
    #[error("the kubeconfig cannot be understood: {message}")]
    BadKubeconfig {
        /// What is wrong with it.
        message: String,
    },
    /// The kubeconfig has no such context.
    #[error("the kubeconfig has no context \"{context}\"; it knows {}", list(.known))]
    UnknownContext {
        /// The context that was asked for.
        context: String,
        /// The contexts that are there.
        known: Vec<String>,
    },
    /// The context's cluster, user, certificate or key is missing or broken.
    #[error("the context \"{context}\" cannot be used: {message}")]
    BadContext {
        /// The context.
        context: String,
        /// What is wrong with it.
        message: String,
    },
    /// No API server answers.
    #[error("the API server {server} of the context \"{context}\" cannot be reached: {message}")]
    Unreachable {
        /// The context.
        context: String,
        /// The URL.
        server: String,
        /// What the connection said.
        message: String,
    },
    /// The API server does not know who asks.
    #[error(
        "the API server {server} does not accept the credentials of the context \"{context}\": {message}"
    )]
    Unauthorized {
        /// The context.
        context: String,
        /// The URL.
        server: String,
        /// What the server said.
        message: String,
    },
    /// The API server knows who asks and refuses.
    #[error(
        "the credentials of the context \"{context}\" lack a permission on {server}: {message}"
    )]
    Forbidden {
        /// The context.
        context: String,
        /// The URL.
        server: String,
        /// What the server said.
        message: String,
    },
}

/// Joins names for a sentence.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Cluster {
    /// Connects to the cluster of the context and asks for its version, so that an unreachable
    /// or refusing server is found here.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let kubeconfig = read(options)?;
        let known: Vec<String> = kubeconfig
            .contexts
            .iter()
            .map(|context| context.name.clone())
            .collect();
        let context = options.context.clone();
        if !known.contains(&context) {
            return Err(ConnectError::UnknownContext { context, known });
        }
        let selection = KubeConfigOptions {
            context: Some(context.clone()),
            ..KubeConfigOptions::default()
        };
        let bad = |message: String| ConnectError::BadContext {
            context: context.clone(),
            message,
        };
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &selection)
            .await
            .map_err(|error| bad(chain(&error)))?;
        // Retries are ours: each of them is an event that the user sees.
        config.default_retry = false;
        config.connect_timeout = Some(Duration::from_secs(10));
        config.headers.push((
            http::header::USER_AGENT,
            http::HeaderValue::from_static(concat!("firstlight/", env!("CARGO_PKG_VERSION"))),
        ));
        let server = config
            .cluster_url
            .to_string()
            .trim_end_matches('/')
            .to_owned();
        let client = kube::Client::try_from(config).map_err(|error| bad(chain(&error)))?;
        let cluster = Self::new(client, context.clone(), server.clone());
        match cluster.version().await {
            Ok(_) => Ok(cluster),
            Err(error) => Err(classify(error, context, server)),
        }
    }
}

/// Tells the failures of a first request apart.
pub(super) fn classify(error: ApiError, context: String, server: String) -> ConnectError {
    match error {
        ApiError::Refused(refusal) if refusal.code == 401 => ConnectError::Unauthorized {
            context,
            server,
            message: refusal.message,
        },
        ApiError::Refused(refusal) if refusal.code == 403 => ConnectError::Forbidden {
            context,
            server,
            message: refusal.message,
        },
        ApiError::Credentials { message } => ConnectError::BadContext { context, message },
        ApiError::Unreachable { message } => ConnectError::Unreachable {
            context,
            server,
            message,
        },
        other => ConnectError::Unreachable {
            context,
            server,
            message: other.to_string(),
        },
    }
}

fn read(options: &ConnectOptions) -> Result<Kubeconfig, ConnectError> {
    let result = match &options.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    result.map_err(|error| match error {
        KubeconfigError::ReadConfig(error, path) => ConnectError::NoKubeconfig {
            path: path.display().to_string(),
            message: error.to_string(),
        },
        KubeconfigError::FindPath => ConnectError::NoKubeconfig {
            path: "~/.kube/config".to_owned(),
            message: "there is no home folder, and KUBECONFIG is not set".to_owned(),
        },
        // The parser's own words quote the file, and with it keys and tokens: only the place is told.
        KubeconfigError::Parse(error) => ConnectError::BadKubeconfig {
            message: error.location().map_or_else(
                || "it is not a kubeconfig in YAML".to_owned(),
                |place| {
                    let (line, column) = (place.line(), place.column());
                    format!("line {line}, column {column} is not as a kubeconfig in YAML has it")
                },
            ),
        },
        other => ConnectError::BadKubeconfig {
            message: chain(&other),
        },
    })
}

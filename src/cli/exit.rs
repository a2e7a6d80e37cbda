//! The exit codes, documented in docs/cli.md: takes nothing, gives numbers, never changes one.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// All went well.
    Success = 0,
    /// A mistake of firstlight itself, or output that could not be written.
    Internal = 1,
    /// The command line was not understood.
    Usage = 2,
    /// The repository has a problem: no such environment or service, a file, a chart.
    Definition = 3,
    /// There are findings that are errors.
    Findings = 4,
    /// No cluster: no kubeconfig, no such context, not reachable, a permission is lacking.
    Cluster = 5,
    /// The run ended before all services were ready, or `status` found one that is not.
    Incomplete = 6,
    /// All services are ready, but Argo CD did not become the owner.
    Handover = 7,
    /// The user said no when asked.
    Declined = 8,
    /// A chart that does not stand in the repository could not be had.
    Fetch = 9,
    /// Stopped by Ctrl-C.
    Interrupted = 130,
}

//! The program as people meet it: whole outputs on a small platform, and what must hold on the
//! reference platform.

mod applicationset;
mod bad_input;
mod change;
mod chart;
mod chart_dependency;
mod chart_lint;
mod chart_package;
mod cluster_input;
mod edges;
mod fetching;
mod git;
mod good_input;
mod init;
mod jsonnet;
mod kustomize;
mod layouts;
mod lint;
mod mistakes;
mod new;
mod pictures;
mod planted;
mod plugin;
mod reference;
mod support;

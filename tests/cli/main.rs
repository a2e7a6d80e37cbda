//! The program as people meet it: whole outputs on a small platform, and what must hold on the
//! reference platform.

mod bad_input;
mod chart;
mod chart_dependency;
mod chart_lint;
mod chart_package;
mod cluster_input;
mod fetching;
mod good_input;
mod kustomize;
mod mistakes;
mod reference;
mod support;

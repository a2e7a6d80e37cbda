//! Helm charts: load, dependencies, values, functions, render.

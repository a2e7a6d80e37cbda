//! New things as files.
